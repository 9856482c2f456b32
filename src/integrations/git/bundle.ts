import { GitFailed, GitRefMissing } from './git-errors.ts';
import { askMirror, fetchMirror, findCommit, type Mirror } from './mirror/mirror.ts';
import { assertSha } from './names.ts';

/**
 * Packs a commit and what leads to it from `base`, so that it can go to another worker before it is pushed. The reader
 * needs to have `base` (a commit that was pushed). The format is git's own thin pack.
 * @throws {GitRefMissing} when the mirror has not got one of them.
 */
export async function packCommit(mirror: Mirror, sha: string, base: string): Promise<Uint8Array> {
  for (const commit of [sha, base]) {
    if ((await findCommit(mirror, assertSha(commit))) === undefined)
      throw new GitRefMissing(commit, mirror.url);
  }
  const { stdout } = await askMirror(
    mirror,
    ['pack-objects', '--revs', '--thin', '--stdout', '--quiet', '--threads=1'],
    {
      input: `${sha}\n^${base}\n`,
    },
  );
  return stdout;
}

/**
 * Takes a packed commit into the mirror; fetches first when what it builds upon is not there yet. Afterwards the commit
 * and everything that it needs is in the mirror, or an error was thrown.
 * @throws {GitRefMissing} when the pack does not lead to that commit. {@link GitFailed}
 */
export async function unpackCommit(mirror: Mirror, bytes: Uint8Array, sha: string): Promise<void> {
  assertSha(sha);
  if (await isWhole(mirror, sha)) return;
  await indexPack(mirror, bytes).catch(async (error) => {
    if (!(error instanceof GitFailed)) throw error;
    await fetchMirror(mirror);
    await indexPack(mirror, bytes);
  });
  if (await isWhole(mirror, sha)) return;
  await fetchMirror(mirror);
  if (!(await isWhole(mirror, sha))) throw new GitRefMissing(sha, 'the packed release commit');
}

async function indexPack(mirror: Mirror, bytes: Uint8Array): Promise<void> {
  await askMirror(mirror, ['index-pack', '--stdin', '--fix-thin', '--strict'], { input: bytes });
}

/** Whether the commit is there with all that it needs beyond what the remote is known to have. */
async function isWhole(mirror: Mirror, sha: string): Promise<boolean> {
  if ((await findCommit(mirror, sha)) === undefined) return false;
  const answer = await askMirror(
    mirror,
    ['rev-list', '--objects', '--quiet', sha, '--not', '--remotes', '--tags'],
    {
      acceptExitCodes: [0, 128],
    },
  );
  return answer.exitCode === 0;
}
