import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Files of a commit by path; one that begins with `#!` is executable. */
export type Files = Record<string, string>;

/** A repository with its origin, to which a person commits and pushes. */
export interface WorkTree {
  work: string;
  origin: string;
  /** Git in the work tree, an hour later than the time before. */
  git(...args: string[]): string;
  /** A commit by somebody with these files, pushed with its tag to the branch that is checked out. @returns its SHA */
  commit(message: string, files?: Files, tag?: string): Promise<string>;
}

/** Makes both in `root`, empty. */
export function openWorkTree(root: string): WorkTree {
  const work = join(root, 'work-tree');
  const origin = join(root, 'origin.git');
  execFileSync('git', ['init', '--quiet', '--bare', '-b', 'main', origin]);
  execFileSync('git', ['init', '--quiet', '-b', 'main', work]);
  let clock = Date.parse('2026-01-01T10:00:00Z') / 1_000;
  const git = (...args: string[]) => {
    clock += 3_600;
    const env = { ...process.env, GIT_AUTHOR_DATE: `${clock} +0000`, GIT_COMMITTER_DATE: `${clock} +0000` };
    const named = ['-C', work, '-c', 'user.name=Tess', '-c', 'user.email=tess@example.test'];
    return execFileSync('git', [...named, ...args], { encoding: 'utf8', env }).trim();
  };
  git('remote', 'add', 'origin', origin);
  return {
    work,
    origin,
    git,
    commit: async (message, files = {}, tag) => {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(work, path)), { recursive: true });
        await writeFile(join(work, path), text, text.startsWith('#!') ? { mode: 0o755 } : {});
      }
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', '-m', message);
      if (tag !== undefined) git('tag', tag);
      git('push', '--quiet', '--tags', 'origin', 'HEAD');
      return git('rev-parse', 'HEAD');
    },
  };
}
