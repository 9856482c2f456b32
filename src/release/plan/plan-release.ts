/** The plan of a release from its history: version, reasons, changelog and notes. Plain JSON in, plain JSON out. */

import type { GitTexts } from '../git-texts.ts';
import type { BreakingBump, Bump } from '../names.ts';
import {
  type ChangelogFormat,
  compareLink,
  type ReleaseSection,
  renderChangelogSection,
} from './changelog/changelog.ts';
import { renderNotes } from './changelog/notes.ts';
import { groupItems, type Sections } from './changelog/sections.ts';
import type { ParsedMessage } from './commits/commit.ts';
import { type Contributor, listContributors } from './commits/contributors.ts';
import { highestBump, type ReadCommit, readCommits, toItems } from './commits/read-commits.ts';
import { compileRules, type TypeRule } from './commits/type-rules.ts';
import type { CommitRecord, History, Person } from './history.ts';
import { inferVersion, maxBump } from './infer-version.ts';
import { type LinkSettings, makeLinks } from './links/links.ts';
import { formatTag } from './tag-format.ts';
import { isPrerelease, nextVersion } from './version.ts';

export interface PlanOptions {
  /** What the product is called in the notes. */
  title: string;
  /** When the release is made, ISO 8601; its first ten characters are the day in changelog and notes. */
  date: string;
  format?: ChangelogFormat;
  includePullRequests?: boolean;
  breakingSection?: boolean;
  /** `auto` infers; else the version moves by this much whatever the commits say. */
  bump?: Bump | 'auto';
  /** Exactly this version. */
  version?: string | null;
  /** Pre-release channel (`rc`), or null for a final release. */
  prerelease?: string | null;
  breakingBelowOne?: BreakingBump;
  rules?: readonly TypeRule[];
  /** The product's own templates: what its releases wrote into git by them is no change. */
  git?: Partial<GitTexts>;
  /** Web address for links, instead of the one in the history. */
  repositoryUrl?: string | null;
  /** How links are written; by the host's name where nothing is said. */
  links?: LinkSettings;
}

/** A commit of the range as the plan reads it. */
export interface PlannedCommit {
  sha: string;
  subject: string;
  type: string;
  scope: string | null;
  /** How far it moves the version, after the policy below 1.0.0; null when it does not. */
  bump: Bump | null;
  breaking: boolean;
  pullRequest: number | null;
}

export interface Reason {
  sha: string;
  subject: string;
  bump: Bump;
}

export interface Plan {
  current: string | null;
  currentTag: string | null;
  next: string | null;
  nextTag: string | null;
  bump: Bump | null;
  /** The commits that decide the version. */
  reasons: Reason[];
  commits: PlannedCommit[];
  /** The new section of the changelog; empty when there is no next version. */
  changelog: string;
  /** The release notes; empty when there is no next version. */
  notes: string;
  warnings: string[];
  /** `YYYY-MM-DD` */
  date: string;
  head: string;
  sections: Sections;
  contributors: Contributor[];
  /** Web page that shows the difference to the release before, or null. */
  compareUrl: string | null;
  /** Web page that shows what came after this release, or null. */
  unreleasedUrl: string | null;
}

/**
 * Plans a release. Deterministic: the same history and options give the same plan, byte for byte.
 *
 * @throws Error with a sentence for people when an explicit version is not higher than the current one
 */
