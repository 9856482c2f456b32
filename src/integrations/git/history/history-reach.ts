/** Which releases a commit contains, at a cost that follows the distance to them and not the repository's age. */
import type { ReleaseTag } from '../../../release/plan/history.ts';
import { isPrerelease } from '../../../release/plan/version.ts';
import { askClone } from '../ask-clone.ts';
import { HistoryError } from '../git-errors.ts';
import type { NamedTag } from './history-tags.ts';
import type { TagCommits } from './tag-commits.ts';

/** The last commits of a history, newest first by the date of commit. */
export interface RecentCommits {
  /** Full ids. */
  shas: { has(sha: string): boolean };
  /** When the oldest of them was committed, in seconds since 1970. */
  oldest: number;
  /** Whether these are all. */
  complete: boolean;
}

/** How many commits are looked at first; a usual repository has its last release among them. */
export const RECENT_WINDOW = 1_000;
/** How much further each look goes than the one before. */
const GROWTH = 8;
/** What clocks of different people may disagree by. A month is far more than what git itself allows for (a day). */
const CLOCK_SLACK_SECONDS = 30 * 86_400;

/** What a commit contains of its product's releases. */
export interface ReachableReleases {
  /** The highest release, pre-releases among them. */
  latest: ReleaseTag | null;
  /** The highest final release. */
  final: ReleaseTag | null;
  /** Pre-releases above `final`, highest first. */
  prereleases: ReleaseTag[];
}

/**
 * The releases that a commit contains, down to the highest final one.
 *
 * Tags are asked from the highest version down. One among the last commits is contained. One that was committed
 * later than the oldest of these, and is not among them, is probably on another branch, or was released after `head`.
 * Only a tag of which neither can be said makes the look go further back: so an old commit below thousands of later
 * tags, or a maintenance branch below later versions, costs no walk to the first commit.
 *
 * Dates decide nothing by themselves: of what they ruled out, the highest and the lowest are asked of the graph. Where
 * it says otherwise, some clock was wrong, and the whole graph is read.
 *
 * @param head full commit id
 * @param tags highest version first
 * @param commits the commits that tags point at
 * @param recent the last commits of `head`
 */
export async function findReachable(
  repository: string,
  head: string,
  tags: readonly NamedTag[],
  commits: TagCommits,
  recent: RecentCommits,
): Promise<ReachableReleases> {
  let known = recent;
  let dates: ReadonlyMap<string, number> | null = null;
  const found: ReachableReleases = { latest: null, final: null, prereleases: [] };
  const ruledOut: string[] = [];
  let size = RECENT_WINDOW;
  for (let at = 0; at < tags.length && found.final === null; ) {
    const { tag, version } = tags[at] as NamedTag;
    const sha = commits.get(tag);
    if (sha !== undefined && known.shas.has(sha)) {
      take(found, { tag, version, sha });
    } else if (sha !== undefined && !known.complete) {
      dates ??= await readDates(repository, shasUntilContained(tags.slice(at), commits, known));
      const elsewhere = (dates.get(sha) ?? 0) > known.oldest + CLOCK_SLACK_SECONDS;
      if (!elsewhere) {
        size *= GROWTH;
        known = await readRecent(repository, head, size);
        continue;
      }
      ruledOut.push(sha);
    }
    at += 1;
  }
  const doubtful = ruledOut.filter((sha) => !known.shas.has(sha));
  if (doubtful.length === 0) return found;
  // Seldom needed, and the plan's start need not wait for it.
  const { ASKED_AT_MOST, findContained, readAllContained } = await import('./history-contained.ts');
  const ends = [...doubtful.slice(0, ASKED_AT_MOST / 2), ...doubtful.slice(-ASKED_AT_MOST / 2)];
  if ((await findContained(repository, head, ends)).size === 0) return found;
  const shas = await readAllContained(repository, head);
  return await findReachable(repository, head, tags, commits, { shas, oldest: 0, complete: true });
}

function take(found: ReachableReleases, release: ReleaseTag): void {
  found.latest ??= release;
  if (isPrerelease(release.version)) found.prereleases.push(release);
  else found.final = release;
}

/** Commits of tags from the first on, until a final release that is surely contained: no lower one will be asked. */
function shasUntilContained(tags: readonly NamedTag[], commits: TagCommits, known: RecentCommits): string[] {
  const shas: string[] = [];
  for (const { tag, version } of tags) {
    const sha = commits.get(tag);
    if (sha === undefined) continue;
    if (known.shas.has(sha) && !isPrerelease(version)) break;
    shas.push(sha);
  }
  return shas;
}

/** When commits were made, in seconds since 1970; what is no commit is left out. */
async function readDates(repository: string, shas: readonly string[]): Promise<Map<string, number>> {
  const result = await askClone(
    repository,
    ['rev-list', '--no-walk=unsorted', '--ignore-missing', '--timestamp', '--stdin'],
    { input: `${shas.join('\n')}\n` },
  );
  // Without dates nothing is ruled out, which costs time and no correctness.
  return result.code === 0 ? readTimestamps(result.stdout) : new Map();
}

async function readRecent(repository: string, head: string, limit: number): Promise<RecentCommits> {
  const result = await askClone(repository, ['rev-list', '--timestamp', `--max-count=${limit}`, head, '--']);
  if (result.code !== 0) throw new HistoryError(`git could not read the history: ${result.stderr}`);
  const shas = readTimestamps(result.stdout);
  return { shas, oldest: oldestOf(shas.values()), complete: shas.size < limit };
}

/** Lines of `seconds id`. */
function readTimestamps(text: string): Map<string, number> {
  const dates = new Map<string, number>();
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ');
    if (space > 0) dates.set(line.slice(space + 1), Number(line.slice(0, space)));
  }
  return dates;
}

/** The smallest number; `Math.min` cannot take a hundred thousand arguments. */
function oldestOf(times: Iterable<number>): number {
  let oldest = Number.POSITIVE_INFINITY;
  for (const time of times) if (time < oldest) oldest = time;
  return oldest;
}
