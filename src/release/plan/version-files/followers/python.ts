import { folderOf, foldersUp, joinPath } from '../file-source.ts';
import { readTomlStrings } from '../spans/toml.ts';
import type { Follow } from './follower.ts';

/** uv's lock file, beside the manifest or at the top of its workspace. */
export const followPython: Follow = async (source, path, text) => {
  const name = readTomlStrings(text).find(
    (one) => one.key === 'name' && (one.table === 'project' || one.table === 'tool.poetry'),
  )?.value;
  const packageNames = name === undefined ? [] : [name];
  for (const folder of foldersUp(folderOf(path))) {
    const lock = joinPath(folder, 'uv.lock');
    const found = await source.read(lock);
    if (found !== null) return { packageNames, files: [{ path: lock, text: found, packageNames }] };
  }
  return { packageNames, files: [] };
};
