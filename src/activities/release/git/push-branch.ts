import type { ReleaseActivities } from '../../../contracts/activities.ts';
import { unpackCommit } from '../../../integrations/git/bundle.ts';
import { isAncestor } from '../../../integrations/git/merge.ts';
import { fetchMirror, findCommit, type Mirror } from '../../../integrations/git/mirror/mirror.ts';
import { branchRef } from '../../../integrations/git/names.ts';
import { deleteRef, pushRef, readRemoteRef } from '../../../integrations/git/remote.ts';
import type { ActivityDeps } from '../../deps.ts';
import { findProduct, openProductMirror } from '../../deps.ts';
import { performEffect } from '../../perform-effect.ts';
import { isLeftover } from '../leftovers.ts';
import { readTipContaining } from './check-base.ts';

/** Pushes the release branch. A branch with other content is somebody else's; what earlier plans and runs left there is ours. */
export function pushReleaseBranch(deps: ActivityDeps): ReleaseActivities['pushReleaseBranch'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    const mirror = await openProductMirror(deps, product);
    await readTipContaining(
      mirror,
      product.release.releaseBranch,
      input.base,
      'replan, to take the new history',
    );
    await unpackCommit(mirror, await deps.store.read(input.bundle), input.commit);
    const ref = branchRef(input.branch);
    let found: string | undefined;
    return await performEffect(deps, {
      name: 'release-branch',
      key: `${input.releaseId}/branch/${input.branch}`,
      target: `branch ${input.branch}`,
      read: async () => {
        found = await readRemoteRef(mirror, ref);
        if (found === input.commit) return { is: 'ours', value: { ref }, proof: input.commit };
        if (found === undefined || input.replaces.includes(found)) return { is: 'absent' };
        if (await isLeftover(mirror, product.name, found)) return { is: 'absent' };
        return {
          is: 'foreign',
          ours: input.commit,
          theirs: found,
          next: `delete the branch if nobody needs it (git push origin --delete ${input.branch}), then retry; or abort`,
        };
      },
      write: async () => {
        await pushRef(mirror, { ref, sha: input.commit, expected: found ?? null });
      },
    });
  };
}

/**
 * Whether a branch was made of what this release pushed, and all of it is in another one: then nothing is lost with it,
 * whoever brought it up to date.
 */
async function isMerged(mirror: Mirror, found: string, commits: string[], into: string): Promise<boolean> {
  await fetchMirror(mirror);
  const tip = await findCommit(mirror, into);
  const isHere = (await findCommit(mirror, found)) !== undefined;
  if (tip === undefined || !isHere || !(await isAncestor(mirror, found, tip))) return false;
  for (const commit of commits) {
    const pushed = await findCommit(mirror, commit);
    if (pushed !== undefined && (await isAncestor(mirror, pushed, found))) return true;
  }
  return false;
}

/** Deletes the branch if it holds no more than this release pushed, or than was merged. One that somebody moved on is left alone. */
export function deleteReleaseBranch(deps: ActivityDeps): ReleaseActivities['deleteReleaseBranch'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    const mirror = await openProductMirror(deps, product);
    const ref = branchRef(input.branch);
    let found: string | undefined;
    return await performEffect(deps, {
      name: 'delete-branch',
      key: `${input.releaseId}/delete-branch/${input.branch}`,
      target: `branch ${input.branch}`,
      read: async () => {
        found = await readRemoteRef(mirror, ref);
        if (found === undefined) return { is: 'ours', value: { ref }, proof: 'gone' };
        if (input.commits.includes(found)) return { is: 'absent' };
        if (await isMerged(mirror, found, input.commits, product.release.releaseBranch))
          return { is: 'absent' };
        return {
          is: 'foreign',
          ours: `nothing more on ${input.branch} than ${input.commits.join(' or ')}`,
          theirs: found,
          next: 'see what was pushed there; merge or delete it by hand, then retry',
        };
      },
      write: async () => {
        if (found !== undefined) await deleteRef(mirror, { ref, expected: found });
      },
    });
  };
}
