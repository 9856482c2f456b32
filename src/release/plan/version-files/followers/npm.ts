import { folderOf, foldersUp, joinPath } from '../file-source.ts';
import type { VersionFile } from '../format.ts';
import type { Follow } from './follower.ts';

/**
 * npm's lock files beside the manifest; of a workspace's member, its entry in the lock file of the workspace (Bun's
 * too). pnpm's and yarn's lock files hold no version of what is in the repository.
 */
export const followNpm: Follow = async (source, path) => {
  const own = folderOf(path);
  const files: VersionFile[] = [];
  for (const folder of foldersUp(own)) {
    const member = folder === own ? '' : own.slice(folder === '' ? 0 : folder.length + 1);
    for (const name of ['package-lock.json', 'npm-shrinkwrap.json', 'bun.lock']) {
      const text = await source.read(joinPath(folder, name));
      if (text !== null) files.push({ path: joinPath(folder, name), text, member });
    }
    if (files.length > 0) break;
  }
  return { packageNames: [], files };
};
