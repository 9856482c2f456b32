/** One reading of git for planning: which release came last, and what was committed since. */
import type { CommitRecord, History, ReleaseTag } from '../../../release/plan/history.ts';
import { readPrerelease } from '../../../release/plan/prerelease.ts';
import {
  formatOf,
  guessTagFormat,
  normalizeTagFormat,
  parseTag,
  splitTag,
} from '../../../release/plan/tag-format.ts';
import { compareVersions, isPrerelease } from '../../../release/plan/version.ts';
import { askClone } from '../ask-clone.ts';
import { HistoryError } from '../git-errors.ts';
import { streamLog } from './history-log.ts';
import { type RecentWork, readRecentWork, searchNewcomers } from './history-people.ts';
import { findReachable, RECENT_WINDOW, type ReachableReleases } from './history-reach.ts';
import { type OpenedRepository, openRepository, requireFolder } from './history-refs.ts';
import { findConcerned, isWhole, readScope, type Scope } from './history-scope.ts';
import { type MatchedTags, matchTags, readShortTag } from './history-tags.ts';
import type { TagCommits } from './tag-commits.ts';

export interface HistoryOptions {
  /** A folder inside the repository, or a bare repository. */
  repository: string;
  /** Release tag to count from, instead of the last release that `to` contains. */
  from?: string | null;
  /** Branch, tag or commit to release; `HEAD` by default. */
  to?: string | null;
  /** See `normalizeTagFormat`; found out from the tags when absent. */
  tagFormat?: string | null;
  /** Subfolder that is released, relative to the top of the repository. */
  path?: string | null;
  /** Further files and folders that are part of the product. */
  alsoPaths?: readonly string[];
  /** Files and folders that are no part of it. */
  excludePaths?: readonly string[];
  /** Channel of the pre-release that is planned, such as `rc`. */
  channel?: string | null;
  /** Names by which the product's tags may begin, such as its package's. */
  names?: readonly string[];
  /**
   * How many commits before the range are searched for earlier work of its contributors. Where there are more, nobody
   * is called a newcomer, since an older commit may exist. 10,000 by default.
   */
  newcomerSearch?: number;
  /**
   * Whether a person has decided that there is a release. Then the whole history counts even when tags exist only in
   * another format; otherwise nothing does.
   */
  decided?: boolean;
}

/** A constant bound, since a plan's cost must not follow the repository's age; some 50 ms of git's time. */
const DEFAULT_NEWCOMER_SEARCH = 10_000;

/** What somebody who reads more of the repository anyway has found out already; see `readHistory`. */
export interface KnownBefore {
  opened: OpenedRepository;
  /** The product's tags among all. */
  matched: MatchedTags;
  /** The whole work up to `opened.head`. */
  work: Promise<RecentWork>;
}

/**
 * Reads what a plan needs.
 *
 * @throws HistoryError for everything that the person can put right: not a repository, a shallow clone that lacks
 * commits of the range, a ref that does not exist, a `from` that `to` does not contain
 */
