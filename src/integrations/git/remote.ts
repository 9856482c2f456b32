import { GitFailed, GitUnknownOutcome } from './git-errors.ts';
import { askRemote, type Mirror } from './mirror/mirror.ts';
import { assertRef, assertSha } from './names.ts';

/** Somebody else's value is where we expected another. `conflict` is what is there now; null: nothing. */
export interface RefConflict {
  conflict: string | null;
}

/**
 * What a full ref points at on the remote itself, at this moment; undefined when it does not exist. For an annotated
 * tag that is the tag object. @throws {GitFailed}
 */
export async function readRemoteRef(mirror: Mirror, ref: string): Promise<string | undefined> {
  // The server matches by suffix, so `refs/heads/x` may also bring `refs/heads/refs/heads/x`.
  const { stdout } = await askRemote(mirror, ['ls-remote', '--quiet', '--', mirror.url, assertRef(ref)]);
  const line = stdout
    .toString()
    .split('\n')
    .find((candidate) => candidate.endsWith(`\t${ref}`));
  return line?.split('\t')[0];
}

/**
 * Sets a ref of the remote to `sha` if it still is what was expected (null: absent); the server compares and sets in
 * one step. A ref that already is at `sha` counts as pushed.
 * @throws {GitUnknownOutcome} when the connection broke on the way. {@link GitFailed} when the server refuses
 * ('refused': protected; its words are in the message), or nothing was sent.
 */
export async function pushRef(
  mirror: Mirror,
  change: { ref: string; sha: string; expected: string | null },
): Promise<'pushed' | RefConflict> {
  const { ref, sha, expected } = change;
  return changeRef(mirror, assertRef(ref), assertSha(sha), expected === null ? null : assertSha(expected));
}

/**
 * Deletes a ref of the remote if it still is what was expected. One that is gone already counts as deleted.
 * @throws as {@link pushRef}.
 */
export async function deleteRef(
  mirror: Mirror,
  change: { ref: string; expected: string },
): Promise<'deleted' | RefConflict> {
  const outcome = await changeRef(mirror, assertRef(change.ref), null, assertSha(change.expected));
  return outcome === 'pushed' ? 'deleted' : outcome;
}

async function changeRef(
  mirror: Mirror,
  ref: string,
  wanted: string | null,
  expected: string | null,
): Promise<'pushed' | RefConflict> {
  const before = (await readRemoteRef(mirror, ref)) ?? null;
  if (before === wanted) return 'pushed';
  if (before !== expected) return { conflict: before };
  let failure: GitFailed;
  try {
    await askRemote(mirror, [
      'push',
      '--quiet',
      '--no-verify',
      '--no-signed',
      '--recurse-submodules=no',
      `--force-with-lease=${ref}:${expected ?? ''}`,
      '--',
      mirror.url,
      `${wanted ?? ''}:${ref}`,
    ]);
    return 'pushed';
  } catch (error) {
    if (!(error instanceof GitFailed)) throw error;
    failure = error;
  }
  if (!mayHaveArrived(failure)) {
    // Rejected: by the comparison, which is a conflict, or for a reason of the server's own.
    if (!wasRejected(failure)) throw failure;
    const now = (await readRemoteRef(mirror, ref)) ?? null;
    if (now === wanted) return 'pushed';
    if (now !== expected) return { conflict: now };
    throw failure;
  }
  throw new GitUnknownOutcome(ref, failure);
}

function mayHaveArrived(failure: GitFailed): boolean {
  return (
    ['broken-off', 'timeout'].includes(failure.trouble) ||
    (failure.trouble === 'failed' && failure.exitCode !== 1)
  );
}

function wasRejected(failure: GitFailed): boolean {
  return failure.exitCode === 1 || failure.trouble === 'refused';
}
