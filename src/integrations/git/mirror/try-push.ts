import { assertRef, assertSha } from '../names.ts';
import { askMirror, askRemote, findCommit, type Mirror } from './mirror.ts';

/**
 * Asks the remote whether it would let us push, without pushing: git logs in with the right to write, and sends
 * nothing. A ref that is elsewhere is no refusal here; what hooks and rules say is only known to the server.
 * @throws {GitFailed} when the remote would not.
 */
export async function tryPush(mirror: Mirror, change: { ref: string; sha: string }): Promise<void> {
  const ref = assertRef(change.ref);
  await askRemote(mirror, [
    'push',
    '--dry-run',
    '--quiet',
    '--force',
    '--no-verify',
    '--no-signed',
    '--recurse-submodules=no',
    '--',
    mirror.url,
    `${assertSha(change.sha)}:${ref}`,
  ]);
}

/**
 * A ref that keeps another from being made, as of the last fetch: git has no `release` beside `release/v1`.
 * Undefined where there is none.
 */
export async function findBlockingRef(mirror: Mirror, ref: string): Promise<string | undefined> {
  const parts = assertRef(ref).split('/');
  for (let length = 3; length < parts.length; length += 1) {
    const above = parts.slice(0, length).join('/');
    if ((await findCommit(mirror, above)) !== undefined) return above;
  }
  const local = ref.replace(/^refs\/heads\//, 'refs/remotes/origin/');
  const { stdout } = await askMirror(mirror, [
    'for-each-ref',
    '--count=1',
    '--format=%(refname)',
    `${local}/`,
  ]);
  const below = stdout.toString().trim();
  return below === '' ? undefined : below.replace(/^refs\/remotes\/origin\//, 'refs/heads/');
}
