import type { ReleaseActivities } from '../../../contracts/activities.ts';
import { isAncestor, mergeCommits } from '../../../integrations/git/merge.ts';
import { fetchMirror, type Mirror, resolveCommit } from '../../../integrations/git/mirror/mirror.ts';
import { branchRef } from '../../../integrations/git/names.ts';
import { pushRef } from '../../../integrations/git/remote.ts';
import type { Standing } from '../../../providers/effect.ts';
import { fillGitText } from '../../../release/git-texts.ts';
import type { ActivityDeps } from '../../deps.ts';
import { findProduct, openProductMirror } from '../../deps.ts';
import { fail } from '../../fail.ts';
import { performEffect } from '../../perform-effect.ts';
import { readTipContaining } from './check-base.ts';
import { chooseMerge } from './choose-merge.ts';
import { WINDLASS_SIGNATURE, withReleaseTrailer } from './identity.ts';
import { mergeByRequest } from './merge-by-request.ts';

/** Times that main may move under a merge before a person is asked to look why it is so busy. */
const TRIES = 5;

/**
 * Merges the release commit into the release branch of the product by a merge commit, pushed or through a pull request.
 * When main moved meanwhile it is merged again on the new tip; a conflict of content is a person's work.
 */
export function mergeRelease(deps: ActivityDeps): ReleaseActivities['mergeRelease'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    const mirror = await openProductMirror(deps, product);
    const into = product.release.releaseBranch;
    const { name, title, git } = product;
    const { version, releaseId, commit, plannedAt } = input;
    const words = { product: name, title, version, branch: into };
    const message = withReleaseTrailer(fillGitText('mergeMessage', git, words), releaseId);
    const effect = {
      name: 'merge' as const,
      key: `${releaseId}/merge/${into}`,
      target: `merge of ${version} into ${into}`,
      read: async (): Promise<Standing<{ mergeCommit: string }>> => {
        await fetchMirror(mirror);
        const tip = await resolveCommit(mirror, into);
        if (!(await isAncestor(mirror, commit, tip))) return { is: 'absent' };
        return { is: 'ours', value: { mergeCommit: tip }, proof: tip };
      },
    };
    const chosen = await chooseMerge(deps, product);
    if (chosen.by === 'request') {
      const from = input.branch ?? fillGitText('branch', git, { product: name, version });
      const { request: number } = input;
      return await mergeByRequest({
        ...{ deps, mirror, chosen, effect, releaseId, commit, plannedAt, message, from, into },
        what: `${title} ${version}`,
        ...(number === undefined ? {} : { number }),
      });
    }
    const write = () => pushMerge(mirror, { ...input, into, message });
    return await performEffect(deps, { ...effect, write });
  };
}

interface PushedMerge {
  into: string;
  version: string;
  commit: string;
  base: string;
  message: string;
  plannedAt: string;
}

async function pushMerge(mirror: Mirror, wanted: PushedMerge): Promise<void> {
  const { into, version } = wanted;
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const tip = await readTipContaining(
      mirror,
      into,
      wanted.base,
      'the version is live; find out who rewrote the branch, put its history right, then retry',
    );
    const merged = await mergeCommits(mirror, {
      ours: tip,
      theirs: wanted.commit,
      message: wanted.message,
      author: WINDLASS_SIGNATURE,
      date: wanted.plannedAt,
    });
    if ('conflicts' in merged) throw mergeConflict(into, version, merged.conflicts);
    const ref = branchRef(into);
    if ((await pushRef(mirror, { ref, sha: merged.sha, expected: tip })) === 'pushed') return;
  }
  throw fail('Unavailable', {
    what: `${into} moved ${TRIES} times while ${version} was being merged into it`,
    changed: 'nothing',
    next: 'it is tried again',
  });
}

function mergeConflict(branch: string, version: string, files: string[]) {
  return fail('Conflict', {
    what: `${version} cannot be merged into ${branch} by itself: ${files.join(', ')}`,
    changed: 'nothing; the version is live, only the merge is missing',
    next: `merge the release branch into ${branch} by hand (with a merge commit), push it, then retry`,
  });
}
