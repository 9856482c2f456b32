import { commitTree, type Signature } from './create-commit.ts';
import { GitFailed } from './git-errors.ts';
import { askMirror, type Mirror } from './mirror/mirror.ts';
import { assertSha } from './names.ts';

export type MergeOutcome = { sha: string } | { conflicts: string[] };

/**
 * Merges `theirs` into `ours` without a working tree: always a merge commit with both as parents, never a squash and
 * never a fast-forward; where `ours` has `theirs` already, it is `ours` itself. The same input gives the same id.
 * On conflict nothing is made, and the files are named.
 * @throws {GitFailed} when git is older than 2.38, or the two have no common history.
 */
export async function mergeCommits(
  mirror: Mirror,
  merge: { ours: string; theirs: string; message: string; author: Signature; date: string },
): Promise<MergeOutcome> {
  if (await isAncestor(mirror, merge.theirs, merge.ours)) return { sha: merge.ours };
  const merged = await mergeTrees(mirror, merge.ours, merge.theirs);
  if ('conflicts' in merged) return merged;
  return {
    sha: await commitTree(mirror, { ...merge, tree: merged.tree, parents: [merge.ours, merge.theirs] }),
  };
}

/** Whether `ancestor` is in the history of `commit`; a commit is in its own. */
export async function isAncestor(mirror: Mirror, ancestor: string, commit: string): Promise<boolean> {
  const answer = await askMirror(
    mirror,
    ['merge-base', '--is-ancestor', assertSha(ancestor), assertSha(commit)],
    {
      acceptExitCodes: [0, 1],
    },
  );
  return answer.exitCode === 0;
}

/** The tree that a merge of two commits would have, or the files in conflict, sorted. */
export async function mergeTrees(
  mirror: Mirror,
  ours: string,
  theirs: string,
): Promise<{ tree: string } | { conflicts: string[] }> {
  const args = [
    'merge-tree',
    '--write-tree',
    '-z',
    '--name-only',
    '--no-messages',
    assertSha(ours),
    assertSha(theirs),
  ];
  const answer = await askMirror(mirror, args, { acceptExitCodes: [0, 1] }).catch((error) => {
    if (error instanceof GitFailed && /usage: git merge-tree|unknown option/.test(error.stderr)) {
      throw new GitFailed(
        'This machine has a git older than 2.38, which cannot merge without a working tree. Nothing was changed. Install a newer git for the workers.',
        error,
      );
    }
    throw error;
  });
  const [tree, ...files] = answer.stdout
    .toString('utf8')
    .split('\0')
    .filter((part) => part !== '');
  return answer.exitCode === 0 ? { tree: tree! } : { conflicts: [...new Set(files)].sort() };
}
