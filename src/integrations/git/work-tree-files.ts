import { lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { FileSource } from '../../release/plan/version-files/file-source.ts';
import { HistoryError } from './git-errors.ts';

/**
 * The files of a work tree. A link may lead out of it, and is not read through; neither is a folder that is one.
 *
 * @param top absolute path of the work tree
 */
export function readWorkTreeFiles(top: string): FileSource {
  return {
    read: async (path) => {
      const file = join(top, path);
      refuseOutside(top, path);
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

/** A folder on the way may be a link to somewhere else, where nothing is written. @throws {HistoryError} */
function refuseOutside(top: string, path: string): void {
  const found = follow(dirname(join(top, path)));
  const inside = follow(top);
  if (found === undefined || inside === undefined) return;
  if (found === inside || found.startsWith(inside + sep)) return;
  throw new HistoryError(
    `${path} lies outside of the repository: a folder on the way is a link to ${found}. Nothing was changed.`,
  );
}

/** Where a path leads; undefined where it leads nowhere. */
function follow(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
