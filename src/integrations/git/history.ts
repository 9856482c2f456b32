/** One reading of git for planning: which release came last, and what was committed since. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isBot } from '../../release/plan/contributors.ts';
import { findTrailers } from '../../release/plan/footers.ts';
import type { CommitRecord, History, ReleaseTag } from '../../release/plan/history.ts';
import { webAddress } from '../../release/plan/links.ts';
import { guessTagFormat, normalizeTagFormat, parseTag } from '../../release/plan/tag-format.ts';
import { isPrerelease } from '../../release/plan/version.ts';
import { HistoryError, runGit } from './history-git.ts';
import { streamLog } from './history-log.ts';
import { findReachable, type MatchedTags, matchTags, readTagCommits } from './history-tags.ts';

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
   * How many commits before the range are searched for earlier work of its contributors. Whoever is not found in
   * them, while there are more, is not called a newcomer. 2,000 by default.
   */
  newcomerSearch?: number;
  /**
   * Whether a person has decided that there is a release. Then the whole history counts even when tags exist only in
   * another format; otherwise nothing does.
   */
  decided?: boolean;
}

const DEFAULT_NEWCOMER_SEARCH = 2_000;

/**
 * Reads what a plan needs.
 *
 * @throws HistoryError for everything that the person can put right: not a repository, a shallow clone that lacks
 * commits of the range, a ref that does not exist, a `from` that `to` does not contain
 */
