import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, utimes } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LIMITS_MS } from '../../../release/policy/default-times.ts';
import { withFolderLock } from '../../process/folder-lock.ts';
import { nameOwner } from '../../process/process-owner.ts';
import { removeFolder } from '../../process/remove-folder.ts';
import { askGit, type GitAnswer, type GitOptions } from '../ask-git.ts';
import { GitFailed, GitNameRefused, GitRefMissing } from '../git-errors.ts';
import { assertBranch, assertRef, assertRemoteUrl, assertRepositoryPath, assertSha } from '../names.ts';
import { removeStaleLocks } from './stale-locks.ts';

/**
 * A bare repository on this machine that follows a remote one, and in which commits are made before they are pushed.
 * The remote's branches are under `refs/remotes/origin/`, its tags under `refs/tags/`; it has no branches of its own,
 * so nothing local is ever taken for something remote. `tidyMirrors` keeps it within bounds.
 */
export interface Mirror {
  /** The remote's address, without credential. */
  url: string;
  /** The bare repository. */
  gitDir: string;
  /** The work folder that holds mirrors, their locks, and checkouts. */
  folder: string;
  /** For reading and writing over HTTP. */
  token?: string;
  signal?: AbortSignal;
}

/**
 * Opens (or makes, empty) the mirror of a remote. Cheap and local: nothing is fetched. Several processes may use one
 * folder at once.
 * @throws {GitNameRefused} when the address cannot be used.
 */
export async function openMirror(options: {
  url: string;
  folder: string;
  token?: string | undefined;
  signal?: AbortSignal | undefined;
}): Promise<Mirror> {
  const url = assertRemoteUrl(options.url);
  const folder = resolve(options.folder);
  const name = createHash('sha256').update(url).digest('hex').slice(0, 32);
  const gitDir = join(folder, `${name}.git`);
  if (!existsSync(gitDir)) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await withFolderLock(lockFolder(gitDir), async () => {
      if (existsSync(gitDir)) return;
      // Made aside and renamed, so that a killed process leaves no half repository under the name.
      const fresh = `${gitDir}.${nameOwner()}`;
      await removeFolder(fresh);
      await askGit(['init', '--quiet', '--bare', '--template=', '--initial-branch=unused', '--', fresh], {
        cwd: folder,
      });
      await rename(fresh, gitDir);
    });
  }
  // By this, `tidyMirrors` knows that it is in use.
  const now = new Date();
  await utimes(gitDir, now, now);
  return {
    url,
    gitDir,
    folder,
    ...(options.token === undefined ? {} : { token: options.token }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
}

/** Brings the mirror up to the remote: branches and tags, also those that were moved or deleted. @throws {GitFailed} */
export async function fetchMirror(mirror: Mirror): Promise<void> {
  await withFolderLock(
    lockFolder(mirror.gitDir),
    () =>
      fetchRefs(mirror).catch(async (error) => {
        if (!(error instanceof GitFailed) || !/\.lock': File exists/.test(error.stderr)) throw error;
        if ((await removeStaleLocks(mirror.gitDir)) === 0) throw error;
        await fetchRefs(mirror);
      }),
    mirror.signal ? { signal: mirror.signal } : {},
  );
}

async function fetchRefs(mirror: Mirror): Promise<void> {
  await askRemote(mirror, [
    'fetch',
    '--quiet',
    '--prune',
    '--no-tags',
    '--force',
    '--no-write-fetch-head',
    '--no-auto-gc',
    '--',
    mirror.url,
    '+refs/heads/*:refs/remotes/origin/*',
    '+refs/tags/*:refs/tags/*',
  ]);
}

/**
 * The commit that a full ref, a short branch name or a full commit id stands for, as of the last fetch. An annotated
 * tag stands for the commit that it is on.
 * @throws {GitRefMissing} when there is no such thing in the mirror. {@link GitNameRefused}
 */
export async function resolveCommit(mirror: Mirror, ref: string): Promise<string> {
  const found = await findCommit(mirror, ref);
  if (found === undefined) throw new GitRefMissing(ref, mirror.url);
  return found;
}

/** As {@link resolveCommit}, but undefined when there is no such thing. @throws {GitNameRefused} */
export async function findCommit(mirror: Mirror, ref: string): Promise<string | undefined> {
  const answer = await askMirror(
    mirror,
    ['rev-parse', '--quiet', '--verify', '--end-of-options', `${localName(ref)}^{commit}`],
    { acceptExitCodes: [0, 1, 128] },
  );
  return answer.exitCode === 0 ? answer.stdout.toString().trim() : undefined;
}

/** The names of the refs below `prefix` (`refs/tags/`), without it. */
export async function listRefs(mirror: Mirror, prefix: string): Promise<string[]> {
  const depth = prefix.split('/').length - 1;
  const { stdout } = await askMirror(mirror, ['for-each-ref', `--format=%(refname:strip=${depth})`, prefix]);
  return stdout.toString('utf8').split('\n').filter(Boolean);
}

/** The bytes of a file of a commit, or undefined when the commit has no such file. */
export async function readFileAt(mirror: Mirror, sha: string, path: string): Promise<Buffer | undefined> {
  const args = ['ls-tree', '-z', '--end-of-options', assertSha(sha), assertRepositoryPath(path)];
  const entry = await askMirror(mirror, args);
  const [, type, blob] = /^\d+ (\w+) ([0-9a-f]+)\t/.exec(entry.stdout.toString()) ?? [];
  if (type !== 'blob' || !blob) return undefined;
  return (await askMirror(mirror, ['cat-file', 'blob', blob])).stdout;
}

/** git in the mirror, without network. */
export function askMirror(
  mirror: Mirror,
  args: readonly string[],
  options: Omit<GitOptions, 'cwd'> = {},
): Promise<GitAnswer> {
  return askGit(args, {
    cwd: mirror.gitDir,
    ...(mirror.signal ? { signal: mirror.signal } : {}),
    ...options,
  });
}

/** git in the mirror with the remote's credential and a network's patience. */
export function askRemote(
  mirror: Mirror,
  args: readonly string[],
  options: Omit<GitOptions, 'cwd'> = {},
): Promise<GitAnswer> {
  return askMirror(mirror, args, {
    timeoutMs: LIMITS_MS.transfer,
    credential: mirror.token === undefined ? undefined : { url: mirror.url, token: mirror.token },
    ...options,
  });
}

/** A path in the work folder that no other call gives, and that `sweepCheckouts` clears away if this process dies. */
export async function temporaryPath(mirror: Pick<Mirror, 'folder'>): Promise<string> {
  const parent = checkoutsFolder(mirror.folder);
  await mkdir(parent, { recursive: true, mode: 0o700 });
  return join(parent, `${nameOwner()}-${randomBytes(6).toString('hex')}`);
}

/** Where a work folder has what lives no longer than the process that made it. */
export function checkoutsFolder(folder: string): string {
  return join(folder, 'checkouts');
}

/** Where a mirror's lock is; see `withFolderLock`. */
export function lockFolder(gitDir: string): string {
  return `${gitDir}.locks`;
}

/** Where the mirror keeps what has this name on the remote. */
function localName(ref: string): string {
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(ref)) return ref;
  if (!ref.startsWith('refs/')) return `refs/remotes/origin/${assertBranch(ref)}`;
  assertRef(ref);
  if (ref.startsWith('refs/heads/')) return `refs/remotes/origin/${ref.slice('refs/heads/'.length)}`;
  if (ref.startsWith('refs/tags/')) return ref;
  throw new GitNameRefused(`${JSON.stringify(ref)} is neither a branch nor a tag. Nothing was run.`);
}
