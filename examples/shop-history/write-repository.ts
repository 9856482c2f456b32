/** Writes steps and their trees as a git repository. The same input gives the same SHAs, on every machine. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { AuthorName, Step, Tree } from './step.ts';

const AUTHORS: Record<AuthorName, { name: string; email: string }> = {
  mira: { name: 'Mira Okafor', email: 'mira@shop.example' },
  jonas: { name: 'Jonas Lindqvist', email: 'jonas@shop.example' },
  priya: { name: 'Priya Raman', email: 'priya@shop.example' },
  tomas: { name: 'Tomas Novak', email: 'tomas@shop.example' },
  bot: { name: 'shop-dependencies[bot]', email: 'dependencies@shop.example' },
};

/** Runs git without the user's or the machine's configuration, which could change what a commit contains. */
export function runGit(
  folder: string,
  args: readonly string[],
  options: { input?: string; env?: Record<string, string> } = {},
): string {
  return execFileSync('git', args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
    input: options.input ?? '',
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      ...options.env,
    },
  }).trim();
}

/**
 * Makes a repository with one commit for each step on the branch `main`, and an annotated tag `v<version>` on each release.
 *
 * @param folder must not exist, or be empty
 * @returns the SHA of the last commit
 */
export function writeRepository(folder: string, steps: readonly Step[], trees: readonly Tree[]): string {
  mkdirSync(folder, { recursive: true });
  runGit(folder, ['init', '--quiet', '--initial-branch=main']);
  const shas = new Map<string, string>();
  let before: Tree = new Map();
  let sha = '';
  for (const [index, step] of steps.entries()) {
    const tree = trees[index] ?? new Map();
    writeDifference(folder, before, tree);
    before = tree;
    const { name, email } = AUTHORS[step.author];
    const env = {
      GIT_AUTHOR_NAME: name,
      GIT_AUTHOR_EMAIL: email,
      GIT_AUTHOR_DATE: step.date,
      GIT_COMMITTER_NAME: name,
      GIT_COMMITTER_EMAIL: email,
      GIT_COMMITTER_DATE: step.date,
    };
    const message = step.message.replace('{reverted}', shas.get(step.reverts ?? '') ?? '');
    runGit(folder, ['add', '--all', '--force', '.']);
    runGit(folder, ['commit', '--quiet', '--cleanup=verbatim', '--file=-'], { env, input: `${message}\n` });
    sha = runGit(folder, ['rev-parse', 'HEAD']);
    shas.set(step.message.split('\n')[0] ?? '', sha);
    if (step.release)
      runGit(folder, ['tag', '--annotate', `v${step.release}`, `--message=Version ${step.release}`], { env });
  }
  return sha;
}

function writeDifference(folder: string, before: Tree, after: Tree): void {
  for (const name of before.keys()) if (!after.has(name)) rmSync(path.join(folder, name));
  for (const [name, file] of after) {
    if (before.get(name) === file) continue;
    const target = path.join(folder, name);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, file.content);
    chmodSync(target, file.executable ? 0o755 : 0o644);
  }
}
