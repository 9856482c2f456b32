import type { PreflightFinding } from '../../contracts/preflight.ts';
import { fetchMirror, type Mirror, resolveCommit } from '../../integrations/git/mirror/mirror.ts';
import { findBlockingRef, tryPush } from '../../integrations/git/mirror/try-push.ts';
import { openWorkMirror } from '../deps.ts';
import { failedFinding } from './findings.ts';
import type { Look, LookedAt } from './look.ts';

/**
 * May this worker push what a release pushes: its branch, the merge, the tag, the state files? Asked with `git push
 * --dry-run`, which logs in with the right to write and sends nothing. Rules of the host are the host's to tell.
 */
export const lookAtPushes: Look = async (at) => {
  // Why it could not be fetched is said already.
  const tip = await at.tip().catch(() => undefined);
  if (tip === undefined) return [];
  const next = await at.next();
  const refs = [
    ...(next.branch === undefined ? [] : [{ name: next.branch, ref: `refs/heads/${next.branch}` }]),
    { name: next.main, ref: `refs/heads/${next.main}` },
    ...(next.tag === undefined ? [] : [{ name: `tag ${next.tag}`, ref: `refs/tags/${next.tag}` }]),
  ];
  const pushes = refs.map(({ name, ref }) => pushFinding(tip.mirror, `push to ${name}`, ref, tip.base));
  return [...(await Promise.all(pushes)), ...(await lookAtStateRepository(at))];
};

async function pushFinding(
  mirror: Mirror,
  subject: string,
  ref: string,
  sha: string,
): Promise<PreflightFinding> {
  const blocking = await findBlockingRef(mirror, ref);
  if (blocking !== undefined) {
    return {
      subject,
      state: 'problem',
      found: `${blocking} is there, and git keeps no ref both as a name and as a folder of names`,
      advice: `rename or delete ${blocking}`,
    };
  }
  try {
    await tryPush(mirror, { ref, sha });
    return { subject, state: 'ok', found: 'would be taken' };
  } catch (error) {
    return failedFinding(subject, 'problem', error, `give the worker of the role release the right to push`);
  }
}

/** Only where the state files are kept elsewhere. */
async function lookAtStateRepository({ deps, product }: LookedAt): Promise<PreflightFinding[]> {
  const { repositoryUrl, branch } = product.state;
  if (repositoryUrl === product.repositoryUrl) return [];
  const subject = `push to ${branch} of ${repositoryUrl}`;
  try {
    const mirror = await openWorkMirror(deps, repositoryUrl, {});
    await fetchMirror(mirror);
    await tryPush(mirror, { ref: `refs/heads/${branch}`, sha: await resolveCommit(mirror, branch) });
    return [{ subject, state: 'ok', found: 'would be taken' }];
  } catch (error) {
    return [failedFinding(subject, 'problem', error, 'give the role release the right to push there')];
  }
}
