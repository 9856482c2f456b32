/** What a kind of version file is: where it states its version, and which files follow it. */

/** A place in a file that states a version. */
export interface VersionSpot {
  from: number;
  to: number;
  /** The text there. */
  stated: string;
  /** What a person calls it, such as `appVersion`; `version` where nothing is said. */
  label?: string;
  /**
   * `own`: the product's version by the file's meaning. `also`: moves along where it states the same as the product's.
   * `derived`: a lock file's copy, which follows its manifest whatever it says.
   */
  role: 'own' | 'also' | 'derived';
}

/** A file as it is looked at. */
export interface VersionFile {
  /** Path from the top of the repository, also for messages. */
  path: string;
  text: string;
  /** Names of packages whose version moves, which lock files list them by. */
  packageNames?: readonly string[];
  /** Whether its own version is somebody else's: then only what it says of the packages moves. */
  foreign?: boolean;
  /** Folder of the manifest that a lock file follows, relative to the lock file's, or `''`. */
  member?: string;
}

/** How one kind of version file is read and written. */
export interface VersionFormat {
  /** Every place that may state the product's version, the most telling first. @throws VersionFileError */
  find(file: VersionFile): VersionSpot[];
  /** Where it looked, for the sentence about a file without a version. */
  lacking: string;
  /** The version in this file's own notation; as it is, where nothing is said. */
  write?(version: string, stated: string): string;
  /** A stated version as a semantic one; as it is, where nothing is said. */
  read?(stated: string): string;
}

/** Tells which file could not be changed and what it lacks. */
export class VersionFileError extends Error {
  override name = 'PlanError';
}

/** A spot by its place in a text. */
export function spotAt(
  text: string,
  [from, to]: readonly [number, number],
  role: VersionSpot['role'] = 'own',
  label?: string,
): VersionSpot {
  return { from, to, stated: text.slice(from, to), role, ...(label === undefined ? {} : { label }) };
}
