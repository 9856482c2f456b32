import type { IssueFacts, MilestoneFacts, OpenWork } from '../host.ts';
import { addMarker, isMarked, makeMarker } from '../marker.ts';
import { type GitHubConnection, readGitHub, writeGitHub } from './connection.ts';

interface ListedIssue {
  number: number;
  title: string;
  html_url: string;
  state: string;
  user: { login: string } | null;
  labels: (string | { name?: string })[];
  created_at: string;
  body?: string | null;
  pull_request?: unknown;
}

/**
 * Open issues and, apart from them, open pull requests that carry any of the labels (all, if none is given), of
 * one milestone if it is given. `since` (ISO 8601) leaves out what was not touched after it.
 * @throws GitHubFailure
 */
export async function listOpen(
  connection: GitHubConnection,
  filter: { labels?: readonly string[]; milestone?: number; since?: string } = {},
): Promise<OpenWork> {
  const found = new Map<number, ListedIssue>();
  // GitHub joins several labels by "and"; "any of" takes one listing each.
  for (const label of filter.labels ?? [undefined]) {
    const listed = await readGitHub(connection, 'list open issues', (octokit, target) =>
      octokit.paginate(octokit.rest.issues.listForRepo, {
        ...target,
        state: 'open',
        per_page: 100,
        ...(label === undefined ? {} : { labels: label }),
        ...(filter.milestone === undefined ? {} : { milestone: String(filter.milestone) }),
        ...(filter.since === undefined ? {} : { since: filter.since }),
      }),
    );
    for (const issue of listed) found.set(issue.number, issue);
  }
  const all = [...found.values()].sort((a, b) => a.number - b.number);
  return {
    issues: all.filter((issue) => !issue.pull_request).map(readIssue),
    pullRequests: all.filter((issue) => issue.pull_request).map(readIssue),
  };
}

/**
 * How many issues with a label were opened at or after a time, and before another one if it is given (ISO 8601),
 * whether they are closed by now or not: what customers reported since go-live.
 * @throws GitHubFailure
 */
export async function countNewIssues(
  connection: GitHubConnection,
  wanted: { label: string; since: string; until?: string },
): Promise<number> {
  const listed = await readGitHub(connection, 'count new issues', (octokit, target) =>
    octokit.paginate(octokit.rest.issues.listForRepo, {
      ...target,
      state: 'all',
      labels: wanted.label,
      // GitHub's `since` is about the last change, so it only shortens the listing.
      since: wanted.since,
      per_page: 100,
    }),
  );
  const from = Date.parse(wanted.since);
  const until = wanted.until === undefined ? Number.POSITIVE_INFINITY : Date.parse(wanted.until);
  const isNew = ({ created_at }: ListedIssue) => {
    const at = Date.parse(created_at);
    return at >= from && at < until;
  };
  return listed.filter((issue) => !issue.pull_request && isNew(issue)).length;
}

/**
 * The repository's open milestones.
 * @throws GitHubFailure
 */
export async function listMilestones(connection: GitHubConnection): Promise<MilestoneFacts[]> {
  const listed = await readGitHub(connection, 'list milestones', (octokit, target) =>
    octokit.paginate(octokit.rest.issues.listMilestones, { ...target, state: 'open', per_page: 100 }),
  );
  return listed.map((milestone) => ({
    number: milestone.number,
    title: milestone.title,
    openIssues: milestone.open_issues,
    closedIssues: milestone.closed_issues,
    ...(milestone.due_on ? { dueOn: milestone.due_on } : {}),
    url: milestone.html_url,
  }));
}

/**
 * The issue that carries a key's marker, open or closed. Found by listing: the search index is minutes late.
 * `author` (a login) leaves out issues in which somebody else planted the marker; `since` (ISO 8601, before the
 * release began) keeps the listing short.
 * @throws GitHubFailure
 */
export async function findMarkedIssue(
  connection: GitHubConnection,
  wanted: { key: string; author?: string; since?: string },
): Promise<IssueFacts | undefined> {
  makeMarker(wanted.key);
  const listed = await readGitHub(connection, 'look for an issue', (octokit, target) =>
    octokit.paginate(octokit.rest.issues.listForRepo, {
      ...target,
      state: 'all',
      sort: 'created',
      direction: 'asc',
      per_page: 100,
      ...(wanted.since === undefined ? {} : { since: wanted.since }),
    }),
  );
  const issue = (listed as ListedIssue[]).find(
    (candidate) => !candidate.pull_request && isMarked(candidate.body, candidate.user?.login, wanted),
  );
  return issue && readIssue(issue);
}

/**
 * Opens one issue with its marker; whether it is there already is `findMarkedIssue`'s matter.
 * @throws GitHubFailure
 */
export async function createMarkedIssue(
  connection: GitHubConnection,
  issue: { key: string; title: string; body: string; labels?: readonly string[] },
): Promise<IssueFacts> {
  const { data } = await writeGitHub(connection, `open the issue "${issue.title}"`, (octokit, target) =>
    octokit.rest.issues.create({
      ...target,
      title: issue.title,
      body: addMarker(issue.body, issue.key),
      labels: [...(issue.labels ?? [])],
    }),
  );
  return readIssue(data);
}

/**
 * The address of the comment that carries a key's marker, under an issue or a pull request.
 * @throws GitHubFailure
 */
export async function findMarkedComment(
  connection: GitHubConnection,
  wanted: { number: number; key: string; author?: string },
): Promise<string | undefined> {
  makeMarker(wanted.key);
  const listed = await readGitHub(connection, `read the comments of #${wanted.number}`, (octokit, target) =>
    octokit.paginate(octokit.rest.issues.listComments, {
      ...target,
      issue_number: wanted.number,
      per_page: 100,
    }),
  );
  return listed.find(({ body, user }) => isMarked(body, user?.login, wanted))?.html_url;
}

/**
 * Adds one comment with its marker, and answers its address.
 * @throws GitHubFailure
 */
export async function createMarkedComment(
  connection: GitHubConnection,
  comment: { number: number; key: string; body: string },
): Promise<string> {
  const { data } = await writeGitHub(connection, `comment on #${comment.number}`, (octokit, target) =>
    octokit.rest.issues.createComment({
      ...target,
      issue_number: comment.number,
      body: addMarker(comment.body, comment.key),
    }),
  );
  return data.html_url;
}

function readIssue(issue: ListedIssue): IssueFacts {
  return {
    number: issue.number,
    title: issue.title,
    url: issue.html_url,
    state: issue.state,
    author: issue.user?.login ?? '',
    labels: issue.labels.flatMap((label) => (typeof label === 'string' ? label : (label.name ?? []))),
    createdAt: issue.created_at,
  };
}
