/** One reading of git for planning: which release came last, and what was committed since. */
import type { CommitRecord, History, ReleaseTag } from '../../../release/plan/history.ts';
import { guessTagFormat, normalizeTagFormat, parseTag } from '../../../release/plan/tag-format.ts';
import { isPrerelease } from '../../../release/plan/version.ts';
import { HistoryError, runGit } from './history-git.ts';
import { streamLog } from './history-log.ts';
import { type RecentWork, readRecentWork, searchNewcomers } from './history-people.ts';
import { findReachable, RECENT_WINDOW } from './history-reach.ts';
import { cleanPath, type OpenedRepository, openRepository, requireFolder } from './history-refs.ts';
import { type MatchedTags, matchTags, readShortTag } from './history-tags.ts';

export { HistoryError } from './history-git.ts';

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
  const path = cleanPath(options.path ?? '');
  const search = options.newcomerSearch ?? DEFAULT_NEWCOMER_SEARCH;
  const recentSize = Math.min(RECENT_WINDOW, search);
  // The usual question needs to look nothing up before the last commits can be read.
  const usual = known === undefined && (options.to ?? 'HEAD') === 'HEAD' && (options.from ?? null) === null;
  const early = usual ? readRecentWork(repository, 'HEAD', recentSize) : null;
  // Where this one fails, so does what comes first, and that is what the person is told.
  early?.catch(() => {});
  const opened = known?.opened ?? (await openRepository(options));
  const { head, to, tagCommits, shallow } = opened;
  if (path !== '') await requireFolder(repository, head, path, to);

  const recentReading = known?.work ?? early ?? readRecentWork(repository, head, recentSize);
  const matched =
    opened.from === null
      ? (known?.matched ?? matchProductTags(options, tagCommits))
      : matchFrom(options.from ?? '', options);
  const { latest, final } =
    opened.from === null
      ? await findReachable(repository, head, matched.tags, tagCommits, await recentReading)
      : await checkFrom(repository, head, matched, opened.from, to);
  const base = final ?? (opened.from === null ? null : latest);
  const trusted = !matched.othersOnly || options.decided === true;

  const records: CommitRecord[] = [];
  const [, inPrerelease, recent] = await Promise.all([
    trusted
      ? streamLog(
          repository,
          base === null ? head : `${base.sha}..${head}`,
          path,
          ({ parentShas, ...commit }) => {
            records.push(commit);
          },
        )
      : null,
    latest !== null && latest.sha !== base?.sha ? listBetween(repository, base, latest) : null,
    recentReading,
  ]);
  for (const record of records) if (inPrerelease?.has(record.sha) === true) record.inPrerelease = true;
  if (shallow !== null) refuseCutHistory(records, shallow, base, path);
  return {
    repositoryUrl: opened.repositoryUrl,
    tagFormat:
      (latest === null ? null : (formatOrNull(options) ?? guessTagFormat(latest.tag))) ?? matched.tagFormat,
    head,
    base,
    latest: latest ?? base,
    commits: records,
    newcomers:
      shallow === null
        ? await searchNewcomers({ repository, head, base, path, records, recent, search })
        : [],
    takenVersions: opened.from === null ? listTaken(matched, latest) : [],
    baseTrusted: trusted,
    warnings: [...matched.warnings, ...describeFirst(matched, latest ?? base, to)],
  };
}

/** Versions above the last release that have a tag elsewhere, nearest first; a plan must not take one of them. */
function listTaken(matched: MatchedTags, latest: ReleaseTag | null): string[] {
  const end = latest === null ? matched.tags.length : matched.tags.findIndex(({ tag }) => tag === latest.tag);
  return matched.tags
    .slice(Math.max(0, end - 500), end)
    .map(({ version }) => version)
    .reverse();
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

/** The tags of the product that the options describe. @throws HistoryError when no tag can have the format */
export function matchProductTags(
  options: HistoryOptions,
  tagCommits: ReadonlyMap<string, string>,
): MatchedTags {
  const inSubfolder = cleanPath(options.path ?? '') !== '';
  return matchTags([...tagCommits.keys()], formatOrNull(options), options.names ?? [], inSubfolder);
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
  return { tagFormat, tags: [{ tag, version, rank: 0 }], othersOnly: false, warnings: [] };
}

async function checkFrom(
  repository: string,
  head: string,
  matched: MatchedTags,
  sha: string,
  to: string,
): Promise<{ latest: ReleaseTag | null; final: ReleaseTag | null }> {
  const [named] = matched.tags;
  if (named === undefined) throw new Error('a tag was asked for but not matched');
  const result = await runGit(repository, ['merge-base', '--is-ancestor', sha, head]);
  if (result.code !== 0) {
    throw new HistoryError(
      `${to} does not contain ${named.tag}, so what happened between them cannot be counted. Choose a tag that ${to} contains, or leave --from out to use the last one.`,
    );
  }
  const tag = { tag: named.tag, version: named.version, sha };
  return { latest: tag, final: isPrerelease(tag.version) ? null : tag };
}

async function listBetween(
  repository: string,
  base: ReleaseTag | null,
  latest: ReleaseTag,
): Promise<Set<string>> {
  const result = await runGit(repository, [
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
  path: string,
): void {
  const cut = records.findIndex((record) => shallow.has(record.sha));
  if (cut < 0 && !(path !== '' && base === null)) return;
  const end = records[cut];
  const where = end === undefined ? '' : ` It ends at ${end.sha.slice(0, 10)} of ${end.date.slice(0, 10)}.`;
  throw new HistoryError(
    `This clone is shallow: it has ${records.length} ${records.length === 1 ? 'commit' : 'commits'} since ${base === null ? 'its end, and the last release tag is not among them' : base.tag}, and older ones are missing.${where} Everything since the last release is needed: run "git fetch --unshallow --tags", or "git fetch --deepen=${Math.max(100, records.length * 2)} --tags" until the last release is there. Nothing was changed.`,
  );
}
