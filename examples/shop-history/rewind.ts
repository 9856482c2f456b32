/**
 * The history is told forwards (`steps.ts`), but worked out backwards: the last commit's tree is the shop as it is
 * in `examples/shop`, and each step, undone, gives the tree before it. So the shop's sources exist only once, and
 * the history always ends in what they are. A step that no longer fits fails with its name.
 */
import type { Edit, Step, Tree, TreeFile } from './step.ts';

/**
 * The tree of each step, in the order of the steps.
 *
 * @param tip the tree of the last step
 * @throws Error that names the step which does not fit the tree
 */
export function rewindTrees(steps: readonly Step[], tip: Tree): Tree[] {
  const trees: Tree[] = [];
  let tree = tip;
  for (const [index, step] of [...steps.entries()].reverse()) {
    trees.unshift(tree);
    try {
      tree = undoStep(step, tree, steps.slice(0, index));
    } catch (error) {
      const subject = step.message.split('\n')[0];
      throw new Error(`The commit "${subject}" does not fit: ${(error as Error).message}`);
    }
  }
  if (tree.size > 0) throw new Error(`No commit creates ${[...tree.keys()].join(', ')}.`);
  return trees;
}

/** The tree before a step, from the tree after it. */
function undoStep(step: Step, after: Tree, earlier: readonly Step[]): Tree {
  const tree = new Map(after);
  if (step.reverts) {
    const reverted = findStep(earlier, step.reverts);
    for (const edit of reverted.edits ?? [])
      replaceContent(tree, edit.file, (content) => redoEdit(content, edit));
  }
  for (const edit of [...(step.edits ?? [])].reverse())
    replaceContent(tree, edit.file, (content) => undoEdit(content, edit));
  for (const created of step.creates ?? []) {
    const paths = [...tree.keys()].filter((path) => path === created || isBelow(path, created));
    if (paths.length === 0) throw new Error(`there is no ${created}`);
    for (const path of paths) tree.delete(path);
  }
  if (step.release) {
    const version = step.release;
    const before = earlier.findLast(({ release }) => release)?.release ?? '0.0.0';
    replaceContent(tree, 'package.json', (content) =>
      undoEdit(content, {
        file: 'package.json',
        was: `"version": "${before}"`,
        now: `"version": "${version}"`,
      }),
    );
    replaceContent(tree, 'CHANGELOG.md', (content) => removeSection(content, version));
  }
  return tree;
}

/** The step with a subject. */
export function findStep(steps: readonly Step[], subject: string): Step {
  const found = steps.find(({ message }) => message.split('\n')[0] === subject);
  if (!found) throw new Error(`no earlier commit has the subject "${subject}"`);
  return found;
}

function isBelow(path: string, folder: string): boolean {
  return folder.endsWith('/') && path.startsWith(folder);
}

function replaceContent(
  tree: Map<string, TreeFile>,
  path: string,
  change: (content: string) => string,
): void {
  const file = tree.get(path);
  if (!file) throw new Error(`there is no ${path}`);
  tree.set(path, { ...file, content: change(file.content) });
}

function undoEdit(content: string, edit: Edit): string {
  if ('was' in edit) return replaceOnce(content, edit.now, edit.was, edit.file);
  const start = findOnce(content, edit.adds, edit.file);
  let end = start + edit.adds.length;
  if (edit.through) {
    const last = content.indexOf(edit.through, end);
    if (last < 0) throw new Error(`${edit.file} has no ${JSON.stringify(edit.through)} after the added text`);
    end = last + edit.through.length;
  }
  return content.slice(0, start) + content.slice(end);
}

/** Does an edit again; only whole replacements can be, since an addition does not say where. */
function redoEdit(content: string, edit: Edit): string {
  if (!('was' in edit)) throw new Error(`${edit.file}: a reverted commit has to tell its edits as was/now`);
  return replaceOnce(content, edit.was, edit.now, edit.file);
}

function replaceOnce(content: string, text: string, by: string, file: string): string {
  const start = findOnce(content, text, file);
  return content.slice(0, start) + by + content.slice(start + text.length);
}

function findOnce(content: string, text: string, file: string): number {
  const start = content.indexOf(text);
  if (start < 0) throw new Error(`${file} does not contain ${JSON.stringify(text)}`);
  if (content.indexOf(text, start + 1) >= 0)
    throw new Error(`${file} contains ${JSON.stringify(text)} twice`);
  return start;
}

/** Takes a version's section out of a changelog, up to the next section or the end. */
function removeSection(changelog: string, version: string): string {
  const start = findOnce(changelog, `\n## [${version}]`, 'CHANGELOG.md');
  const next = changelog.indexOf('\n## [', start + 1);
  return changelog.slice(0, start) + (next < 0 ? '' : changelog.slice(next));
}
