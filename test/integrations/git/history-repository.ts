/** A real repository in a temporary folder, written commit by commit. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface TestRepository {
  folder: string;
  git(...args: string[]): string;
  /** Commits a change to a file (its own one by default) and gives the commit's id. */
  commit(message: string, options?: { file?: string; author?: string; content?: string }): string;
  write(path: string, content: string): void;
  /** Lets so many seconds pass until the next commit. */
  pass(seconds: number): void;
  remove(): void;
}

let clock = 1_700_000_000;

/** Creates an empty repository on branch `main`, apart from the user's own git settings. */
export function createRepository(): TestRepository {
  const folder = mkdtempSync(join(tmpdir(), 'windlass-history-'));
  let number = 0;
  const git = (...args: string[]) => {
    clock += 60;
    return execFileSync('git', args, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_AUTHOR_NAME: 'Committer',
        GIT_AUTHOR_EMAIL: 'committer@example.invalid',
        GIT_COMMITTER_NAME: 'Committer',
        GIT_COMMITTER_EMAIL: 'committer@example.invalid',
        GIT_COMMITTER_DATE: `${clock} +0000`,
        GIT_AUTHOR_DATE: `${clock} +0000`,
      },
    }).trim();
  };
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  git('init', '--quiet', '--initial-branch=main');
  return {
    folder,
    git,
    write,
    pass: (seconds) => {
      clock += seconds;
    },
    commit: (message, options = {}) => {
      number += 1;
      const file = options.file ?? 'file.txt';
      write(file, options.content ?? String(number));
      git('add', '--', file);
      git(
        '-c',
        'user.name=x',
        '-c',
        'user.email=x@example.invalid',
        'commit',
        '--quiet',
        `--author=${options.author ?? 'Ada <ada@example.invalid>'}`,
        '--message',
        message,
      );
      return git('rev-parse', 'HEAD');
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
