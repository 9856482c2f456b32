/**
 * Builds the example product's git repository: `examples/shop` with the history that led to it.
 *
 *   node examples/shop-history/build-history.ts --target DIR [--bare DIR] [--remote-url URL] [--fault NAME[@ENVIRONMENT]]
 */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type FaultStep, makeFaultStep } from './faults.ts';
import { rewindTrees } from './rewind.ts';
import type { Step, Tree, TreeFile } from './step.ts';
import { STEPS } from './steps.ts';
import { runGit, writeRepository } from './write-repository.ts';

const SHOP = fileURLToPath(new URL('../shop/', import.meta.url));
/** What running the shop at a desk leaves behind. */
const NOT_SOURCE = /^(node_modules\/.*|.*\.db|.*\.db-.*|.*\.tgz)$/;

/** Where a repository is built. */
export interface RepositoryPlace {
  /** Folder of the working repository; must not exist, or be empty. */
  target: string;
  /** Folder of a bare repository that becomes `origin` and gets `main` and the tags. */
  bare?: string;
  /** What `origin` is called in the working repository; default: the bare folder. */
  remoteUrl?: string;
}

export interface HistoryOptions extends RepositoryPlace {
  /** A mistake for one more commit; see `faults.ts`. */
  fault?: string;
}

/**
 * Builds the shop's repository.
 *
 * @returns the SHA of the last commit on `main`
 * @throws Error when a folder is not empty, or when a step of the history no longer fits the shop's sources
 */
export function buildShopHistory({ fault, ...place }: HistoryOptions): string {
  return buildHistory(SHOP, STEPS, place, fault ? makeFaultStep(fault) : undefined);
}

/**
 * Builds a repository that ends in what a folder holds, or in one more commit with a mistake.
 *
 * @param source the folder with the product's sources
 * @returns the SHA of the last commit on `main`
 * @throws Error when a folder of `place` is not empty, or when a step does not fit the sources
 */
export function buildHistory(
  source: string,
  history: readonly Step[],
  { target, bare, remoteUrl }: RepositoryPlace,
  fault?: FaultStep,
): string {
  for (const folder of [target, ...(bare ? [bare] : [])])
    if (existsSync(folder) && readdirSync(folder).length > 0)
      throw new Error(`${folder} is not empty. Nothing was changed.`);

  const tip = readTree(source);
  const trees = rewindTrees(history, tip);
  const steps = [...history];
  if (fault) {
    steps.push(fault.step);
    trees.push(applyFault(tip, fault.step.edits ?? [], fault.files));
  }
  const sha = writeRepository(target, steps, trees);
  if (bare) {
    runGit(target, ['init', '--quiet', '--bare', '--initial-branch=main', path.resolve(bare)]);
    runGit(target, ['push', '--quiet', path.resolve(bare), 'main', '--tags']);
  }
  const origin = remoteUrl ?? (bare && path.resolve(bare));
  if (origin) runGit(target, ['remote', 'add', 'origin', origin]);
  if (bare && !remoteUrl) {
    runGit(target, ['fetch', '--quiet', 'origin']);
    runGit(target, ['branch', '--quiet', '--set-upstream-to=origin/main', 'main']);
  }
  return sha;
}

/** All source files below a folder. */
export function readTree(folder: string): Tree {
  const tree = new Map<string, TreeFile>();
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const name = entry.split(path.sep).join('/');
    const stats = statSync(path.join(folder, entry));
    if (!stats.isFile() || NOT_SOURCE.test(name) || name.startsWith('.git/')) continue;
    const content = readFileSync(path.join(folder, entry), 'utf8');
    tree.set(name, { content, executable: (stats.mode & 0o100) !== 0 });
  }
  return tree;
}

function applyFault(
  tip: Tree,
  edits: readonly { file: string; was?: string; now?: string }[],
  files: Record<string, string>,
): Tree {
  const tree = new Map(tip);
  for (const { file, was = '', now = '' } of edits) {
    const before = tree.get(file);
    if (!before?.content.includes(was)) throw new Error(`${file} does not contain ${was}`);
    tree.set(file, { ...before, content: before.content.replace(was, now) });
  }
  for (const [name, content] of Object.entries(files)) tree.set(name, { content, executable: false });
  return tree;
}

const isMain =
  process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (isMain) {
  try {
    const { values } = parseArgs({
      options: {
        target: { type: 'string' },
        bare: { type: 'string' },
        fault: { type: 'string' },
        'remote-url': { type: 'string' },
      },
    });
    if (!values.target) throw new Error('--target is missing: the folder to build the repository in');
    const sha = buildShopHistory({
      target: values.target,
      ...(values.bare && { bare: values.bare }),
      ...(values.fault && { fault: values.fault }),
      ...(values['remote-url'] && { remoteUrl: values['remote-url'] }),
    });
    console.log(sha);
  } catch (error) {
    console.error(`build-history: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}
