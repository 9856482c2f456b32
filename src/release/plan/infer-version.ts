/** Which version comes next, and which commits decide it. */

import type { BreakingBump, Bump } from '../names.ts';
import { nextPrerelease } from './prerelease.ts';
import { bumpBetween, compareVersions, coreVersion, isPrerelease, nextVersion } from './version.ts';

/** The first version of a product that never had a release tag. */
export const FIRST_VERSION = '0.1.0';

const RANK = { patch: 1, minor: 2, major: 3 } as const;

/** The further-reaching of two bumps; null reaches nowhere. */
export function maxBump(a: Bump | null, b: Bump | null): Bump | null {
  if (a === null || b === null) return a ?? b;
  return RANK[a] >= RANK[b] ? a : b;
}

/** What is known when a version is inferred. */
export interface VersionFacts {
  /** Last final release, or the tag that was asked for; null before the first. */
  base: string | null;
  /** Highest release contained, possibly a pre-release after the base. */
  latest: string | null;
  /** What the commits since `base` call for. */
  bump: Bump | null;
  /** What the commits since the last pre-release of the channel call for. */
  bumpSinceLatest: Bump | null;
  /** Version that a `Release-As` trailer or a person demands. */
  demanded: string | null;
  /** Highest pre-release that a release commit of the range names, or null. */
  announced: string | null;
  /** Identifier of the pre-release channel (`rc`), or null for a final release. */
  prerelease: string | null;
  /** Pre-releases after the base that are contained; see `History`. */
  prereleases: readonly string[];
  /** Versions that have a tag elsewhere. */
  taken: readonly string[];
  breakingBelowOne: BreakingBump;
}

export interface InferredVersion {
  next: string | null;
  bump: Bump | null;
  warnings: string[];
}

/**
 * Infers the next version. It is always higher than `base` and `latest`, or null when nothing calls for a release.
 * A demanded version wins when it is higher; otherwise a warning says why it was not taken.
 */
export function inferVersion(facts: VersionFacts): InferredVersion {
  const warnings: string[] = [];
  const highest = higher(facts.base, facts.latest);
  if (facts.demanded !== null) {
    if (highest === null || compareVersions(facts.demanded, highest) > 0) {
      const bump =
        highest === null ? firstBump(facts.demanded) : bumpBetween(facts.base ?? highest, facts.demanded);
      return { next: facts.demanded, bump, warnings };
    }
    warnings.push(
      `Version ${facts.demanded} was demanded, but ${highest} is already out and not lower; the demand is ignored.`,
    );
  }

  // A pre-release that is out already says where its final version is heading.
  const ahead = higher(
    facts.latest !== null && isPrerelease(facts.latest) ? facts.latest : null,
    facts.announced !== null && (highest === null || compareVersions(facts.announced, highest) > 0)
      ? facts.announced
      : null,
  );
  const target = targetVersion(facts, ahead);
  if (target === null) return { next: null, bump: null, warnings };
  const bump = facts.base === null ? firstBump(target) : bumpBetween(facts.base, target);

  if (facts.prerelease === null) return { next: target, bump, warnings };
  if (ahead !== null && facts.bumpSinceLatest === null) return { next: null, bump: null, warnings };
  const { next, warnings: said } = nextPrerelease({
    target,
    channel: facts.prerelease,
    contained: facts.prereleases,
    taken: facts.taken,
    latest: higher(highest, ahead),
  });
  return { next, bump, warnings: [...warnings, ...said] };
}

/** The final version that the commits lead to, or null. */
function targetVersion(facts: VersionFacts, ahead: string | null): string | null {
  const floor = ahead === null ? null : coreVersion(ahead);
  if (facts.base === null) {
    if (facts.bump === null) return floor;
    return higher(FIRST_VERSION, floor);
  }
  const inferred = facts.bump === null ? null : nextVersion(facts.base, facts.bump, facts.breakingBelowOne);
  // A pre-release of 2.0.0-rc.1 itself, taken as the base, leads to 2.0.0 even when nothing was added.
  if (inferred === null && floor === null) return null;
  return higher(inferred, floor);
}

function firstBump(version: string): Bump {
  return bumpBetween('0.0.0', version);
}

function higher(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return compareVersions(a, b) >= 0 ? a : b;
}
