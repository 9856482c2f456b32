import type { ReleaseInput, ReleaseResult } from '../../contracts/workflows.ts';
import { openRecord } from '../../release/record/record.ts';
import type { ReleaseRequest } from '../../release/values.ts';
import { ReplanRequested } from '../shared/interrupts.ts';
import { ReleaseRun } from '../shared/release-run.ts';
import { timelineFormat } from '../shared/timeline-format.ts';
import { endBy, endRelease, withdrawForReplan } from './end-release.ts';
import { announce } from './phases/announce.ts';
import { pushBranch } from './phases/branch.ts';
import { buildOnce, commitRelease } from './phases/build.ts';
import { finalize } from './phases/finalize.ts';
import { runGates } from './phases/gates.ts';
import { askGoLive } from './phases/go-live.ts';
import { planRelease, reviewChangelog } from './phases/plan.ts';
import { ship } from './phases/production.ts';
import { publishStaged } from './phases/publish.ts';
import { checkReadiness, refuseRolledBack } from './phases/readiness.ts';
import { stage } from './phases/staging.ts';
import { pruneStore } from './prune-store.ts';

/**
 * A release, from the request to "release complete". It ends only as released, rolled back, aborted by a person, or
 * with nothing to release: a failure in between waits for people, for as long as it takes.
 */
export async function release(input: ReleaseInput): Promise<ReleaseResult> {
  const { request } = input;
  const record = openRecord('release', request, request.product, new Date().toISOString(), timelineFormat());
  const run = new ReleaseRun(record);
  run.open();
  let wanted = request;
  for (;;) {
    try {
      await releaseOnce(run, wanted);
      break;
    } catch (error) {
      if (error instanceof ReplanRequested) {
        run.clear('replan');
        if (run.control.preemptedBy !== undefined) run.apply({ event: 'resumed', by: error.by });
        if (run.control.noReplan !== undefined) {
          const version = await withdrawForReplan(run, error.reason);
          if (version !== undefined) wanted = { ...request, version };
          run.clear('noReplan');
        }
        run.clear('preemptedBy');
        run.apply({ event: 'replanned', by: error.by, reason: error.reason });
        await run.notify('ceo', { occasion: 'replanned' });
        continue;
      }
      await endBy(run, error);
      break;
    }
  }
  return await run.close();
}

async function releaseOnce(run: ReleaseRun, request: ReleaseRequest): Promise<void> {
  const settings = await run.activities
    .release(`configuration of ${request.product}`)
    .loadProduct({ product: request.product });
  const ready = await checkReadiness(run, request, settings, { wholeWay: true });
  if ('nothing' in ready) {
    await endRelease(run, 'nothing_to_release', ready.nothing);
    return;
  }
  await refuseRolledBack(run, ready);
  const plan = await planRelease(run, ready);
  const reviewed = await reviewChangelog(run, plan);
  const committed = await commitRelease(run, reviewed);
  const built = await buildOnce(run, committed);
  const tested = await runGates(run, built);
  await pushBranch(run, tested);
  const staged = await stage(run, tested);
  const goLive = await askGoLive(run, staged);
  await goLive.renew();
  const published = await publishStaged(run, staged, goLive);
  await goLive.renew();
  const shipped = await ship(run, published, goLive);
  const final = await finalize(run, shipped);
  await announce(run, final);
  await pruneStore(run, settings);
  await endRelease(run, 'released', `${settings.title} ${final.version} is released`);
}
