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
  const addresses: string[] = [];
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
    addresses.push(line.slice(second + 1));
  }
  return {
    shas,
    // Counted when somebody asks: of a long history nobody does.
    get authors() {
      return countAuthors(addresses);
    },
    oldest,
    complete: shas.size < limit,
  };
}

function countAuthors(addresses: readonly string[]): Map<string, number> {
  const authors = new Map<string, number>();
  for (const address of addresses) countAuthor(authors, address);
  return authors;
}

/** Counts one more commit of an address. */
export function countAuthor(authors: Map<string, number>, address: string): void {
  const key = address.toLowerCase();
  authors.set(key, (authors.get(key) ?? 0) + 1);
}

/**
 * Addresses of the range's people who surely have no commit before it. Most people have worked a short while before,
 * so only for whom the recent work leaves is searched further back, until each was found, and up to a bound: cost must
 * not follow the repository's age. Where older commits lie behind the bound, nobody is called a newcomer; where it is
 * known beforehand that they do, nothing is searched.
 *
 * @param range.search how many commits before the range are searched at most
 * @param range.before how many commits there are before the range, as far as is known without a look
 * @throws HistoryError when git cannot read them
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
  before: number;
}): Promise<string[]> {
  const { repository, base, whole, records, recent } = range;
  if (range.before >= range.search) return [];
  const people = listPeople(records);
  if (whole) {
    const near = findNewcomers(
      people,
      records,
      base === null ? { shas: recent.shas, authors: new Map() } : recent,
    );
    if (base === null || near.length === 0 || recent.complete) return near;
    people.clear();
    for (const address of near) people.add(address);
  }
  if (people.size === 0) return [];
  // For a subfolder, the range lacks commits that are no older; only what the base contains is.
  const from = base?.sha ?? range.head;
  const own = new Set(base === null ? records.map(({ sha }) => sha) : []);
  let seen = 0;
  await readAuthors(repository, from, range.search, (sha, address) => {
    seen += 1;
    if (!own.has(sha)) people.delete(address);
    return people.size > 0;
  });
  return seen < range.search ? [...people] : [];
}

/** Addresses of the people who wrote some commits, authors and co-authors, in lower case; bots are none. */
function listPeople(records: readonly CommitRecord[]): Set<string> {
  const people = records.flatMap((record) => [
    record.author,
    ...(record.message.includes('uthored-') ? findTrailers(record.message).coAuthors : []),
  ]);
  const addresses = new Set(people.filter((one) => !isBot(one)).map((one) => one.email.trim().toLowerCase()));
  addresses.delete('');
  return addresses;
}

/** Those of whom `work` has no commit outside the range. */
function findNewcomers(
  addresses: ReadonlySet<string>,
  records: readonly CommitRecord[],
  { shas, authors }: Pick<RecentWork, 'shas' | 'authors'>,
): string[] {
  const inRange = new Map<string, number>();
  for (const { sha, author } of records) if (shas.has(sha)) countAuthor(inRange, author.email);
  return [...addresses].filter((address) => (authors.get(address) ?? 0) <= (inRange.get(address) ?? 0));
}

/** Reads authors' addresses, newest first, until `onAuthor` has enough. */
async function readAuthors(
  repository: string,
  from: string,
  limit: number,
  onAuthor: (sha: string, address: string) => boolean,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  const result = await askClone(repository, ['log', `--max-count=${limit}`, '--format=%H %aE', from, '--'], {
    onChunk: (chunk) => {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      return lines.every((line) => {
        const space = line.indexOf(' ');
        return onAuthor(line.slice(0, space), line.slice(space + 1).toLowerCase());
      });
    },
  });
  if (result.code !== 0) throw new HistoryError(`git could not read the history: ${result.stderr}`);
}
