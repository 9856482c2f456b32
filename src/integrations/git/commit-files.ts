import type { FileSource } from '../../release/plan/version-files/file-source.ts';
import { askMirror, type Mirror, readFileAt } from './mirror/mirror.ts';
import { assertRepositoryPath, assertSha } from './names.ts';

/** The files of one commit in a mirror. A path that could not be a file's is one that is not there. */
export function readCommitFiles(mirror: Mirror, sha: string): FileSource {
  assertSha(sha);
  return {
    read: async (path) =>
      isPath(path) ? ((await readFileAt(mirror, sha, path))?.toString('utf8') ?? null) : null,
    list: async (folder) => {
      if (folder !== '' && !isPath(folder)) return [];
      const args = ['ls-tree', '-z', '--name-only', '--end-of-options', `${sha}:${folder}`];
      const { exitCode, stdout } = await askMirror(mirror, args, { acceptExitCodes: [0, 128] });
      return exitCode === 0 ? stdout.toString('utf8').split('\0').filter(Boolean) : [];
    },
  };
}

function isPath(path: string): boolean {
  try {
    assertRepositoryPath(path);
    return true;
  } catch {
    return false;
  }
}
