import { type GitHubConnection, readGitHub } from './connection.ts';
import { GitHubFailure } from './failure.ts';

/** A merged pull request as the notes name it. */
export interface PullRequestFacts {
  number: number;
  title: string;
  url: string;
  /** Login; empty for a deleted account. */
  author: string;
  authorIsBot: boolean;
  labels: string[];
  mergedAt: string;
  /** The commits of the asked range that came with it. */
  commits: string[];
}

/** What is known about a range's commits. */
export interface RangePullRequests {
  /** By number. */
  pullRequests: PullRequestFacts[];
  /** Commits for which GitHub knows no pull request. */
  direct: string[];
  /** Why some commits were not looked up (a rate limit, an outage): notes go out without their details. */
  incomplete?: string;
}

/** Remembers what GitHub said, across calls; a merged commit's pull request never changes. */
export interface PullRequestCache {
  get(sha: string): Promise<PullRequestFacts | undefined>;
  set(sha: string, facts: PullRequestFacts): Promise<void>;
}

interface ListedPull {
  number: number;
  title: string;
  html_url: string;
  user: { login: string; type?: string } | null;
  labels: { name?: string }[];
  merged_at: string | null;
  base: { repo?: { full_name?: string } | null };
}

// As many as the throttling plugin lets run at once.
const AT_ONCE = 10;

/**
 * The merged pull requests of a range: one request a commit, and only the range's commits; where GitHub links
 * none (a squash into a branch that was renamed, say), the number in the subject is looked up instead. A rate
 * limit ends the look-ups, not the release: the answer says that it is incomplete.
 * @throws GitHubFailure for what a person must mend (token, right, repository)
 */
export async function listPullRequests(
  connection: GitHubConnection,
  range: { commits: readonly { sha: string; subject: string }[]; cache?: PullRequestCache },
): Promise<RangePullRequests> {
  const byNumber = new Map<number, PullRequestFacts>();
  const direct: string[] = [];
  const queue = [...range.commits.entries()];
  const found: (PullRequestFacts | undefined)[] = [];
  let incomplete: string | undefined;
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next && incomplete === undefined; next = queue.shift()) {
      const [index, commit] = next;
      try {
        const cached = await range.cache?.get(commit.sha);
        const facts = cached ?? (await lookUp(connection, commit));
        if (facts && !cached) await range.cache?.set(commit.sha, facts);
        found[index] = facts;
        if (!facts) direct.push(commit.sha);
      } catch (error) {
        if (!(error instanceof GitHubFailure) || !error.retryable) throw error;
        incomplete = error.message;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));

  for (const [index, facts] of found.entries()) {
    const sha = range.commits[index]?.sha;
    if (!facts || sha === undefined) continue;
    const known = byNumber.get(facts.number) ?? { ...facts, commits: [] };
    known.commits.push(sha);
    byNumber.set(facts.number, known);
  }
  const order = new Map(range.commits.map(({ sha }, index) => [sha, index]));
  return {
    pullRequests: [...byNumber.values()].sort((a, b) => a.number - b.number),
    direct: direct.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0)),
    ...(incomplete === undefined ? {} : { incomplete }),
  };
}

/** The people (no bots) behind a range's pull requests, by login. */
export function listContributors(range: RangePullRequests): string[] {
  const people = range.pullRequests.filter(({ author, authorIsBot }) => author && !authorIsBot);
  return [...new Set(people.map(({ author }) => author))].sort();
}

/** The pull request's number in a commit's subject, as GitHub's own merge and squash write it. */
export function readSubjectNumber(subject: string): number | undefined {
  const match = /^Merge pull request #(\d{1,9}) from /.exec(subject) ?? /\(#(\d{1,9})\)\s*$/.exec(subject);
  return match ? Number(match[1]) : undefined;
}

async function lookUp(
  connection: GitHubConnection,
  commit: { sha: string; subject: string },
): Promise<PullRequestFacts | undefined> {
  const linked = await readOrNothing(
    connection,
    `find the pull request of ${commit.sha.slice(0, 10)}`,
    (octokit, target) =>
      octokit.rest.repos.listPullRequestsAssociatedWithCommit({
        ...target,
        commit_sha: commit.sha,
        per_page: 100,
      }),
  );
  const here = `${connection.owner}/${connection.repo}`.toLowerCase();
  const merged = ((linked ?? []) as ListedPull[])
    .filter((pull) => pull.merged_at && (pull.base.repo?.full_name ?? here).toLowerCase() === here)
    // The one that brought it here first; a back-merge lists the same commit later.
    .sort((a, b) => (a.merged_at ?? '').localeCompare(b.merged_at ?? ''))[0];
  if (merged) return readFacts(merged);

  const number = readSubjectNumber(commit.subject);
  if (number === undefined) return undefined;
  const named = await readOrNothing(connection, `read pull request #${number}`, (octokit, target) =>
    octokit.rest.pulls.get({ ...target, pull_number: number }),
  );
  return named?.merged_at ? readFacts(named as ListedPull) : undefined;
}

/** 404 and 422 are GitHub's words for "no such commit or pull request here". */
async function readOrNothing<T>(
  connection: GitHubConnection,
  doing: string,
  read: Parameters<typeof readGitHub<{ data: T }>>[2],
): Promise<T | undefined> {
  try {
    return (await readGitHub(connection, doing, read)).data;
  } catch (error) {
    if (error instanceof GitHubFailure && (error.status === 404 || error.status === 422)) return undefined;
    throw error;
  }
}

function readFacts(pull: ListedPull): PullRequestFacts {
  return {
    number: pull.number,
    title: pull.title,
    url: pull.html_url,
    author: pull.user?.login ?? '',
    authorIsBot: pull.user?.type === 'Bot' || (pull.user?.login.endsWith('[bot]') ?? false),
    labels: pull.labels.flatMap(({ name }) => name ?? []),
    mergedAt: pull.merged_at ?? '',
    commits: [],
  };
}
