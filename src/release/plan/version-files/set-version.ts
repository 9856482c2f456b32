/** One version file, text to text. Only the version changes; indentation, comments, line ends and order stay. */
import { compareVersions, coreVersion, isVersion } from '../version.ts';
import { type VersionFile, VersionFileError, type VersionFormat, type VersionSpot } from './format.ts';
import { loadFormat } from './formats.ts';

export interface VersionFileEdit extends VersionFile {
  version: string;
  /** The product's last released version, or null before the first. Absent: whatever the file states is taken for it. */
  previous?: string | null;
  /** Text around a `{version}` mark, such as `__version__ = "{version}"`; then the file's name does not matter. */
  pattern?: string;
}

/** With the format by which the file is read and written. */
type Edit = VersionFileEdit & { format: VersionFormat };

/** What becomes of a file, and what a person should hear of it. */
export interface EditedVersion {
  text: string;
  /** Whole sentences. */
  said: string[];
}

/** Marks of a version that nobody has released: it may be left for a lower one. */
const IN_DEVELOPMENT = /-(?:dev|develop|development|snapshot|wip|unreleased|nightly|canary)\b/i;
const PLACEHOLDER = /^0\.0\.0(?:-|$)/;

/**
 * The file's text with the new version in it.
 *
 * The version is never lowered. What states something else than the last release was set by a person: it is moved with
 * a word, and where a file has several candidates, those that state the last release are the product's, and the others
 * stay, with a word.
 *
 * @throws VersionFileError when the file has no version to change, states a higher one, or is not what its name says
 */
export async function editVersion(file: VersionFileEdit): Promise<EditedVersion> {
  const { path, version } = file;
  if (!isVersion(version)) throw new VersionFileError(`${path}: "${version}" is not a semantic version.`);
  const edit = { ...file, format: await loadFormat(file) };
  const spots = edit.format.find(edit);
  const states = (spot: VersionSpot) => {
    const stated = semanticOf(edit, spot.stated);
    return stated !== null && (stated === edit.previous || stated === version);
  };
  // What only moves along says the product's version by itself where it states the last release: a module's parent.
  if (!spots.some((spot) => spot.role !== 'also' || states(spot))) {
    throw new VersionFileError(
      `${path}: found no version to change ${edit.format.lacking}. The file was not changed.`,
    );
  }
  const { chosen, said } = chooseSpots(edit, spots);
  let text = edit.text;
  for (const spot of chosen.sort((a, b) => b.from - a.from)) {
    text = text.slice(0, spot.from) + writeAs(edit, spot) + text.slice(spot.to);
  }
  return { text, said };
}

/**
 * The text of a file that follows another one: lock files copy the new version, and whatever stated the old version of
 * the manifest states the new one. What states anything else is somebody else's.
 *
 * @param old the version that the manifest stated before, in its own notation
 */
export async function editFollower(file: VersionFile, version: string, old: string): Promise<string> {
  const edit = { ...file, version, format: await loadFormat(file) };
  const spots = edit.format
    .find(edit)
    .filter(
      ({ role, stated }) =>
        role === 'derived' ||
        (!(role === 'own' && file.foreign === true) && (stated === old || semanticOf(edit, stated) === old)),
    );
  let { text } = file;
  for (const spot of spots.sort((a, b) => b.from - a.from)) {
    text = text.slice(0, spot.from) + writeAs(edit, spot) + text.slice(spot.to);
  }
  return text;
}

/** The version that a file states, in its own notation, or null. */
export async function readVersion(file: Omit<VersionFileEdit, 'version'>): Promise<string | null> {
  const spots = (await loadFormat(file)).find(file);
  return spots.find(({ role }) => role !== 'also')?.stated ?? null;
}

/** A stated version as a semantic one, or null when it is none. */
function semanticOf({ format }: Edit, stated: string): string | null {
  const bare = stated.replace(/^v/, '');
  const read = format.read?.(bare) ?? bare;
  return isVersion(read) ? read : null;
}

