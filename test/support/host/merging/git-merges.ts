import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Two branches of a fake host's bare repository, and what git says of merging one into the other. */
export interface AskedMerge {
  repositoryPath: string;
  from: string;
  into: string;
}

async function git(repositoryPath: string, ...args: string[]): Promise<string> {
  const identity = ['-c', 'user.name=host', '-c', 'user.email=host@example.test'];
  return (await run('git', [...identity, '-C', repositoryPath, ...args])).stdout.trim();
}

/** The commit of a branch; undefined where there is no such branch. */
export async function tipOf(repositoryPath: string, branch: string): Promise<string | undefined> {
  const ref = `refs/heads/${branch}`;
  return await git(repositoryPath, 'rev-parse', '--verify', '--quiet', ref).catch(() => undefined);
}

/** How many commits a branch has that the other one lacks. */
export async function countNew({ repositoryPath, from, into }: AskedMerge): Promise<number> {
  return Number(await git(repositoryPath, 'rev-list', '--count', `refs/heads/${into}..refs/heads/${from}`));
}

export async function hasConflict({ repositoryPath, from, into }: AskedMerge): Promise<boolean> {
  const trees = [`refs/heads/${into}`, `refs/heads/${from}`];
  return await git(repositoryPath, 'merge-tree', '--write-tree', ...trees).then(
    () => false,
    () => true,
  );
}

/** A host merges past the rules for pushes. `squash`: as its other button does. Answers the new tip. */
export async function mergeAtHost(
  { repositoryPath, from, into }: AskedMerge,
  message: string,
  { squash = false } = {},
): Promise<string> {
  const [ours, theirs] = [`refs/heads/${into}`, `refs/heads/${from}`];
  const tree = (await git(repositoryPath, 'merge-tree', '--write-tree', ours, theirs)).split('\n')[0] ?? '';
  const parents = squash ? [ours] : [ours, theirs];
  const given = parents.flatMap((parent) => ['-p', parent]);
  const merged = await git(repositoryPath, 'commit-tree', tree, ...given, '-m', message);
  await git(repositoryPath, 'update-ref', ours, merged);
  return merged;
}

/** Gives a branch its first commit, of an empty tree. */
export async function commitTo(repositoryPath: string, branch: string): Promise<void> {
  const tree = await git(repositoryPath, 'hash-object', '-t', 'tree', '-w', '/dev/null');
  const commit = await git(repositoryPath, 'commit-tree', tree, '-m', 'chore: begin');
  await git(repositoryPath, 'update-ref', `refs/heads/${branch}`, commit);
}
