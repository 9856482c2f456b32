import { allHandlersFinished, condition, isCancellation } from '@temporalio/workflow';
import type { ReleaseResult } from '../../contracts/workflows.ts';
import type { ReleaseRecord } from '../../release/record.ts';
import { openRecord } from '../../release/record.ts';
import type { ProductSettings } from '../../release/settings.ts';
import type { ReleaseRequest } from '../../release/values.ts';
import { endAborted, endRelease, endRolledBack } from '../release/end-release.ts';
import { assembleCrew } from '../shared/crew.ts';
import { describeFailure } from '../shared/describe-failure.ts';
import { ReleaseDesk } from '../shared/desk.ts';
import { AbortRequested, ReplanRequested, RolledBack } from '../shared/interrupts.ts';

/**
 * The frame of a building block that is started alone: a desk with a record of its own, whose steps wait for people
 * when they fail, and an end that is archived. `run` ends the record itself when it succeeds.
 */
export async function runBlock(
  kind: ReleaseRecord['kind'],
  request: ReleaseRequest,
  run: (desk: ReleaseDesk, settings: ProductSettings) => Promise<void>,
): Promise<ReleaseResult> {
  const desk = new ReleaseDesk(
    openRecord(kind, request, request.product, new Date().toISOString()),
    assembleCrew(),
  );
  desk.noReplan = 'there is no plan to replace: abort, and start it again';
  desk.open();
  try {
    const settings = await desk.crew
      .release(`configuration of ${request.product}`)
      .loadProduct({ product: request.product });
    await run(desk, settings);
  } catch (error) {
    if (error instanceof RolledBack) await endRolledBack(desk, error);
    else if (error instanceof AbortRequested) await endAborted(desk, `${error.by}: ${error.reason}`);
    else if (isCancellation(error)) await endAborted(desk, 'cancelled in the Temporal Web UI');
    else if (error instanceof ReplanRequested) await endRelease(desk, 'failed', error.message);
    else await endRelease(desk, 'failed', describeFailure(error).what);
  }
  await desk.drain();
  await condition(allHandlersFinished);
  return {
    outcome: desk.record.outcome ?? 'failed',
    ending: desk.record.ending ?? '',
    ...(desk.record.plan === undefined ? {} : { version: desk.record.plan.version }),
  };
}
