import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileSource } from '../../release/plan/version-files/file-source.ts';
import { HistoryError } from './git-errors.ts';

/**
 * The files of a work tree. A link may lead out of it, and is not read through.
 *
 * @param top absolute path of the work tree
 */
export function readWorkTreeFiles(top: string): FileSource {
  return {
    read: async (path) => {
      const file = join(top, path);
      const stat = lstatSync(file, { throwIfNoEntry: false });
      if (stat === undefined) return null;
      if (!stat.isFile())
        throw new HistoryError(
          `${path} is not a plain file, so it is not written through. Nothing was changed.`,
        );
      return readFileSync(file, 'utf8');
    },
    list: async (folder) => {
      const path = join(top, folder);
      return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(path) : [];
    },
  };
}
