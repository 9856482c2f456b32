import type { CommitRange, PullRequestFacts, RangePullRequests } from '../host.ts';
import { lookUpRange } from '../look-up-range.ts';
import { type GitHubConnection, readGitHub } from './connection.ts';
import { GitHubFailure } from './failure.ts';

interface ListedPull {
  number: number;
  title: string;
  html_url: string;
  user: { login: string; type?: string } | null;
  labels: { name?: string }[];
  merged_at: string | null;
  base: { repo?: { full_name?: string } | null };
}

/**
 * The merged pull requests of a range; where GitHub links none (a squash into a branch that was renamed, say), the
 * number in the subject is looked up instead.
 * @throws GitHubFailure for what a person must mend (token, right, repository)
 */
export async function listPullRequests(
  connection: GitHubConnection,
  range: CommitRange,
): Promise<RangePullRequests> {
  return await lookUpRange(range, (commit) => lookUp(connection, commit));
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
