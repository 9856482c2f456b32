import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS_MS } from '../../../release/policy/default-times.ts';
import { LockBusy, withFolderLock } from '../../process/folder-lock.ts';
import { removeFolder } from '../../process/remove-folder.ts';
import { askGit } from '../ask-git.ts';
import { GitFailed } from '../git-errors.ts';
import { lockFolder } from './mirror.ts';

/** A mirror that nobody opened for so long belongs to a repository that is no longer configured. */
const UNUSED_MS = 90 * 24 * 60 * 60 * 1_000;
/** What no ref has reached for so long is forgotten; a release that is still going on brings it back from the store. */
const FORGOTTEN_AFTER = '30.days.ago';
/** Every fetch may leave a pack. */
const MOST_PACKS = 50;
const PATIENCE_MS = 1_000;

/**
 * Keeps the mirrors of a work folder within bounds: removes those that nobody opened for 90 days, and has git pack
 * those with more than 50 packs or about 6,700 loose objects. To be called when a worker starts; who works in a mirror
 * meanwhile goes on. A mirror that is in use, or that cannot be packed, is left to the next start.
 */
export async function tidyMirrors(folder: string, mostPacks = MOST_PACKS): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names.filter((candidate) => /^[0-9a-f]{32}\.git$/.test(candidate))) {
    const gitDir = join(folder, name);
    try {
      await withFolderLock(lockFolder(gitDir), () => tidyMirror(gitDir, mostPacks), {
        patienceMs: PATIENCE_MS,
      });
    } catch (error) {
      if (!(error instanceof LockBusy) && !(error instanceof GitFailed)) throw error;
    }
  }
}

async function tidyMirror(gitDir: string, mostPacks: number): Promise<void> {
  const opened = (await stat(gitDir).catch(() => undefined))?.mtimeMs ?? Date.now();
  if (Date.now() - opened > UNUSED_MS) return await removeFolder(gitDir);
  const settings = [
    'gc.auto=6700',
    `gc.autoPackLimit=${mostPacks}`,
    'gc.autoDetach=false',
    `gc.pruneExpire=${FORGOTTEN_AFTER}`,
  ];
  await askGit([...settings.flatMap((setting) => ['-c', setting]), 'gc', '--auto', '--quiet'], {
    cwd: gitDir,
    timeoutMs: LIMITS_MS.gitPacking,
  });
}
