import { commitTree, type Signature } from './create-commit.ts';
import { mergeTrees } from './merge.ts';
import { askMirror, type Mirror } from './mirror/mirror.ts';
import { assertSha } from './names.ts';

/** Not somebody's address: RFC 2606 reserves it. */
const DEFAULT_COMMITTER: Signature = { name: 'Windlass', email: 'windlass@example.invalid' };
const EMPTY_TREE_INPUT = '';

export interface PickConflict {
  commit: string;
  files: string[];
}

/**
 * Applies commits, in the order given, onto another one, without a working tree. Author, author's date and message are
 * kept, with a line that names the origin; committer and date are given, so the same input gives the same ids. Of a
 * merge commit, what it brought to its first parent is applied. A commit whose change is there already is left out.
 *
 * Conflicts: nothing of it counts, and every commit that does not apply is named, each tried on top of those that did.
 */
export async function cherryPick(
  mirror: Mirror,
  pick: { onto: string; commits: readonly string[]; date: string; committer?: Signature },
): Promise<{ sha: string } | { conflicts: PickConflict[] }> {
  let tip = assertSha(pick.onto);
  const conflicts: PickConflict[] = [];
  for (const commit of pick.commits) {
    const origin = await readCommit(mirror, assertSha(commit));
    const picked = await pickTree(mirror, tip, origin);
    if ('conflicts' in picked) {
      conflicts.push({ commit, files: picked.conflicts });
      continue;
    }
    if (picked.tree === (await treeOf(mirror, tip))) continue;
    tip = await commitTree(mirror, {
      tree: picked.tree,
      parents: [tip],
      message: `${origin.message.trimEnd()}\n\n(cherry picked from commit ${commit})`,
      author: origin.author,
      date: origin.date,
      committer: pick.committer ?? DEFAULT_COMMITTER,
      committedAt: pick.date,
    });
  }
  return conflicts.length > 0 ? { conflicts } : { sha: tip };
}

interface OriginCommit {
  sha: string;
  tree: string;
  parent: string | undefined;
  author: Signature;
  date: string;
  message: string;
}

async function readCommit(mirror: Mirror, sha: string): Promise<OriginCommit> {
  const format = '%T%x00%P%x00%an%x00%ae%x00%aI%x00%B';
  const { stdout } = await askMirror(mirror, [
    'show',
    '--no-patch',
    '--no-show-signature',
    `--format=${format}`,
    sha,
  ]);
  const [tree, parents, name, email, date, message] = stdout.toString('utf8').split('\0');
  return {
    sha,
    tree: tree!,
    parent: parents!.split(' ')[0] || undefined,
    author: { name: name || 'unknown', email: email || 'unknown' },
    date: date!,
    message: message!,
  };
}

/**
 * Three-way merge of trees. git 2.38 and 2.39 cannot be told the base, so it is given one: three commits that exist for
 * this merge only, both sides being children of the base. Their ids depend on nothing but the trees.
 */
async function pickTree(
  mirror: Mirror,
  tip: string,
  origin: OriginCommit,
): Promise<{ tree: string } | { conflicts: string[] }> {
  const bare = {
    message: 'windlass: side of a merge',
    author: DEFAULT_COMMITTER,
    date: '2000-01-01T00:00:00Z',
  };
  const baseTree = origin.parent ? await treeOf(mirror, origin.parent) : await emptyTree(mirror);
  const base = await commitTree(mirror, { ...bare, tree: baseTree, parents: [] });
  const ours = await commitTree(mirror, { ...bare, tree: await treeOf(mirror, tip), parents: [base] });
  const theirs = await commitTree(mirror, { ...bare, tree: origin.tree, parents: [base] });
  return mergeTrees(mirror, ours, theirs);
}

async function treeOf(mirror: Mirror, commit: string): Promise<string> {
  const args = ['rev-parse', '--verify', '--end-of-options', `${commit}^{tree}`];
  return (await askMirror(mirror, args)).stdout.toString().trim();
}

async function emptyTree(mirror: Mirror): Promise<string> {
  return (await askMirror(mirror, ['mktree'], { input: EMPTY_TREE_INPUT })).stdout.toString().trim();
}
