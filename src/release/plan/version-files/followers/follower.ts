import type { FileSource } from '../file-source.ts';
import type { VersionFile } from '../format.ts';

/** What moves along with a manifest. */
export interface Following {
  /** Names of the packages that have the manifest's version. */
  packageNames: string[];
  /** Other files: modules, members and lock files. */
  files: VersionFile[];
}

/**
 * Finds what follows one kind of manifest.
 *
 * @param path of the manifest, from the top of the repository
 * @param text of the manifest, before the change
 */
export type Follow = (source: FileSource, path: string, text: string) => Promise<Following>;