export function planRelease(history: History, options: PlanOptions): Plan {
  const warnings = [...history.warnings];
  const { rules, mistakes } = compileRules(options.rules ?? []);
  warnings.push(...mistakes);
  const breakingBelowOne = options.breakingBelowOne ?? 'minor';
  const belowOne = history.base === null || history.base.version.startsWith('0.');
  const effective = (bump: Bump | null): Bump | null =>
    bump === 'major' && belowOne && breakingBelowOne === 'minor' ? 'minor' : bump;

  const read = readCommits(history.commits, rules, options.git);
  const commits = read.counted.map(({ record, parsed }) => plannedCommit(record, parsed, effective));
  let bump: Bump | null = null;
  let bumpSinceLatest: Bump | null = null;
  for (const { record, parsed } of read.counted) {
    const called = highestBump(parsed);
    bump = maxBump(bump, called);
    if (record.inPrerelease !== true) bumpSinceLatest = maxBump(bumpSinceLatest, called);
  }
  const unconventional = read.counted.filter(
    ({ parsed }) => parsed.kind === 'change' && parsed.changes.some((change) => !change.conventional),
  );
  if (unconventional.length > 0) {
    warnings.push(
      `${sentenceCount(unconventional.length, 'commit follows', 'commits follow')} no convention and ${unconventional.length === 1 ? 'counts' : 'count'} as a patch under "Other changes", such as "${unconventional[0]?.parsed.subject.slice(0, 80)}". Rules can give such commits a type.`,
    );
  }

  const asked = options.bump ?? 'auto';
  if (asked !== 'auto') {
    if (bump !== null && maxBump(effective(bump), asked) !== asked) {
      warnings.push(
        `The history calls for a ${effective(bump)} release, but a ${asked} release was asked for.`,
      );
    }
  } else if (!history.baseTrusted) {
    bump = null;
    bumpSinceLatest = null;
  }
  const inferred = inferVersion({
    base: history.base?.version ?? null,
    latest: history.latest?.version ?? null,
    bump: asked === 'auto' ? bump : asked,
    bumpSinceLatest: asked === 'auto' ? bumpSinceLatest : asked,
    demanded:
      options.version ?? demandedByBump(history, options) ?? (asked === 'auto' ? read.releaseAs : null),
    announced: read.announced,
    prerelease: options.prerelease ?? null,
    prereleases: history.prereleases ?? prereleaseOf(history),
    taken: history.takenVersions,
    // A person who says "major" means it, also below 1.0.0.
    breakingBelowOne: asked === 'major' ? 'major' : breakingBelowOne,
  });
  if (options.version != null && inferred.next !== options.version) {
    throw new Error(
      `Version ${options.version} cannot be released: it must be a semantic version higher than ${history.latest?.version ?? history.base?.version}.`,
    );
  }
  warnings.push(...inferred.warnings);
  if (inferred.next !== null && history.takenVersions.includes(inferred.next)) {
    warnings.push(
      `The tag ${formatTag(history.tagFormat, inferred.next)} exists already, on a commit that this release does not contain. It cannot be used twice: ask for another bump, or bring that release into this branch.`,
    );
  }

  const sections = groupItems(read.counted.flatMap(({ record, parsed }) => toItems(record, parsed)));
  const contributors = listContributors(peopleOf(read.counted), history.newcomers);
  const top = effective(bump);
  const plan: Plan = {
    current: history.latest?.version ?? history.base?.version ?? null,
    currentTag: history.latest?.tag ?? history.base?.tag ?? null,
    next: inferred.next,
    nextTag: inferred.next === null ? null : formatTag(history.tagFormat, inferred.next),
    bump: inferred.bump,
    reasons: commits.flatMap(({ sha, subject, bump: called }) =>
      called !== null && called === top ? [{ sha, subject, bump: called }] : [],
    ),
    commits,
    changelog: '',
    notes: '',
    warnings,
    date: options.date.slice(0, 10),
    head: history.head,
    sections,
    contributors,
    compareUrl: null,
    unreleasedUrl: null,
  };
  return plan.next === null ? plan : { ...plan, ...renderPlan(plan, history, options) };
}

/** The two documents and the link, once the version is known. */
function renderPlan(plan: Plan, history: History, options: PlanOptions): Partial<Plan> {
  const repositoryUrl = options.repositoryUrl === undefined ? history.repositoryUrl : options.repositoryUrl;
  const links = makeLinks(repositoryUrl, options.links);
  const style = {
    format: options.format ?? 'keep-a-changelog',
    includePullRequests: options.includePullRequests ?? true,
    breakingSection: options.breakingSection ?? true,
  };
  const release: ReleaseSection = {
    version: plan.next ?? '',
    tag: plan.nextTag ?? '',
    previousTag: history.base?.tag ?? history.latest?.tag ?? null,
    date: plan.date,
    sections: plan.sections,
  };
  return {
    changelog: renderChangelogSection(release, style, links),
    notes: renderNotes({ ...release, title: options.title, contributors: plan.contributors }, style, links),
    compareUrl: compareLink(release, links),
    unreleasedUrl: plan.nextTag === null ? null : links.compare(plan.nextTag, 'HEAD'),
  };
}

function plannedCommit(
  record: CommitRecord,
  parsed: ParsedMessage,
  effective: (bump: Bump | null) => Bump | null,
): PlannedCommit {
  const first = parsed.changes[0];
  return {
    sha: record.sha,
    subject: parsed.subject,
    type: first?.type ?? parsed.kind,
    scope: first?.scope ?? null,
    bump: effective(highestBump(parsed)),
    breaking: parsed.changes.some((change) => change.breaking),
    pullRequest: first?.pullRequest ?? record.pullRequest?.number ?? null,
  };
}

/** An explicit bump of a product that was never released counts from 0.0.0. */
function demandedByBump(history: History, options: PlanOptions): string | null {
  const bump = options.bump ?? 'auto';
  if (bump === 'auto' || history.base !== null || history.latest !== null || options.prerelease != null)
    return null;
  return nextVersion('0.0.0', bump, 'major');
}

function prereleaseOf({ latest }: History): string[] {
  return latest !== null && isPrerelease(latest.version) ? [latest.version] : [];
}

function peopleOf(commits: readonly ReadCommit[]): Person[] {
  return [...commits].reverse().flatMap(({ record, parsed }) => [record.author, ...parsed.coAuthors]);
}

function sentenceCount(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}
