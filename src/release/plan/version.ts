/**
 * Semantic versions (semver.org 2.0.0), by the `semver` package where a plan is made, and by one regular expression
 * where thousands of tags are scanned: on 12,000 tags `semver`'s own parser costs more than the reading of git.
 */
import compare from 'semver/functions/compare.js';
import inc from 'semver/functions/inc.js';
import parse from 'semver/functions/parse.js';
import type { Bump } from '../settings.ts';

const NUMBER = '(0|[1-9]\\d{0,15})';
const IDENTIFIER = '(?:0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*)';
const VERSION = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-(${IDENTIFIER}(?:\\.${IDENTIFIER})*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
);

/** Whether the text is a semantic version, with nothing around it (no `v`, no spaces). */
export function isVersion(text: string): boolean {
  return text.length <= 256 && VERSION.test(text);
}

/** Whether the version is a pre-release such as `1.3.0-rc.1`. */
export function isPrerelease(version: string): boolean {
  const plus = version.indexOf('+');
  const dash = version.indexOf('-');
  return dash >= 0 && (plus < 0 || dash < plus);
}

/** Order by semantic versioning: negative when `a` comes first. Both must be versions. */
export function compareVersions(a: string, b: string): number {
  return compare(a, b);
}

/** The final version that a pre-release leads to (`1.3.0-rc.1` gives `1.3.0`), build metadata dropped. */
export function coreVersion(version: string): string {
  return version.split(/[-+]/, 1)[0] ?? version;
}

/** Orders versions from the highest down; a key is computed once per version, not once per comparison. */
export function sortDescending<T extends { version: string }>(tags: T[]): T[] {
  const keyed = tags.map((tag) => {
    const [major = '0', minor = '0', patch = '0'] = coreVersion(tag.version).split('.');
    return { tag, major: Number(major), minor: Number(minor), patch: Number(patch) };
  });
  keyed.sort(
    (a, b) =>
      b.major - a.major ||
      b.minor - a.minor ||
      b.patch - a.patch ||
      compareVersions(b.tag.version, a.tag.version) ||
      (a.tag.version < b.tag.version ? 1 : -1),
  );
  return keyed.map((entry) => entry.tag);
}

/**
 * The next final version. Below 1.0.0 anything may change, so a breaking change moves the minor number unless
 * the product's policy says `major`. On a pre-release, the number that it already leads to is not moved twice.
 */
export function nextVersion(
  version: string,
  bump: Bump,
  breakingBelowOne: 'minor' | 'major' = 'minor',
): string {
  const effective =
    bump === 'major' && version.startsWith('0.') && breakingBelowOne === 'minor' ? 'minor' : bump;
  const next = inc(version, effective);
  if (next === null) throw new Error(`"${version}" is not a semantic version.`);
  return next;
}

/** How far `to` is from `from`, by the first number that differs. */
export function bumpBetween(from: string, to: string): Bump {
  const [a, b] = [coreVersion(from).split('.'), coreVersion(to).split('.')];
  if (a[0] !== b[0]) return 'major';
  return a[1] === b[1] ? 'patch' : 'minor';
}

/**
 * The pre-release after `latest` on the way to `target`: the number after the identifier goes up by one, and starts
 * at 1. The result is always higher than `latest`: going back from `rc` to `beta` moves to the next patch.
 */
export function nextPrerelease(target: string, identifier: string, latest: string | null): string {
  const parsed = latest === null ? null : parse(latest);
  if (parsed !== null && coreVersion(parsed.version) === target && parsed.prerelease[0] === identifier) {
    const last = parsed.prerelease.at(-1);
    return `${target}-${identifier}.${typeof last === 'number' ? last + 1 : 1}`;
  }
  const first = `${target}-${identifier}.1`;
  if (latest === null || compareVersions(first, latest) > 0) return first;
  return `${nextVersion(coreVersion(latest), 'patch')}-${identifier}.1`;
}