export async function readHistory(options: HistoryOptions, known?: KnownBefore): Promise<History> {
  const { repository } = options;
  const scope = readScope(options);
  const search = options.newcomerSearch ?? DEFAULT_NEWCOMER_SEARCH;
  const recentSize = Math.min(RECENT_WINDOW, search);
  // The usual question needs to look nothing up before the last commits can be read.
  const usual = known === undefined && (options.to ?? 'HEAD') === 'HEAD' && (options.from ?? null) === null;
  const early = usual ? readRecentWork(repository, 'HEAD', recentSize) : null;
  // Where this one fails, so does what comes first, and that is what the person is told.
  early?.catch(() => {});
  const opened = known?.opened ?? (await openRepository(options));
  const { head, to, tagCommits, shallow } = opened;
  for (const path of [scope.folder, ...scope.also]) {
    if (path !== '') await requireFolder(repository, head, path, to);
  }

  const recentReading = known?.work ?? early ?? readRecentWork(repository, head, recentSize);
  const matched =
    opened.from === null
      ? (known?.matched ?? matchProductTags(options, tagCommits))
      : matchFrom(options.from ?? '', options);
  const { latest, final, prereleases } =
    opened.from === null
      ? await findReachable(repository, head, matched.tags, tagCommits, await recentReading)
      : await checkFrom(repository, head, matched, opened.from, to);
  const base = final ?? (opened.from === null ? null : latest);
  // A channel counts from its own last pre-release, whatever other channels did in between.
  const channel = options.channel ?? null;
  const reference =
    channel === null
      ? (latest ?? undefined)
      : prereleases.find(({ version }) => readPrerelease(version)?.channel === channel);
  const trusted = !matched.othersOnly || options.decided === true;

  const [records, inPrerelease, recent] = await Promise.all([
    trusted ? readRange(repository, base === null ? head : `${base.sha}..${head}`, scope) : [],
    reference !== undefined && reference.sha !== base?.sha ? listBetween(repository, base, reference) : null,
    recentReading,
  ]);
  for (const record of records) if (inPrerelease?.has(record.sha) === true) record.inPrerelease = true;
  if (shallow !== null) refuseCutHistory(records, shallow, base, scope);
  return {
    repositoryUrl: opened.repositoryUrl,
    tagFormat:
      (latest === null ? null : (formatOrNull(options) ?? guessTagFormat(latest.tag))) ?? matched.tagFormat,
    head,
    base,
    latest: latest ?? base,
    prereleases: prereleases.map(({ version }) => version),
    commits: records,
    newcomers:
      shallow === null
        ? await searchNewcomers({
            repository,
            head,
            base,
            whole: isWhole(scope),
            records,
            recent,
            search,
            before: countLower(matched, base),
          })
        : [],
    takenVersions: opened.from === null ? listTaken(matched, base, prereleases) : [],
    baseTrusted: trusted,
    warnings: [
      ...matched.warnings,
      ...describeFirst(matched, latest ?? base, to),
      ...(isWhole(scope) ? describeOthers(tagCommits, matched, base, records) : []),
    ],
  };
}

/** The commits of a range that concern the product, newest first. */
async function readRange(repository: string, range: string, scope: Scope): Promise<CommitRecord[]> {
  const records: CommitRecord[] = [];
  await streamLog(repository, range, (commit) => {
    records.push(commit);
  });
  if (isWhole(scope) || records.length === 0) return records;
  const concerned = await findConcerned(repository, range, scope, records);
  return records.filter(({ sha }) => concerned.has(sha));
}

/** Versions above the base that have a tag elsewhere, nearest first; a plan must not take one of them. */
function listTaken(
  matched: MatchedTags,
  base: ReleaseTag | null,
  contained: readonly ReleaseTag[],
): string[] {
  const end = base === null ? matched.tags.length : matched.tags.findIndex(({ tag }) => tag === base.tag);
  const own = new Set(contained.map(({ version }) => version));
  return matched.tags
    .slice(Math.max(0, end - 500), end)
    .map(({ version }) => version)
    .filter((version) => !own.has(version))
    .reverse();
}

/** How many releases there were below the base: no fewer commits lie before the range. */
function countLower(matched: MatchedTags, base: ReleaseTag | null): number {
  return base === null ? 0 : matched.tags.length - 1 - matched.tags.findIndex(({ tag }) => tag === base.tag);
}

/** Why a whole history is about to be counted: never in silence. */
function describeFirst(matched: MatchedTags, last: ReleaseTag | null, to: string): string[] {
  if (last !== null || matched.othersOnly) return [];
  const [highest] = matched.tags;
  return highest === undefined
    ? ['There is no release tag yet: this is planned as the first release, and the whole history counts.']
    : [
        `None of the ${matched.tags.length} release tags (the highest is ${highest.tag}) is contained in ${to}: this is planned as a first release, and the whole history counts.`,
      ];
}

/** A tag of another style on a commit that is about to be counted: perhaps a release that nobody recognised. */
function describeOthers(
  tagCommits: TagCommits,
  matched: MatchedTags,
  base: ReleaseTag | null,
  records: readonly CommitRecord[],
): string[] {
  if (base === null) return [];
  if (matched.others.length === 0) return [];
  const counted = new Set(records.map(({ sha }) => sha));
  const others = matched.others.flatMap((tag) => {
    const parts = counted.has(tagCommits.get(tag) ?? '') ? splitTag(tag) : null;
    if (parts === null || compareVersions(parts.version, base.version) <= 0) return [];
    return [{ tag, format: formatOf(parts.prefix) }];
  });
  // Of several styles, none is likely to be this product's.
  if (others.length === 0 || new Set(others.map(({ format }) => format)).size > 1) return [];
  return [
    `The tag ${others.at(-1)?.tag} is on a commit since ${base.tag}, but written otherwise ("${others[0]?.format}"), so it counts as no release. If it is one of this product's, name its style as the tag format.`,
  ];
}