function writeAs(edit: Edit, { stated }: VersionSpot): string {
  if (semanticOf(edit, stated) === edit.version) return stated;
  return edit.format.write?.(edit.version, stated) ?? edit.version;
}

/** Which of the places are the product's. @throws VersionFileError where that cannot be told, or would lower it */
function chooseSpots(edit: Edit, spots: readonly VersionSpot[]): { chosen: VersionSpot[]; said: string[] } {
  const { path, version, previous } = edit;
  const derived = spots.filter(({ role }) => role === 'derived');
  const own = spots.filter(({ role }) => role === 'own');
  const [first] = own.length > 0 ? own : spots.filter(({ role }) => role === 'also');
  if (first === undefined) return { chosen: derived, said: [] };
  const states = (spot: VersionSpot, wanted: string | null) =>
    wanted !== null && (spot.stated === wanted || semanticOf(edit, spot.stated) === wanted);
  // What was written already by an earlier try is right too.
  const right = spots.filter((spot) => states(spot, version));
  const last = previous === undefined ? (semanticOf(edit, first.stated) ?? first.stated) : previous;
  const matching = spots.filter((spot) => spot.role !== 'derived' && states(spot, last));
  const unsaid = edit.pattern !== undefined && previous === undefined;
  const taken = unsaid ? own : matching.length > 0 ? matching : right.length > 0 ? [] : pickOwn(edit, own);
  const chosen = [...derived, ...taken];
  const said = taken.flatMap((spot) => sayMoved(edit, spot, semanticOf(edit, spot.stated)));
  const left = spots.filter((spot) => !chosen.includes(spot) && !right.includes(spot));
  for (const spot of left) {
    if (matching.length === 0 && spot.role === 'also' && edit.pattern === undefined) continue;
    said.push(
      `${path}: ${spot.label ?? 'another version'} stays at ${spot.stated}, which is not the product's last version.`,
    );
  }
  return { chosen, said };
}

/** Where no place states the last release. */
function pickOwn(edit: VersionFileEdit, own: VersionSpot[]): VersionSpot[] {
  const stated = new Set(own.map((spot) => spot.stated));
  if (edit.pattern === undefined) return own.slice(0, 1);
  if (stated.size === 1 || edit.previous === undefined) return own;
  throw new VersionFileError(
    `${edit.path}: the pattern ${JSON.stringify(edit.pattern)} finds ${[...stated].join(' and ')}, and none is the last release${edit.previous === null ? '' : ` ${edit.previous}`}. Which is the product's cannot be told: give the pattern more of the text around it. The file was not changed.`,
  );
}

/** @throws VersionFileError when the file states a higher version, which is never lowered */
function sayMoved(edit: VersionFileEdit, spot: VersionSpot, stated: string | null): string[] {
  const { path, version, previous } = edit;
  if (previous === undefined || stated === previous || stated === null) return [];
  const inDevelopment = IN_DEVELOPMENT.test(stated) || PLACEHOLDER.test(stated);
  if (!inDevelopment && compareVersions(stated, version) > 0) {
    throw new VersionFileError(
      `${path} states ${spot.stated}, which is higher than the planned ${version}${previous === null ? '' : ` (the last release is ${previous})`}. A release never lowers a version that somebody set: release ${coreVersion(stated)} or higher by name (--version ${coreVersion(stated)}), tag the commit that was released as ${spot.stated}, or set the file back. Nothing was changed.`,
    );
  }
  if (coreVersion(stated) === coreVersion(version) || (previous === null && PLACEHOLDER.test(stated)))
    return [];
  return [
    previous === null
      ? `${path} stated ${spot.stated} before any release; it states ${version} now.`
      : `${path} stated ${spot.stated}, and not the last release ${previous}; it states ${version} now.`,
  ];
}
