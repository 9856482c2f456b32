import { recordReceipts } from '../shared/receipts.ts';
import type { ReleaseRun } from '../shared/release-run.ts';

/** Deletes every release branch that this release pushed, under whichever plan and version. */
export async function deletePushedBranches(run: ReleaseRun): Promise<void> {
  const { pushed } = run.control;
  const branches = [...new Set(pushed.map(({ branch }) => branch))];
  for (const branch of branches) {
    const effect = await run.activities.release(`delete ${branch}`).deleteReleaseBranch({
      product: run.record.product,
      releaseId: run.record.releaseId,
      branch,
      commits: pushed.filter((one) => one.branch === branch).map(({ commit }) => commit),
    });
    recordReceipts(run, effect.receipts);
  }
}
