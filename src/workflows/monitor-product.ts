import { ParentClosePolicy, startChild } from '@temporalio/workflow';
import { WORKFLOW_TYPES } from '../contracts/workflow-ids.ts';
import type {
  MonitoringInput,
  MonitoringResult,
  MonitorProductInput,
  ReleaseResult,
} from '../contracts/workflows.ts';
import { endRelease } from './end-release.ts';
import { mistake, requireProduction } from './find-production.ts';
import { runBlock } from './run-block.ts';
import { runStep } from './run-step.ts';

/** Watches production for as long as asked, with the verdicts of a release. It reports, and changes nothing. */
export async function monitorProduct(input: MonitorProductInput): Promise<ReleaseResult> {
  return await runBlock('monitoring', input.request, async (desk, settings) => {
    const environment = requireProduction(settings);
    if (environment.checks.length === 0) throw mistake(`${environment.name} has no checks configured`);
    const { intervalMs } = settings.policy.minor.monitoring;
    const result = await runStep(
      desk,
      {
        id: 'monitoring.window',
        title: `Monitor ${environment.name}`,
        phase: 'monitoring',
        role: 'support',
        describe: (r: MonitoringResult) => r.reason,
      },
      async () => {
        const monitoring: MonitoringInput = {
          releaseId: input.request.releaseId,
          product: input.request.product,
          environment: environment.name,
          level: 'standard',
          windowMs: input.windowMs,
          intervalMs: Math.min(intervalMs, input.windowMs / 4),
          checks: environment.checks,
          deployedAt: new Date().toISOString(),
          reportTo: desk.workflowId,
        };
        const child = await startChild(WORKFLOW_TYPES.monitoring, {
          workflowId: `${desk.workflowId}/${input.request.releaseId}`,
          args: [monitoring],
          parentClosePolicy: ParentClosePolicy.TERMINATE,
        });
        return (await child.result()) as MonitoringResult;
      },
    );
    if (result.status === 'failed') {
      await endRelease(
        desk,
        'failed',
        `${result.reason} (${result.severity ?? 'high'}): windlass incident, or windlass rollback ${settings.name}`,
      );
      return;
    }
    await endRelease(desk, 'completed', result.reason);
  });
}
