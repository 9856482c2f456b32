import { allHandlersFinished, condition, isCancellation } from '@temporalio/workflow';
import type { ReleaseInput, ReleaseResult } from '../../contracts/workflows.ts';
import { openRecord } from '../../release/record.ts';
import type { ReleaseRequest } from '../../release/values.ts';
import { assembleCrew } from '../shared/crew.ts';
import { describeFailure } from '../shared/describe-failure.ts';
import { ReleaseDesk } from '../shared/desk.ts';
import { AbortRequested, ReplanRequested, RolledBack } from '../shared/interrupts.ts';
import { endAborted, endRelease, endRolledBack, withdrawForReplan } from './end-release.ts';
import { announce } from './phases/announce.ts';
import { pushBranch } from './phases/branch.ts';
import { buildOnce, commitRelease } from './phases/build.ts';
import { finalize } from './phases/finalize.ts';
import { runGates } from './phases/gates.ts';
import { askGoLive, renewGoLive } from './phases/go-live.ts';
import { planRelease, reviewChangelog } from './phases/plan.ts';
import { ship } from './phases/production.ts';
import { publishStaged } from './phases/publish.ts';
import { checkReadiness, refuseRolledBack } from './phases/readiness.ts';
import { stage } from './phases/staging.ts';

/**
 * A release, from the request to "release complete". It ends only as released, rolled back, aborted by a person, or
 * with nothing to release: a failure in between waits for people, for as long as it takes.
 */
export async function release(input: ReleaseInput): Promise<ReleaseResult> {
  const { request } = input;
  const record = openRecord('release', request, request.product, new Date().toISOString());
  const desk = new ReleaseDesk(record, assembleCrew());
  desk.open();
  let wanted = request;
  for (;;) {
    try {
      await releaseOnce(desk, wanted);
      break;
    } catch (error) {
      if (error instanceof ReplanRequested) {
        desk.replan = undefined;
        if (desk.parkedFor) desk.apply({ event: 'resumed', by: error.by });
        if (desk.noReplan) {
          const version = await withdrawForReplan(desk, error.reason);
          if (version !== undefined) wanted = { ...request, version };
          desk.noReplan = undefined;
        }
        desk.parkedFor = undefined;
        desk.apply({ event: 'replanned', by: error.by, reason: error.reason });
        await desk.notify('ceo', { occasion: 'replanned' });
        continue;
      }
      if (error instanceof RolledBack) await endRolledBack(desk, error);
      else if (error instanceof AbortRequested) await endAborted(desk, `${error.by}: ${error.reason}`);
      // Cancelled from the Web UI: the same as an abort, by somebody whom Temporal does not name.
      else if (isCancellation(error)) await endAborted(desk, 'cancelled in the Temporal Web UI');
      else await endRelease(desk, 'failed', describeFailure(error).what);
      break;
    }
  }
  await desk.drain();
  await condition(allHandlersFinished);
  return {
    outcome: desk.record.outcome ?? 'failed',
    ending: desk.record.ending ?? '',
    ...(desk.record.plan === undefined ? {} : { version: desk.record.plan.version }),
  };
}

async function releaseOnce(desk: ReleaseDesk, request: ReleaseRequest): Promise<void> {
  const settings = await desk.crew
    .release(`configuration of ${request.product}`)
    .loadProduct({ product: request.product });
  const ready = await checkReadiness(desk, request, settings);
  if ('nothing' in ready) {
    await endRelease(desk, 'nothing_to_release', ready.nothing);
    return;
  }
  await refuseRolledBack(desk, ready);
  const plan = await planRelease(desk, ready);
  const reviewed = await reviewChangelog(desk, plan);
  const committed = await commitRelease(desk, reviewed);
  const built = await buildOnce(desk, committed);
  const tested = await runGates(desk, built);
  await pushBranch(desk, tested);
  const staged = await stage(desk, tested);
  let authorization = await askGoLive(desk, staged);
  authorization = await renewGoLive(desk, staged, authorization);
  const published = await publishStaged(desk, staged, authorization);
  authorization = await renewGoLive(desk, staged, authorization);
  const shipped = await ship(desk, published, authorization);
  const final = await finalize(desk, shipped);
  await announce(desk, final);
  await endRelease(desk, 'released', `${settings.title} ${final.version} is released`);
}
