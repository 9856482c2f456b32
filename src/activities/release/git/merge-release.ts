import type { ReleaseActivities } from '../../../contracts/activities.ts';
import { isAncestor, mergeCommits } from '../../../integrations/git/merge.ts';
import { fetchMirror, resolveCommit } from '../../../integrations/git/mirror/mirror.ts';
import { branchRef } from '../../../integrations/git/names.ts';
import { pushRef } from '../../../integrations/git/remote.ts';
import { fillGitText } from '../../../release/git-texts.ts';
import type { ActivityDeps } from '../../deps.ts';
import { findProduct, openProductMirror } from '../../deps.ts';
import { fail } from '../../fail.ts';
import { performEffect } from '../../perform-effect.ts';
import { readTipContaining } from './check-base.ts';
import { WINDLASS_SIGNATURE, withReleaseTrailer } from './identity.ts';

/** Times that main may move under a merge before a person is asked to look why it is so busy. */
const TRIES = 5;

/**
 * Merges the release commit into the release branch of the product by a merge commit. When main moved meanwhile it
 * is merged again on the new tip; a conflict of content is a person's work.
 */
export function mergeRelease(deps: ActivityDeps): ReleaseActivities['mergeRelease'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    const mirror = await openProductMirror(deps, product);
    const branch = product.release.releaseBranch;
    const ref = branchRef(branch);
    return await performEffect(deps, {
      name: 'merge',
      key: `${input.releaseId}/merge/${branch}`,
      target: `merge of ${input.version} into ${branch}`,
      read: async () => {
        await fetchMirror(mirror);
        const tip = await resolveCommit(mirror, branch);
        if (!(await isAncestor(mirror, input.commit, tip))) return { is: 'absent' };
        return { is: 'ours', value: { mergeCommit: tip }, proof: tip };
      },
      write: async () => {
        for (let attempt = 1; attempt <= TRIES; attempt++) {
          const tip = await readTipContaining(
            mirror,
            branch,
            input.base,
            'the version is live; find out who rewrote the branch, put its history right, then retry',
          );
          const merged = await mergeCommits(mirror, {
            ours: tip,
            theirs: input.commit,
            message: withReleaseTrailer(
              fillGitText('mergeMessage', product.git, {
                product: product.name,
                title: product.title,
                version: input.version,
                branch,
              }),
              input.releaseId,
            ),
            author: WINDLASS_SIGNATURE,
            date: input.plannedAt,
          });
          if ('conflicts' in merged) throw mergeConflict(branch, input.version, merged.conflicts);
          if ((await pushRef(mirror, { ref, sha: merged.sha, expected: tip })) === 'pushed') return;
        }
        throw fail('Unavailable', {
          what: `${branch} moved ${TRIES} times while ${input.version} was being merged into it`,
          changed: 'nothing',
          next: 'it is tried again',
        });
      },
    });
  };
}

function mergeConflict(branch: string, version: string, files: string[]) {
  return fail('Conflict', {
    what: `${version} cannot be merged into ${branch} by itself: ${files.join(', ')}`,
    changed: 'nothing; the version is live, only the merge is missing',
    next: `merge the release branch into ${branch} by hand (with a merge commit), push it, then retry`,
  });
}