/** The tags of the product that the options describe. @throws HistoryError when no tag can have the format */
export function matchProductTags(options: HistoryOptions, tagCommits: TagCommits): MatchedTags {
  const inSubfolder = readScope(options).folder !== '';
  return matchTags(tagCommits.names, formatOrNull(options), options.names ?? [], inSubfolder);
}

function formatOrNull(options: HistoryOptions): string | null {
  if (options.tagFormat == null) return null;
  try {
    return normalizeTagFormat(options.tagFormat, options.names?.[0] ?? '');
  } catch (error) {
    throw new HistoryError((error as Error).message);
  }
}

/** The tag that was asked for, read by the format. */
function matchFrom(from: string, options: HistoryOptions): MatchedTags {
  const tag = from.replace(/^refs\/tags\//, '');
  const tagFormat =
    formatOrNull(options) ?? guessTagFormat(tag) ?? `${/^(.*?)[\d.]*$/.exec(tag)?.[1] ?? ''}{version}`;
  const version = parseTag(tagFormat, tag) ?? readShortTag(tagFormat, tag)?.version ?? null;
  if (version === null) {
    throw new HistoryError(
      `--from ${from} states no semantic version${options.tagFormat ? ` by the tag format "${options.tagFormat}"` : ''}, so there is nothing to count up from. Name a release tag such as v1.2.3.`,
    );
  }
  return { tagFormat, tags: [{ tag, version, rank: 0 }], others: [], othersOnly: false, warnings: [] };
}

async function checkFrom(
  repository: string,
  head: string,
  matched: MatchedTags,
  sha: string,
  to: string,
): Promise<ReachableReleases> {
  const [named] = matched.tags;
  if (named === undefined) throw new Error('a tag was asked for but not matched');
  const result = await askClone(repository, ['merge-base', '--is-ancestor', sha, head]);
  if (result.code !== 0) {
    throw new HistoryError(
      `${to} does not contain ${named.tag}, so what happened between them cannot be counted. Choose a tag that ${to} contains, or leave --from out to use the last one.`,
    );
  }
  const tag = { tag: named.tag, version: named.version, sha };
  return isPrerelease(tag.version)
    ? { latest: tag, final: null, prereleases: [tag] }
    : { latest: tag, final: tag, prereleases: [] };
}

async function listBetween(
  repository: string,
  base: ReleaseTag | null,
  latest: ReleaseTag,
): Promise<Set<string>> {
  const result = await askClone(repository, [
    'rev-list',
    base === null ? latest.sha : `${base.sha}..${latest.sha}`,
  ]);
  if (result.code !== 0)
    throw new HistoryError(`git could not read the pre-release ${latest.tag}: ${result.stderr}`);
  return new Set(result.stdout.trimEnd().split('\n'));
}

/** A range that runs into the end of a shallow clone lacks commits: a version from it would be a guess. */
function refuseCutHistory(
  records: readonly CommitRecord[],
  shallow: ReadonlySet<string>,
  base: ReleaseTag | null,
  scope: Scope,
): void {
  const cut = records.findIndex((record) => shallow.has(record.sha));
  if (cut < 0 && !(!isWhole(scope) && base === null)) return;
  const end = records[cut];
  const where = end === undefined ? '' : ` It ends at ${end.sha.slice(0, 10)} of ${end.date.slice(0, 10)}.`;
  throw new HistoryError(
    `This clone is shallow: it has ${records.length} ${records.length === 1 ? 'commit' : 'commits'} since ${base === null ? 'its end, and the last release tag is not among them' : base.tag}, and older ones are missing.${where} Everything since the last release is needed: run "git fetch --unshallow --tags", or "git fetch --deepen=${Math.max(100, records.length * 2)} --tags" until the last release is there. Nothing was changed.`,
  );
}
