/** Pre-releases of several channels on one line: which comes next. */
import { compareVersions, coreVersion, nextVersion } from './version.ts';

/** A pre-release taken apart: `rc.1`, `rc1`, `rc-1` are the first of channel `rc`. */
export interface PrereleaseParts {
  channel: string;
  /** What stands between channel and number: `.`, `-` or nothing. */
  joint: string;
  /** The number, or null for a bare channel. */
  number: number | null;
}

/** Takes the pre-release part of a version apart, or gives null when it has none, or one that no channel numbers. */
export function readPrerelease(version: string): PrereleaseParts | null {
  const found = /^\d+\.\d+\.\d+-([0-9A-Za-z-]*?[A-Za-z])(?:([.-]?)(\d{1,9}))?(?:\+.*)?$/.exec(version);
  if (found === null) return null;
  const number = found[3] === undefined ? null : Number(found[3]);
  return { channel: found[1] ?? '', joint: found[2] ?? '.', number };
}

/** What is known when the next pre-release is named. */
export interface PrereleaseFacts {
  /** The final version that it leads to. */
  target: string;
  channel: string;
  /** Pre-releases after the last final release that the commit contains, whatever their channel. */
  contained: readonly string[];
  /** Versions that have a tag elsewhere. */
  taken: readonly string[];
  /** The highest version that is out. */
  latest: string | null;
}

/**
 * The next pre-release of a channel. A channel goes on from its own last number, in its own way of writing it, however
 * far other channels are; a channel that begins starts at 1, above all that is out.
 */
export function nextPrerelease(facts: PrereleaseFacts): { next: string; warnings: string[] } {
  const { target, channel, contained, taken, latest } = facts;
  const own = contained.filter((version) => readPrerelease(version)?.channel === channel);
  const [last] = own
    .filter((version) => coreVersion(version) === target)
    .sort((a, b) => numberOf(b) - numberOf(a));
  const joint = (last ?? own[0]) === undefined ? '.' : (readPrerelease(last ?? own[0] ?? '')?.joint ?? '.');
  const warnings: string[] = [];
  let number = last === undefined ? 1 : numberOf(last) + 1;
  while (taken.includes(`${target}-${channel}${joint}${number}`)) {
    warnings.push(
      `${target}-${channel}${joint}${number} has a tag already, on a commit that this release does not contain; the next number was taken.`,
    );
    number += 1;
  }
  const next = `${target}-${channel}${joint}${number}`;
  if (last !== undefined) {
    if (compareVersions(next, last) < 0) {
      warnings.push(
        `By semantic versioning ${next} comes before ${last}, since a number without a dot is compared letter by letter. Tools that take the highest version stay at ${last}; ${target}-${channel}.1 would count properly in a line of its own.`,
      );
    }
    return { next, warnings };
  }
  if (latest === null || compareVersions(next, latest) > 0) return { next, warnings };
  warnings.push(
    `${next} would be lower than ${latest}, which is already out; the next patch was taken. Name the version to stay on ${target}.`,
  );
  return { next: `${nextVersion(coreVersion(latest), 'patch')}-${channel}${joint}1`, warnings };
}

function numberOf(version: string): number {
  return readPrerelease(version)?.number ?? 0;
}
