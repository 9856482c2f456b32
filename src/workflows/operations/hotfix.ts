import type { PreparedHotfix } from '../../contracts/release-answers.ts';
import type { HotfixInput, ReleaseResult } from '../../contracts/workflows.ts';
import type { ProductSettings } from '../../release/settings.ts';
import type { ReleasePlan } from '../../release/values.ts';
import { endRelease } from '../release/end-release.ts';
import { announce } from '../release/phases/announce.ts';
import { pushBranch } from '../release/phases/branch.ts';
import { buildOnce, commitRelease } from '../release/phases/build.ts';
import { finalize } from '../release/phases/finalize.ts';
import { runGates } from '../release/phases/gates.ts';
import { askGoLive } from '../release/phases/go-live.ts';
import { recordPlan } from '../release/phases/plan.ts';
import { ship } from '../release/phases/production.ts';
import { publishStaged } from '../release/phases/publish.ts';
import { pruneStore } from '../release/prune-store.ts';
import type { ReleaseRun } from '../shared/release-run.ts';
import { runStep } from '../shared/run-step.ts';
import { findVersion, mistake, readRunning, requireProduction } from './find-production.ts';
import { preemptRelease } from './preempt-release.ts';
import { runOperation } from './run-operation.ts';

/**
 * An emergency fix on top of what production runs: smoke gate, one approval on the fast track, production, an hour of
 * enhanced monitoring, and back into main. It has right of way over a release in flight.
 */
export async function hotfix(input: HotfixInput): Promise<ReleaseResult> {
  return await runOperation('hotfix', input.request, async (run, settings) => {
    await preemptRelease(run, settings);
    const plan = await planHotfix(run, settings, input);
    const committed = await commitRelease(run, plan);
    const built = await buildOnce(run, committed);
    const tested = await runGates(run, built);
    const goLive = await askGoLive(run, tested);
    await pushBranch(run, tested);
    await goLive.renew();
    const published = await publishStaged(run, tested, goLive);
    await goLive.renew();
    const shipped = await ship(run, published, goLive);
    const final = await finalize(run, shipped);
    await announce(run, final);
    await run.notify('on_call', { occasion: 'complete' });
    await pruneStore(run, settings);
    await endRelease(run, 'released', `${settings.title} ${final.version} is live: the incident is resolved`);
  });
}

async function planHotfix(
  run: ReleaseRun,
  settings: ProductSettings,
  input: HotfixInput,
): Promise<ReleasePlan> {
  if (input.commits.length === 0 && input.branch === undefined) {
    throw mistake('a hotfix needs commits to apply, or a branch that holds them');
  }
  const latest = await findVersion(run, { tagOnly: true }, 'readiness.latest');
  const environment = settings.environments.some((e) => e.kind === 'production')
    ? requireProduction(settings)
    : undefined;
  const running = environment ? (await readRunning(run, environment, latest)).version : latest.version;
  run.apply({ event: 'phase_entered', phase: 'plan' });
  const plannedAt = new Date().toISOString();
  const prepared = await runStep(
    run,
    {
      id: 'plan.version',
      title: `Prepare the hotfix of ${running}`,
      phase: 'plan',
      role: 'release',
      describe: (p: PreparedHotfix) => `${running} -> ${p.version}, ${p.includedTotal} commits`,
    },
    () =>
      run.activities.release(`prepare the hotfix of ${running}`).prepareHotfix({
        request: input.request,
        settings,
        running,
        commits: input.commits,
        ...(input.branch === undefined ? {} : { branch: input.branch }),
        plannedAt,
      }),
  );
  const { base, tip, previousVersion, previousTag, authors, takenBack = [], ...planned } = prepared;
  const ready = { request: input.request, settings, base, previousVersion, previousTag, takenBack };
  const plan = recordPlan(run, ready, planned, plannedAt);
  const strategy = input.careful ? 'blue-green' : plan.policy.strategy;
  return { ...plan, tip, authors, policy: { ...plan.policy, strategy } };
}
