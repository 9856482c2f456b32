import {
  CancellationScope,
  condition,
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
import { endRelease } from '../release/end-release.ts';
import type { ReleaseRun } from '../shared/release-run.ts';
import { runStep } from '../shared/run-step.ts';
import { mistake, requireProduction } from './find-production.ts';
import { runOperation } from './run-operation.ts';

/** Watches production for as long as asked, with the verdicts of a release. It reports, and changes nothing. */
export async function monitorProduct(input: MonitorProductInput): Promise<ReleaseResult> {
  return await runOperation('monitoring', input.request, async (run, settings) => {
    const environment = requireProduction(settings);
    if (environment.checks.length === 0) throw mistake(`${environment.name} has no checks configured`);
    const { intervalMs } = settings.policy.minor.monitoring;
    const result = await runStep(
      run,
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
          reportTo: run.workflowId,
        };
        return await watch(run, monitoring);
      },
    );
    if (result.status === 'failed') {
      await endRelease(
        run,
        'failed',
        `${result.reason} (${result.severity ?? 'high'}): windlass incident, or windlass rollback ${settings.name}`,
      );
      return;
    }
    await endRelease(run, 'completed', result.reason);
  });
}

/** Runs the window; people may lengthen it, or end it with a reason (the run has verified who says so). */
async function watch(run: ReleaseRun, input: MonitoringInput): Promise<MonitoringResult> {
  const workflowId = `${run.workflowId}/${input.releaseId}`;
  const scope = new CancellationScope();
  let over = false;
  run.set('deployment', { workflowId, production: false, watchOnly: true });
  void condition(() => over || run.control.endWindow !== undefined).then(() => {
    if (!over) scope.cancel();
  });
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
    const ended = run.control.endWindow;
    if (ended === undefined || !isCancellation(error)) throw error;
    return { status: 'ended_early', reason: `ended early by ${ended.by}: ${ended.reason}` };
  } finally {
    over = true;
    run.clear('deployment');
    run.clear('endWindow');
  }
}
