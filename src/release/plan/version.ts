/**
 * Semantic versions (semver.org 2.0.0). Written here rather than taken from the `semver` package because the command
 * line starts and scans thousands of tags in the time that `semver` needs to load and compile its expressions; the
 * tests hold every function against `semver` as the oracle.
 */

import type { BreakingBump, Bump } from '../names.ts';

const NUMBER = '(0|[1-9]\\d{0,15})';
const IDENTIFIER = '(?:0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*)';
const VERSION = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-(${IDENTIFIER}(?:\\.${IDENTIFIER})*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
);

interface VersionParts {
  major: number;
  minor: number;
  patch: number;
  /** Identifiers of the pre-release; none for a final version. */
  prerelease: string[];
}

function readParts(version: string): VersionParts | null {
  const match = version.length > 256 ? null : VERSION.exec(version);
  if (match === null) return null;
  const [major, minor, patch] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (Math.max(major, minor, patch) > Number.MAX_SAFE_INTEGER) return null;
  return { major, minor, patch, prerelease: match[4]?.split('.') ?? [] };
}

function requireParts(version: string): VersionParts {
  const parts = readParts(version);
  if (parts === null) throw new Error(`"${version}" is not a semantic version.`);
  return parts;
}

/** Whether the text is a semantic version, with nothing around it (no `v`, no spaces). */
export function isVersion(text: string): boolean {
  return readParts(text) !== null;
}

/** Whether the version is a pre-release such as `1.3.0-rc.1`. */
export function isPrerelease(version: string): boolean {
  const plus = version.indexOf('+');
  const dash = version.indexOf('-');
  return dash >= 0 && (plus < 0 || dash < plus);
}

/** Precedence by rule 11 of semantic versioning: negative when `a` comes first; build metadata does not count. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [requireParts(a), requireParts(b)];
  const byNumber = x.major - y.major || x.minor - y.minor || x.patch - y.patch;
  if (byNumber !== 0) return byNumber;
  // A final version comes after all of its pre-releases.
  if (x.prerelease.length === 0 || y.prerelease.length === 0)
    return y.prerelease.length - x.prerelease.length;
  for (let at = 0; ; at++) {
    const [one, other] = [x.prerelease[at], y.prerelease[at]];
    if (one === undefined || other === undefined) return x.prerelease.length - y.prerelease.length;
    const order = compareIdentifiers(one, other);
    if (order !== 0) return order;
  }
}

/** The highest of what people and scripts call versions; the first where none is a semantic version. */
export function newestVersion(versions: readonly string[]): string | undefined {
  const [highest] = versions.filter(isVersion).sort((a, b) => compareVersions(b, a));
  return highest ?? versions[0];
}

/** Numbers by value and before words, words by their characters. */
function compareIdentifiers(a: string, b: string): number {
  const [numberA, numberB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (numberA && numberB) return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
  if (numberA !== numberB) return numberA ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The final version that a pre-release leads to (`1.3.0-rc.1` gives `1.3.0`), build metadata dropped. */
export function coreVersion(version: string): string {
  return version.split(/[-+]/, 1)[0] ?? version;
}

/**
 * The next final version. Below 1.0.0 anything may change, so a breaking change moves the minor number unless
 * the product's policy says `major`. A pre-release that already leads far enough (`2.0.0-rc.1` for a major change)
 * only loses its identifier.
 */
export function nextVersion(version: string, bump: Bump, breakingBelowOne: BreakingBump = 'minor'): string {
  const { major, minor, patch, prerelease } = requireParts(version);
  const pre = prerelease.length > 0;
  const effective = bump === 'major' && major === 0 && breakingBelowOne === 'minor' ? 'minor' : bump;
  switch (effective) {
    case 'major':
      return pre && minor === 0 && patch === 0 ? `${major}.0.0` : `${major + 1}.0.0`;
    case 'minor':
      return pre && patch === 0 ? `${major}.${minor}.0` : `${major}.${minor + 1}.0`;
    case 'patch':
      return pre ? `${major}.${minor}.${patch}` : `${major}.${minor}.${patch + 1}`;
  }
}

/** How far `to` is from `from`, by the first number that differs. */
export function bumpBetween(from: string, to: string): Bump {
  const [a, b] = [requireParts(from), requireParts(to)];
  if (a.major !== b.major) return 'major';
  return a.minor === b.minor ? 'patch' : 'minor';
}
