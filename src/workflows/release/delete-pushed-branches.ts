import { recordReceipts } from '../shared/receipts.ts';
import type { ReleaseRun } from '../shared/release-run.ts';

/** Deletes every release branch that this release pushed, under whichever plan and version. */
export async function deletePushedBranches(run: ReleaseRun): Promise<void> {
  const branches = [...new Set(run.pushed.map(({ branch }) => branch))];
  for (const branch of branches) {
    const effect = await run.activities.release(`delete ${branch}`).deleteReleaseBranch({
      product: run.record.product,
      releaseId: run.record.releaseId,
      branch,
      commits: run.pushed.filter((pushed) => pushed.branch === branch).map(({ commit }) => commit),
    });
    recordReceipts(run, effect.receipts);
  }
}
