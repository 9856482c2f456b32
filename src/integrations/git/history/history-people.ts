/** Who worked on a history: what tells newcomers from people who have been there before. */
import { isBot } from '../../../release/plan/commits/contributors.ts';
import { findTrailers } from '../../../release/plan/commits/footers.ts';
import type { CommitRecord, ReleaseTag } from '../../../release/plan/history.ts';
import { askClone } from '../ask-clone.ts';
import { HistoryError } from '../git-errors.ts';
import type { RecentCommits } from './history-reach.ts';

/** The last commits of a history with their authors. */
export interface RecentWork extends RecentCommits {
  /** How many of the commits each address (lower case) wrote. */
  authors: ReadonlyMap<string, number>;
}

/**
 * Reads the last commits up to one, with their authors.
 *
 * @param upTo full commit id, or `HEAD`
 * @param limit how many at most
 * @throws HistoryError when git cannot read them
 */
export async function readRecentWork(repository: string, upTo: string, limit: number): Promise<RecentWork> {
  const shas = new Set<string>();
  const authors = new Map<string, number>();
  let oldest = Number.POSITIVE_INFINITY;
  const result = await askClone(repository, [
    'log',
    `--max-count=${limit}`,
    '--format=%H %ct %aE',
    upTo,
    '--',
  ]);
  if (result.code !== 0) throw new HistoryError(`git could not read the history: ${result.stderr}`);
  for (const line of result.stdout.split('\n')) {
    const space = line.indexOf(' ');
    if (space < 0) continue;
    const second = line.indexOf(' ', space + 1);
    shas.add(line.slice(0, space));
    oldest = Math.min(oldest, Number(line.slice(space + 1, second)));
    countAuthor(authors, line.slice(second + 1));
  }
  return { shas, authors, oldest, complete: shas.size < limit };
}

/** Counts one more commit of an address. */
export function countAuthor(authors: Map<string, number>, address: string): void {
  const key = address.toLowerCase();
  authors.set(key, (authors.get(key) ?? 0) + 1);
}

/**
 * Addresses of the range's people who surely have no commit before it. Most people have worked a short while before,
 * so only for whom the recent work leaves is searched further back, up to a bound: cost must not follow the
 * repository's age. Where older commits lie behind the bound, nobody is called a newcomer.
 *
 * @param range.search how many commits before the range are searched at most
 */
export async function searchNewcomers(range: {
  repository: string;
  head: string;
  base: ReleaseTag | null;
  /** Whether the product is all of its repository. */
  whole: boolean;
  records: readonly CommitRecord[];
  recent: RecentWork;
  search: number;
}): Promise<string[]> {
  const { repository, base, whole, records, recent } = range;
  if (whole) {
    const near = findNewcomers(records, base === null ? { ...recent, authors: new Map() } : recent);
    if (base === null || near.length === 0 || recent.complete) return near;
  }
  // For a subfolder, the range lacks commits that are no older; only what the base contains is.
  const older = await readRecentWork(repository, base?.sha ?? range.head, range.search);
  return older.complete ? findNewcomers(records, older) : [];
}

/** Addresses of the range's people, authors and co-authors, of whom `work` has no commit outside the range. */
function findNewcomers(records: readonly CommitRecord[], work: RecentWork): string[] {
  const people = records.flatMap((record) => [
    record.author,
    ...(record.message.includes('uthored-') ? findTrailers(record.message).coAuthors : []),
  ]);
  const addresses = new Set(people.filter((one) => !isBot(one)).map((one) => one.email.trim().toLowerCase()));
  const inRange = new Map<string, number>();
  for (const { sha, author } of records) if (work.shas.has(sha)) countAuthor(inRange, author.email);
  addresses.delete('');
  return [...addresses].filter((address) => (work.authors.get(address) ?? 0) <= (inRange.get(address) ?? 0));
}
