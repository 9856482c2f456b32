import type { IssueFacts, MilestoneFacts, NewIssue, OpenWork } from '../host.ts';
import { addMarker, isMarked, makeMarker } from '../marker.ts';
import { type GitLabConnection, readGitLab, writeGitLab } from './connection.ts';

interface Listed {
  iid: number;
  title: string;
  web_url: string;
  state: string;
  author: { username: string };
  labels: unknown[];
  created_at: string;
}

/**
 * Open issues and open merge requests that carry any of the labels.
 * @throws GitLabFailure
 */
export async function listOpen(connection: GitLabConnection, labels: readonly string[]): Promise<OpenWork> {
  const issues = new Map<number, Listed>();
  const mergeRequests = new Map<number, Listed>();
  // GitLab joins several labels by "and"; "any of" takes one listing each.
  for (const label of labels) {
    const filter = { state: 'opened' as const, labels: label, perPage: 100 };
    const listed = await readGitLab(connection, 'list open issues', (api, projectId) =>
      api.issues.all({ projectId, ...filter }),
    );
    for (const issue of listed) issues.set(issue.iid, issue);
    const requests = await readGitLab(connection, 'list open merge requests', (api, projectId) =>
      api.mergeRequests.all({ projectId, ...filter }),
    );
    for (const request of requests) mergeRequests.set(request.iid, request);
  }
  const read = (all: Map<number, Listed>) => [...all.values()].sort((a, b) => a.iid - b.iid).map(readIssue);
  return { issues: read(issues), pullRequests: read(mergeRequests) };
}

/**
 * How many issues with a label were opened at or after a time, and before another one if it is given (ISO 8601).
 * @throws GitLabFailure
 */
export async function countNewIssues(
  connection: GitLabConnection,
  wanted: { label: string; since: string; until?: string },
): Promise<number> {
  const { label, since, until } = wanted;
  const listed = await readGitLab(connection, 'count new issues', (api, projectId) =>
    api.issues.all({ projectId, labels: label, createdAfter: since, perPage: 100 }),
  );
  const end = until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until);
  const at = ({ created_at }: Listed) => Date.parse(created_at);
  return listed.filter((issue) => at(issue) >= Date.parse(since) && at(issue) < end).length;
}

/**
 * The active milestone, of the project or a group above it, with one of the titles; and how much of this project is
 * open in it.
 * @throws GitLabFailure
 */
export async function findMilestone(
  connection: GitLabConnection,
  titles: readonly string[],
): Promise<MilestoneFacts | undefined> {
  const listed = await readGitLab(connection, 'list milestones', (api, project) =>
    api.milestones.all(project, { state: 'active', includeAncestors: true, perPage: 100 } as object),
  );
  const found = listed.find(({ title }) => titles.includes(title.trim()));
  if (found === undefined) return undefined;
  const filter = { milestone: found.title, state: 'opened' as const, perPage: 100 };
  const doing = `read the milestone ${found.title}`;
  const issues = await readGitLab(connection, doing, (api, projectId) =>
    api.issues.all({ projectId, ...filter }),
  );
  const requests = await readGitLab(connection, doing, (api, projectId) =>
    api.mergeRequests.all({ projectId, ...filter }),
  );
  return {
    number: found.iid,
    title: found.title,
    openIssues: issues.length + requests.length,
    ...(found.due_date ? { dueOn: found.due_date } : {}),
    url: found.web_url,
  };
}

/**
 * The issue that carries a key's marker, open or closed. `author` (a user name) leaves out issues in which somebody
 * else planted the marker.
 * @throws GitLabFailure
 */
export async function findMarkedIssue(
  connection: GitLabConnection,
  wanted: { key: string; author?: string },
): Promise<IssueFacts | undefined> {
  makeMarker(wanted.key);
  const { author } = wanted;
  const listed = await readGitLab(connection, 'look for an issue', (api, projectId) =>
    api.issues.all({
      projectId,
      orderBy: 'created_at',
      sort: 'asc',
      perPage: 100,
      ...(author === undefined ? {} : { authorUsername: author }),
    } as { projectId: string }),
  );
  const issue = listed.find((one) => isMarked(one.description, one.author.username, wanted));
  return issue && readIssue(issue);
}

/**
 * Opens one issue with its marker; whether it is there already is `findMarkedIssue`'s matter.
 * @throws GitLabFailure
 */
export async function createMarkedIssue(
  connection: GitLabConnection,
  issue: Pick<NewIssue, 'key' | 'title' | 'body' | 'labels'>,
): Promise<void> {
  await writeGitLab(connection, `open the issue "${issue.title}"`, (api, project) =>
    api.issues.create(project, issue.title, {
      description: addMarker(issue.body, issue.key),
      labels: issue.labels.join(','),
    }),
  );
}

function readIssue(issue: Listed): IssueFacts {
  return {
    number: issue.iid,
    title: issue.title,
    url: issue.web_url,
    state: issue.state,
    author: issue.author.username,
    labels: issue.labels.filter((label) => typeof label === 'string'),
    createdAt: issue.created_at,
  };
}
