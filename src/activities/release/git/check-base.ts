import { isAncestor } from '../../../integrations/git/merge.ts';
import type { Mirror } from '../../../integrations/git/mirror/mirror.ts';
import { fetchMirror, resolveCommit } from '../../../integrations/git/mirror/mirror.ts';
import { fail } from '../../fail.ts';

/**
 * The tip of `branch` on the remote now. Refuses to go on when the planned commit is no longer in its history: somebody
 * rewrote the branch, and a merge would bring the old history back.
 */
export async function readTipContaining(
  mirror: Mirror,
  branch: string,
  base: string,
  next: string,
): Promise<string> {
  await fetchMirror(mirror);
  const tip = await resolveCommit(mirror, branch);
  if (await isAncestor(mirror, base, tip)) return tip;
  throw fail('Conflict', {
    what: `${branch} has diverged: it is at ${tip}, and the planned commit ${base} is not in its history any more`,
    changed: 'nothing by this step',
    next,
  });
}
