import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Mirror, openMirror } from '../../../src/integrations/git/mirror/mirror.ts';

/** A remote repository, a clone of it in which somebody works, and a folder for mirrors. */
export interface GitWorld {
  root: string;
  remote: string;
  clone: string;
  mirrors: string;
  /** git in the clone. */
  git(...args: string[]): string;
  /** git in the remote. */
  remoteGit(...args: string[]): string;
  /** Writes files (null deletes), commits, pushes the branch, and returns the commit id. */
  commit(message: string, files: Record<string, string | null>, branch?: string): string;
  mirror(token?: string): Promise<Mirror>;
  remove(): void;
}

const ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
};

export function runPlainGit(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, {
    cwd,
    env: ENVIRONMENT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

/** Makes the world with one commit on `main`. */
export function makeGitWorld(): GitWorld {
  const root = mkdtempSync(join(tmpdir(), 'windlass-git-test-'));
  const [remote, clone, mirrors] = ['remote.git', 'clone', 'mirrors'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  runPlainGit(root, 'init', '-q', '--bare', '--initial-branch=main', remote);
  runPlainGit(root, 'init', '-q', '--initial-branch=main', clone);
  runPlainGit(clone, 'remote', 'add', 'origin', remote);
  const world: GitWorld = {
    root,
    remote,
    clone,
    mirrors,
    git: (...args) => runPlainGit(clone, ...args),
    remoteGit: (...args) => runPlainGit(remote, ...args),
    commit(message, files, branch = 'main') {
      for (const [path, contents] of Object.entries(files)) {
        mkdirSync(dirname(join(clone, path)), { recursive: true });
        if (contents === null) rmSync(join(clone, path));
        else writeFileSync(join(clone, path), contents);
      }
      runPlainGit(clone, 'add', '-A');
      runPlainGit(clone, 'commit', '-q', '-m', message);
      runPlainGit(clone, 'push', '-q', 'origin', `HEAD:refs/heads/${branch}`);
      return runPlainGit(clone, 'rev-parse', 'HEAD');
    },
    mirror: (token) => openMirror({ url: remote, folder: mirrors, token }),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
  world.commit('feat: first', { 'README.md': 'shop\n', 'package.json': '{"version":"1.0.0"}\n' });
  return world;
}