export async function readHistory(options: HistoryOptions): Promise<History> {
  const { repository } = options;
  const path = cleanPath(options.path ?? '');
  const to = options.to ?? 'HEAD';
  const from = options.from ?? null;
  // The usual question needs no look-up of refs, and its contributors can be searched from the start.
  const usual = to === 'HEAD' && from === null;
  const limit = options.newcomerSearch ?? DEFAULT_NEWCOMER_SEARCH;
  const [tagCommits, place, commits, repositoryUrl, early] = await Promise.all([
    from === null ? readTagCommits(repository) : null,
    locate(repository, usual),
    usual ? null : resolveCommits(repository, from === null ? [to] : [to, from]),
    readOrigin(repository),
    usual ? readAuthors(repository, 'HEAD', limit) : null,
  ]).catch(async (error: unknown) => {
    // Which of the parallel questions failed first is chance; "not a repository" explains all of them.
    await locate(repository, false);
    throw error;
  });
  const head = usual ? place.head : commits?.get(to);
  if (head === undefined) throw new HistoryError(missingRef(to, '--to'));
  if (path !== '') await requireFolder(repository, head, path, to);
  const found = from === null ? null : commits?.get(from);
  if (from !== null && found === undefined) throw new HistoryError(missingRef(from, '--from'));

  const recentReading = early === null ? readAuthors(repository, head, limit) : Promise.resolve(early);
  const matched =
    from === null
      ? matchTags([...(tagCommits?.keys() ?? [])], formatOrNull(options), options.names ?? [], path !== '')
      : matchFrom(from, options);
  const { latest, final } =
    from === null
      ? await findReachable(repository, head, matched.tags, tagCommits ?? new Map(), await recentReading)
      : await checkFrom(repository, head, matched, found ?? '', to);
  const base = final ?? (from === null ? null : latest);
  const trusted = !matched.othersOnly || options.decided === true;

  const records: CommitRecord[] = [];
  const [, inPrerelease, earlier] = await Promise.all([
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
    // For a subfolder, the range lacks commits that are no older; only what the base contains is.
    base !== null && path !== '' ? readAuthors(repository, base.sha, limit) : recentReading,
  ]);
  for (const record of records) if (inPrerelease?.has(record.sha) === true) record.inPrerelease = true;
  if (place.shallow !== null) refuseCutHistory(records, place.shallow, base, path);
  const complete = base === null || (earlier.complete && place.shallow === null);
  return {
    repositoryUrl,
    tagFormat:
      (latest === null ? null : (formatOrNull(options) ?? guessTagFormat(latest.tag))) ?? matched.tagFormat,
    head,
    base,
    latest: latest ?? base,
    commits: records,
    newcomers: complete ? findNewcomers(records, earlier.commits) : [],
    takenVersions: from === null ? listTaken(matched, latest) : [],
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

/** Makes sure that there is a repository, and reads where a shallow clone ends and, if asked, what HEAD is. */
async function locate(
  repository: string,
  withHead: boolean,
): Promise<{ shallow: Set<string> | null; head: string | undefined }> {
  const result = await runGit(repository, [
    'rev-parse',
    '--is-shallow-repository',
    '--git-path',
    'shallow',
    ...(withHead ? ['HEAD^{commit}'] : []),
  ]);
  const [shallow = '', file = '', head = ''] = result.stdout.trimEnd().split('\n');
  if (shallow !== 'true' && shallow !== 'false') {
    const why = /dubious ownership/.test(result.stderr)
      ? `git refuses to read ${repository}, since it belongs to another user: ${result.stderr.split('\n')[0]}`
      : `${repository} is not inside a git repository.`;
    throw new HistoryError(`${why} Nothing was changed. Name a repository with --repo.`);
  }
  const place = { shallow: null, head: /^[0-9a-f]{40,64}$/.test(head) ? head : undefined };
  if (shallow !== 'true') return place;
  const text = await readFile(file.startsWith('/') ? file : join(repository, file), 'utf8').catch(() => '');
  return { ...place, shallow: new Set(text.split('\n').filter((line) => line !== '')) };
}

/**
 * The commit that `to` names; see `HistoryOptions.to`.
 *
 * @throws HistoryError when there is no repository or no such commit
 */
export async function resolveHead(options: Pick<HistoryOptions, 'repository' | 'to'>): Promise<string> {
  const to = options.to ?? 'HEAD';
  const place = await locate(options.repository, to === 'HEAD');
  const head = place.head ?? (await resolveCommits(options.repository, [to])).get(to);
  if (head === undefined) throw new HistoryError(missingRef(to, '--to'));
  return head;
}

/**
 * Commit ids of refs, as far as they exist. Names go in by standard input, so that none can be an option; a branch
 * goes before a tag of the same name, as people mean it by `--to`, and tags are tried by their full names.
 */
async function resolveCommits(repository: string, refs: readonly string[]): Promise<Map<string, string>> {
  const questions: { ref: string; spec: string }[] = [];
  for (const ref of refs) {
    if (ref === '' || ref.startsWith('-') || /[\u0000-\u0020\u007f]/.test(ref)) {
      throw new HistoryError(`"${ref}" is not the name of a branch, tag or commit. Nothing was changed.`);
    }
    // Last as git itself reads it, for abbreviated ids and steps such as HEAD~1.
    const specs = /^(?:HEAD|refs\/.*|[0-9a-f]{40}|[0-9a-f]{64})$/.test(ref)
      ? [ref]
      : [`refs/heads/${ref}`, `refs/tags/${ref}`, `refs/remotes/${ref}`, `refs/remotes/origin/${ref}`, ref];
    questions.push(...specs.map((spec) => ({ ref, spec: `${spec}^{commit}` })));
  }
  const result = await runGit(repository, ['cat-file', '--batch-check=%(objectname) %(objecttype)'], {
    input: `${questions.map((question) => question.spec).join('\n')}\n`,
  });
  if (result.code !== 0)
    throw new HistoryError(`git could not look up ${refs.join(' and ')}: ${result.stderr}`);
  const commits = new Map<string, string>();
  result.stdout
    .trimEnd()
    .split('\n')
    .forEach((line, index) => {
      const ref = questions[index]?.ref;
      const [sha = '', type] = line.split(' ');
      if (type === 'commit' && ref !== undefined && !commits.has(ref)) commits.set(ref, sha);
    });
  return commits;
}

async function requireFolder(repository: string, head: string, path: string, to: string): Promise<void> {
  const result = await runGit(repository, ['cat-file', '--batch-check=%(objecttype)'], {
    input: `${head}:${path}\n`,
  });
  if (!/^(?:tree|blob)$/m.test(result.stdout)) {
    throw new HistoryError(
      `There is no ${path} in ${to}. Write the path from the top of the repository, such as packages/shop.`,
    );
  }
}

async function readOrigin(repository: string): Promise<string | null> {
  const result = await runGit(repository, ['config', '--get', 'remote.origin.url']);
  return result.code === 0 ? webAddress(result.stdout) : null;
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
  const tagFormat = formatOrNull(options) ?? guessTagFormat(tag);
  const version = tagFormat === null ? null : parseTag(tagFormat, tag);
  if (tagFormat === null || version === null) {
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

/** Who made the last `limit` commits up to a commit: pairs of commit id and address. */
async function readAuthors(
  repository: string,
  upTo: string,
  limit: number,
): Promise<{ commits: [sha: string, address: string][]; complete: boolean }> {
  const result = await runGit(repository, ['log', `--max-count=${limit}`, '--format=%H %aE', upTo, '--']);
  const lines = result.stdout === '' ? [] : result.stdout.trimEnd().split('\n');
  const commits = lines.map((line): [string, string] => {
    const space = line.indexOf(' ');
    return [line.slice(0, space), line.slice(space + 1)];
  });
  return { commits, complete: lines.length < limit };
}

/** Addresses of the range's people, authors and co-authors, that no commit outside the range has. */
function findNewcomers(records: readonly CommitRecord[], history: readonly [string, string][]): string[] {
  const people = records.flatMap((record) => [
    record.author,
    ...(record.message.includes('uthored-') ? findTrailers(record.message).coAuthors : []),
  ]);
  const addresses = new Set(people.filter((one) => !isBot(one)).map((one) => one.email.trim().toLowerCase()));
  const inRange = new Set(records.map(({ sha }) => sha));
  for (const [sha, address] of history) if (!inRange.has(sha)) addresses.delete(address.toLowerCase());
  addresses.delete('');
  return [...addresses];
}

function cleanPath(path: string): string {
  const cleaned = path.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
  if (cleaned === '.') return '';
  if (cleaned.startsWith('/') || /(?:^|\/)\.\.(?:\/|$)/.test(cleaned) || /[\u0000-\u001f]/.test(cleaned)) {
    throw new HistoryError(
      `The path "${path}" must lie inside the repository and be written from its top, such as packages/shop.`,
    );
  }
  return cleaned;
}

function missingRef(ref: string, option: string): string {
  if (ref === 'HEAD') return 'This repository has no commit yet, so there is nothing to release.';
  return `${option} ${ref}: there is no such branch, tag or commit in this repository. Nothing was changed.`;
}
