import type { TestedRelease } from '../../../release/values.ts';
import { recordReceipts } from '../../shared/receipts.ts';
import type { ReleaseRun } from '../../shared/release-run.ts';
import { runStep } from '../../shared/run-step.ts';

/**
 * Pushes `release/<product>/vX.Y.Z`: the first thing that anybody outside sees of the release. Commits that earlier plans
 * of this same release pushed there are replaced; nothing else is ever overwritten.
 */
export async function pushBranch(run: ReleaseRun, tested: TestedRelease): Promise<void> {
  const replaces = run.control.pushed
    .filter(({ branch }) => branch === tested.branch)
    .map(({ commit }) => commit);
  // Noted before the push: one that is cut short by an abort may have arrived all the same.
  run.apply({ event: 'branch_noted', branch: tested.branch, commit: tested.commit });
  run.apply({ event: 'phase_entered', phase: 'branch' });
  await runStep(
    run,
    {
      id: 'branch.push',
      title: `Push ${tested.branch}`,
      phase: 'branch',
      role: 'release',
      describe: () => `${tested.branch} at ${tested.commit.slice(0, 12)}`,
    },
    async () => {
      const effect = await run.activities.release(`push ${tested.branch}`).pushReleaseBranch({
        product: tested.request.product,
        releaseId: tested.request.releaseId,
        branch: tested.branch,
        commit: tested.commit,
        base: tested.base,
        bundle: tested.bundle,
        replaces,
      });
      recordReceipts(run, effect.receipts);
    },
  );
}
