import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS_MS } from '../../release/policy/default-times.ts';
import { findOwner } from '../process/process-owner.ts';
import { removeFolder } from '../process/remove-folder.ts';
import { askGit } from './ask-git.ts';
import { fillLargeFiles, isSameHost, listSubmodules, type Submodule } from './checkout-content.ts';
import { GitContentMissing, GitRefMissing } from './git-errors.ts';
import {
  askMirror,
  checkoutsFolder,
  fetchMirror,
  findCommit,
  type Mirror,
  openMirror,
  temporaryPath,
} from './mirror/mirror.ts';
import { assertSha } from './names.ts';

/** Submodules of submodules: nobody has more. */
const DEEPEST_SUBMODULE = 5;
const ENDLESS = 'look at .gitmodules in each of them';

/** After this time a checkout of another machine is taken for abandoned. */
const ABANDONED_MS = 24 * 60 * 60 * 1_000;

/**
 * Gives `work` a fresh folder with exactly this commit: a repository with a detached HEAD and the remote's tags, which
 * borrows its objects from the mirror, with its submodules and large files. The folder is removed afterwards, however
 * `work` ends. `borrowed`: the folders of objects, here and of submodules, that it needs beside its own.
 * @throws {GitContentMissing} when a submodule or a file of Git LFS cannot be had.
 * @throws {GitRefMissing} when the mirror does not have the commit.
 */
export async function withCheckout<T>(
  mirror: Mirror,
  sha: string,
  work: (folder: string, borrowed: string[]) => Promise<T>,
): Promise<T> {
  if ((await findCommit(mirror, assertSha(sha))) === undefined) throw new GitRefMissing(sha, mirror.url);
  const folder = await temporaryPath(mirror);
  try {
    return await work(folder, await makeCheckout(mirror, sha, folder));
  } finally {
    await removeFolder(folder);
  }
}

/**
 * Removes the checkouts (and half-made mirrors) that dead processes left in a work folder; to be called when a worker
 * starts. Returns how many.
 */
export async function sweepCheckouts(folder: string): Promise<number> {
  const checkouts = await listEntries(checkoutsFolder(folder));
  const halfMirrors = (await listEntries(folder)).filter(({ mark }) =>
    /^[0-9a-f]{32}\.git\.[0-9a-f]{12}-/.test(mark),
  );
  let removed = 0;
  for (const { path, mark } of [...checkouts, ...halfMirrors]) {
    const owner = findOwner(mark.replace(/^[0-9a-f]{32}\.git\./, ''));
    const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (owner === 'alive' || (owner === 'elsewhere' && age <= ABANDONED_MS)) continue;
    await removeFolder(path);
    removed += 1;
  }
  return removed;
}

/** Gives the folders that objects are borrowed from. */
async function makeCheckout(
  mirror: Mirror,
  sha: string,
  folder: string,
  depth: number = DEEPEST_SUBMODULE,
): Promise<string[]> {
  await askGit(['init', '--quiet', '--template=', '--initial-branch=unused', '--', folder], {
    cwd: mirror.folder,
  });
  await mkdir(join(folder, '.git', 'objects', 'info'), { recursive: true });
  const objects = join(mirror.gitDir, 'objects');
  await writeFile(join(folder, '.git', 'objects', 'info', 'alternates'), `${objects}\n`);
  await writeFile(join(folder, '.git', 'packed-refs'), await packTags(mirror));
  await askGit(['config', 'remote.origin.url', mirror.url], { cwd: folder });
  await askGit(['checkout', '--quiet', '--detach', sha], { cwd: folder, timeoutMs: LIMITS_MS.transfer });
  await fillLargeFiles(mirror, folder);
  const borrowed = [objects];
  for (const submodule of await listSubmodules(mirror, folder)) {
    borrowed.push(...(await fillSubmodule(mirror, submodule, join(folder, submodule.path), depth)));
  }
  return borrowed;
}

/** A submodule's commit in its place, from a mirror of its own. */
async function fillSubmodule(
  parent: Mirror,
  { url, sha, path }: Submodule,
  folder: string,
  depth: number,
): Promise<string[]> {
  if (depth === 0)
    throw new GitContentMissing(`The submodules around ${path} lie in each other without end.`, ENDLESS);
  const token = isSameHost(url, parent.url) ? parent.token : undefined;
  const mirror = await openMirror({ url, folder: parent.folder, token, signal: parent.signal });
  if ((await findCommit(mirror, assertSha(sha))) === undefined) await fetchMirror(mirror);
  if ((await findCommit(mirror, sha)) === undefined) {
    throw new GitContentMissing(
      `The commit is not whole here: the submodule ${path} stands at ${sha.slice(0, 12)}, which ${url} does not have on any branch or tag.`,
      'push that commit there, or move the submodule to one that is',
    );
  }
  return await makeCheckout(mirror, sha, folder, depth - 1);
}

/** The remote's tags in the form of git's own file: thousands of them cost as much as one. */
async function packTags(mirror: Mirror): Promise<string> {
  const { stdout } = await askMirror(mirror, [
    'for-each-ref',
    '--format=%(objectname) %(refname)',
    'refs/tags/',
  ]);
  return `# pack-refs with: sorted \n${stdout.toString()}`;
}

async function listEntries(folder: string): Promise<{ path: string; mark: string }[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.map((mark) => ({ path: join(folder, mark), mark }));
}
