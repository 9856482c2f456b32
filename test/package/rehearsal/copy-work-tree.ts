import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const AUTHOR = { name: 'Rehearsal', email: 'rehearsal@example.test' };

/**
 * Makes a bare repository whose `main` is a checkout's history, with what is not committed there on top of it. The
 * checkout, its index and its branches stay as they are.
 */
export function copyWorkTree(root: string, bare: string): void {
  const scratch = mkdtempSync(join(tmpdir(), 'windlass-index-'));
  const git = (args: string[], environment: NodeJS.ProcessEnv = {}) =>
    execFileSync('git', ['-C', root, ...args], {
      encoding: 'utf8',
      env: {
        ...process.env,
        ...{ GIT_AUTHOR_NAME: AUTHOR.name, GIT_AUTHOR_EMAIL: AUTHOR.email },
        ...{ GIT_COMMITTER_NAME: AUTHOR.name, GIT_COMMITTER_EMAIL: AUTHOR.email },
        ...environment,
      },
    }).trim();
  try {
    const index = { GIT_INDEX_FILE: join(scratch, 'index') };
    git(['read-tree', 'HEAD'], index);
    git(['add', '--all'], index);
    const tree = git(['write-tree'], index);
    const isClean = tree === git(['rev-parse', 'HEAD^{tree}']);
    const message = 'chore: what is not committed yet';
    const commit = isClean
      ? git(['rev-parse', 'HEAD'])
      : git(['commit-tree', tree, '-p', 'HEAD', '-m', message]);
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', bare]);
    git(['push', '--quiet', bare, `${commit}:refs/heads/main`]);
    // Versions count from the tags of those that are out.
    git(['push', '--quiet', '--tags', bare]);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
