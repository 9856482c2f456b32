import {
  CancellationScope,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  startChild,
} from '@temporalio/workflow';
import { WORKFLOW_TYPES } from '../../contracts/workflow-ids.ts';
import type {
  MonitoringInput,
  MonitoringResult,
  MonitorProductInput,
  ReleaseResult,
} from '../../contracts/workflows.ts';
import { INTERNAL_SIGNALS } from '../../contracts/workflows.ts';
import { endRelease } from '../release/end-release.ts';
import type { ReleaseDesk } from '../shared/desk.ts';
import { runStep } from '../shared/run-step.ts';
import { mistake, requireProduction } from './find-production.ts';
import { runBlock } from './run-block.ts';

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
        return await watch(desk, monitoring);
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

/** Runs the window; people may lengthen it, or end it with a reason (the desk has verified who says so). */
async function watch(desk: ReleaseDesk, input: MonitoringInput): Promise<MonitoringResult> {
  const workflowId = `${desk.workflowId}/${input.releaseId}`;
  const scope = new CancellationScope();
  let ended: string | undefined;
  desk.steer = async (steer) => {
    if (steer.what === 'extend') {
      await getExternalWorkflowHandle(workflowId).signal(INTERNAL_SIGNALS.steer, steer);
    }
    if (steer.what === 'end_monitoring' && steer.verified) {
      ended = `ended early by ${steer.by}: ${steer.reason}`;
      scope.cancel();
    }
  };
  try {
    return await scope.run(async () => {
      const child = await startChild(WORKFLOW_TYPES.monitoring, {
        workflowId,
        args: [input],
        parentClosePolicy: ParentClosePolicy.TERMINATE,
      });
      return (await child.result()) as MonitoringResult;
    });
  } catch (error) {
    if (ended !== undefined && isCancellation(error)) return { status: 'ended_early', reason: ended };
    throw error;
  } finally {
    desk.steer = undefined;
  }
}
