import type { CommitRange, PullRequestFacts, RangePullRequests } from '../host.ts';
import { lookUpRange } from '../look-up-range.ts';
import { findGitea, type GiteaConnection, listGitea } from './connection.ts';
import * as shapes from './shapes.ts';

/**
 * The merged pull requests of a range. Gitea links a pull request only to the commit that it was merged as, so the
 * others of it are found by listing what it contained; and where none is linked, by the number in the subject, as in
 * `feat: pay (#12)`.
 * @throws GiteaFailure for what a person must mend (token, right, repository)
 */
export async function listPullRequests(
  connection: GiteaConnection,
  range: CommitRange,
): Promise<RangePullRequests> {
  const contained = new Map<string, PullRequestFacts>();
  const merges = range.commits.filter(({ subject }) => /^Merge pull request '/.test(subject));
  const merged = await lookUpRange({ commits: merges }, (commit) => lookUp(connection, commit));
  for (const facts of merged.pullRequests) {
    for (const sha of await listCommits(connection, facts.number)) contained.set(sha, facts);
  }
  return await lookUpRange(range, async (commit) => {
    const known = contained.get(commit.sha);
    return known === undefined ? await lookUp(connection, commit) : { ...known, commits: [] };
  });
}

async function lookUp(
  connection: GiteaConnection,
  { sha, subject }: { sha: string; subject: string },
): Promise<PullRequestFacts | undefined> {
  const linked = await findGitea(
    connection,
    `find the pull request of ${sha.slice(0, 10)}`,
    { path: `{repo}/commits/${encodeURIComponent(sha)}/pull` },
    shapes.pullRequest,
  );
  if (linked?.merged) return readFacts(linked);
  const number = /^Merge pull request '.*' \(#(\d{1,9})\) from |\(#(\d{1,9})\)\s*$/.exec(subject);
  if (number === null) return undefined;
  const named = await findGitea(
    connection,
    `read pull request #${number[1] ?? number[2]}`,
    { path: `{repo}/pulls/${number[1] ?? number[2]}` },
    shapes.pullRequest,
  );
  return named?.merged ? readFacts(named) : undefined;
}

async function listCommits(connection: GiteaConnection, number: number): Promise<string[]> {
  const listed = await listGitea(
    connection,
    `list the commits of pull request #${number}`,
    { path: `{repo}/pulls/${number}/commits` },
    shapes.list(shapes.commit),
  );
  return listed.map(({ sha }) => sha);
}

function readFacts(pull: ReturnType<typeof shapes.pullRequest.parse>): PullRequestFacts {
  const author = pull.user?.login ?? '';
  return {
    number: pull.number,
    title: pull.title,
    url: pull.html_url,
    author,
    // Gitea has no mark for them but what bots are called by custom.
    authorIsBot: /\[bot\]$|(?:^|[-_.])bot$|^bot[-_.]/i.test(author),
    labels: pull.labels.map(({ name }) => name),
    mergedAt: pull.merged_at ?? '',
    commits: [],
  };
}
