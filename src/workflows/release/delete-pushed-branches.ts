import type { ReleaseDesk } from '../shared/desk.ts';
import { recordReceipts } from '../shared/receipts.ts';

/** Deletes every release branch that this release pushed, under whichever plan and version. */
export async function deletePushedBranches(desk: ReleaseDesk): Promise<void> {
  const branches = [...new Set(desk.pushed.map(({ branch }) => branch))];
  for (const branch of branches) {
    const effect = await desk.crew.release(`delete ${branch}`).deleteReleaseBranch({
      product: desk.record.product,
      releaseId: desk.record.releaseId,
      branch,
      commits: desk.pushed.filter((pushed) => pushed.branch === branch).map(({ commit }) => commit),
    });
    recordReceipts(desk, effect.receipts);
  }
}
