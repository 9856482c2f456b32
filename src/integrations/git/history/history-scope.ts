/** Which commits of a repository concern a product that is a part of it. */
import type { GraphCommit } from '../../../release/plan/commits/merged-branch.ts';
import { askClone } from '../ask-clone.ts';
import { HistoryError } from '../git-errors.ts';

/** The parts of a repository that make a product; all from the top of the repository. */
export interface Scope {
  /** The product's own folder, or `''` for the whole repository. */
  folder: string;
  /** Further files and folders that are part of it. */
  also: readonly string[];
  /** What is inside of these and no part of it. */
  without: readonly string[];
}

/** Merges that are looked into at most; more in one range exist only to do harm. */
const MAX_MERGES = 1_000;

/** Reads paths as people write them. @throws HistoryError for one that leads out of the repository */
export function readScope(options: {
  path?: string | null;
  alsoPaths?: readonly string[];
  excludePaths?: readonly string[];
}): Scope {
  const clean = (paths: readonly string[] = []) => paths.map(cleanPath).filter((path) => path !== '');
  const folder = cleanPath(options.path ?? '');
  // The whole repository has everything already.
  return {
    folder,
    also: folder === '' ? [] : clean(options.alsoPaths),
    without: clean(options.excludePaths),
  };
}

/** Whether the product is all of its repository. */
export function isWhole(scope: Scope): boolean {
  return scope.folder === '' && scope.without.length === 0;
}

/** Whether a file, from the top of the repository, is part of the product: as `pathspec` tells git. */
export function isPartOf({ folder, also, without }: Scope, file: string): boolean {
  const isIn = (place: string) => place === '' || file === place || file.startsWith(`${place}/`);
  return [folder, ...also].some(isIn) && !without.some(isIn);
}

/** What git is told, without magic: a folder whose name has a star or a colon is just that folder. */
export function pathspec(scope: Scope): string[] {
  if (isWhole(scope)) return [];
  const wanted = [scope.folder, ...scope.also].map((path) => `:(top,literal)${path}`);
  return [...wanted, ...scope.without.map((path) => `:(top,exclude,literal)${path}`)];
}

/**
 * The commits of a range that concern a product, by id: those that touch it, merges of branches that do (their titles
 * say what their branch did), and commits without any file, which concern every product (a `Release-As`).
 *
 * @param range as `A` or `A..B`, full commit ids
 * @param commits all commits of the range, with their parents
 */
export async function findConcerned(
  repository: string,
  range: string,
  scope: Scope,
  commits: readonly GraphCommit[],
): Promise<Set<string>> {
  const [touching, empty, { readGraph }] = await Promise.all([
    listTouching(repository, range, scope),
    listEmpty(repository, range),
    import('../../../release/plan/commits/merged-branch.ts'),
  ]);
  const graph = readGraph(commits);
  const isTouched = (index: number) => touching.has(commits[index]?.sha ?? '');
  const merges = commits.flatMap(({ parentShas = [] }, index) => (parentShas.length > 1 ? [index] : []));
  const concerned = new Set([...touching, ...empty]);
  for (const merge of merges.slice(0, MAX_MERGES)) {
    if (graph.findBrought(merge).some(isTouched)) concerned.add(commits[merge]?.sha ?? '');
  }
  return concerned;
}

async function listTouching(repository: string, range: string, scope: Scope): Promise<Set<string>> {
  const result = await askClone(repository, ['log', '--format=%H', range, '--', ...pathspec(scope)]);
  if (result.code !== 0) throw new HistoryError(`git could not read the history: ${result.stderr}`);
  return new Set(result.stdout.split('\n').filter((sha) => sha !== ''));
}

/** Commits whose tree is their only parent's. */
async function listEmpty(repository: string, range: string): Promise<string[]> {
  const result = await askClone(repository, ['log', '--boundary', '--format=%H %T %P', range, '--']);
  if (result.code !== 0) throw new HistoryError(`git could not read the history: ${result.stderr}`);
  const trees = new Map<string, string>();
  const lines = result.stdout.trimEnd().split('\n');
  for (const line of lines) {
    const [sha = '', tree = ''] = line.split(' ');
    trees.set(sha, tree);
  }
  return lines.flatMap((line) => {
    const [sha = '', tree, parent, second] = line.split(' ');
    return second === undefined && parent !== undefined && trees.get(parent) === tree ? [sha] : [];
  });
}

/** A subfolder as git wants it. @throws HistoryError when it leads out of the repository */
function cleanPath(path: string): string {
  const cleaned = path.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
  if (cleaned === '.') return '';
  if (cleaned.startsWith('/') || /(?:^|\/)\.\.(?:\/|$)/.test(cleaned) || /[\u0000-\u001f]/.test(cleaned)) {
    throw new HistoryError(
      `The path "${path}" must lie inside the repository and be written from its top, such as packages/shop.`,
    );
  }
  return cleaned;
}
