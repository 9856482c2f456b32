import { allHandlersFinished, condition, isCancellation } from '@temporalio/workflow';
import type { ReleaseResult } from '../../contracts/workflows.ts';
import type { ReleaseRecord } from '../../release/record/record.ts';
import { openRecord } from '../../release/record/record.ts';
import type { ProductSettings } from '../../release/settings.ts';
import type { ReleaseRequest } from '../../release/values.ts';
import { endAborted, endRelease, endRolledBack, endTakenBack } from '../release/end-release.ts';
import { describeFailure } from '../shared/describe-failure.ts';
import { AbortRequested, ReplanRequested, RolledBack, TakenBack } from '../shared/interrupts.ts';
import { ReleaseRun } from '../shared/release-run.ts';
import { proxyRoleActivities } from '../shared/role-activities.ts';
import { timelineFormat } from '../shared/timeline-format.ts';

/**
 * The frame of a building block that is started alone: a run with a record of its own, whose steps wait for people
 * when they fail, and an end that is archived. `work` ends the record itself when it succeeds.
 */
export async function runOperation(
  kind: ReleaseRecord['kind'],
  request: ReleaseRequest,
  work: (run: ReleaseRun, settings: ProductSettings) => Promise<void>,
): Promise<ReleaseResult> {
  const run = new ReleaseRun(
    openRecord(kind, request, request.product, new Date().toISOString(), timelineFormat()),
    proxyRoleActivities(),
  );
  run.set('noReplan', 'there is no plan to replace: abort, and start it again');
  run.open();
  try {
    const settings = await run.activities
      .release(`configuration of ${request.product}`)
      .loadProduct({ product: request.product });
    await work(run, settings);
  } catch (error) {
    if (error instanceof RolledBack) await endRolledBack(run, error);
    else if (error instanceof TakenBack) await endTakenBack(run, error);
    else if (error instanceof AbortRequested) await endAborted(run, `${error.by}: ${error.reason}`);
    else if (isCancellation(error)) await endAborted(run, 'cancelled in the Temporal Web UI');
    else if (error instanceof ReplanRequested) await endRelease(run, 'failed', error.message);
    else await endRelease(run, 'failed', describeFailure(error).what);
  }
  await run.drain();
  await condition(allHandlersFinished);
  return {
    outcome: run.record.outcome ?? 'failed',
    ending: run.record.ending ?? '',
    ...(run.record.plan === undefined ? {} : { version: run.record.plan.version }),
  };
}
