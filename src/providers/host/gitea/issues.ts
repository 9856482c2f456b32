import { unlessForbidden } from '../failure.ts';
import type { IssueFacts, MilestoneFacts, NewComment, NewIssue, OpenWork } from '../host.ts';
import { addMarker, isMarked, makeMarker } from '../marker.ts';
import { findGitea, type GiteaConnection, listGitea, readGitea, writeGitea } from './connection.ts';
import * as shapes from './shapes.ts';

type Listed = ReturnType<typeof shapes.issue.parse>;

/**
 * Issues or pull requests, newest first. A label that the repository itself has not, Gitea silently leaves out of the
 * question, and an organisation's labels are such: the answer is filtered again.
 */
async function listIssues(
  connection: GiteaConnection,
  doing: string,
  filter: {
    type: 'issues' | 'pulls';
    state: 'open' | 'all';
    label?: string;
    since?: string;
    author?: string;
  },
): Promise<Listed[]> {
  const { type, state, label, since, author } = filter;
  const query = { type, state, labels: label, since, created_by: author };
  const listed = await listGitea(
    connection,
    doing,
    { path: '{repo}/issues', query },
    shapes.list(shapes.issue),
  );
  return listed.filter(({ labels }) => label === undefined || labels.some(({ name }) => name === label));
}

/**
 * Open issues and open pull requests that carry any of the labels.
 * @throws GiteaFailure
 */
export async function listOpen(connection: GiteaConnection, labels: readonly string[]): Promise<OpenWork> {
  const listAny = async (type: 'issues' | 'pulls') => {
    const found = new Map<number, Listed>();
    // Gitea joins several labels by "and"; "any of" takes one listing each.
    for (const label of labels) {
      const listed = await listIssues(connection, `list open ${type}`, { type, state: 'open', label });
      for (const issue of listed) found.set(issue.number, issue);
    }
    return [...found.values()].sort((a, b) => a.number - b.number).map(readIssue);
  };
  return { issues: await listAny('issues'), pullRequests: await listAny('pulls') };
}

/**
 * How many issues with a label were opened at or after a time, and before another one if it is given (ISO 8601).
 * @throws GiteaFailure
 */
export async function countNewIssues(
  connection: GiteaConnection,
  wanted: { label: string; since: string; until?: string },
): Promise<number> {
  const { label, since, until } = wanted;
  // Gitea's `since` is about the last change, so it only shortens the listing.
  const filter = { type: 'issues', state: 'all', label, since } as const;
  const listed = await listIssues(connection, 'count new issues', filter);
  const end = until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until);
  const at = ({ created_at }: Listed) => Date.parse(created_at);
  return listed.filter((issue) => at(issue) >= Date.parse(since) && at(issue) < end).length;
}

/**
 * The open milestone with one of the titles; what is open in it are issues and pull requests.
 * @throws GiteaFailure
 */
export async function findMilestone(
  connection: GiteaConnection,
  titles: readonly string[],
): Promise<MilestoneFacts | undefined> {
  const listed = await listGitea(
    connection,
    'list milestones',
    { path: '{repo}/milestones', query: { state: 'open' } },
    shapes.list(shapes.milestone),
  );
  const found = listed.find(({ title }) => titles.includes(title.trim()));
  if (found === undefined) return undefined;
  return {
    number: found.id,
    title: found.title,
    openIssues: found.open_issues,
    closedIssues: found.closed_issues,
    ...(found.due_on ? { dueOn: found.due_on } : {}),
    url: `${connection.base}/${connection.project}/milestone/${found.id}`,
  };
}

/**
 * The issue that carries a key's marker, open or closed; the oldest, so that two workers agree. `author` (a user name)
 * leaves out issues in which somebody else planted the marker.
 * @throws GiteaFailure
 */
export async function findMarkedIssue(
  connection: GiteaConnection,
  wanted: { key: string; author?: string },
): Promise<IssueFacts | undefined> {
  makeMarker(wanted.key);
  const { author } = wanted;
  const filter = { type: 'issues', state: 'all', ...(author === undefined ? {} : { author }) } as const;
  const listed = await listIssues(connection, 'look for an issue', filter);
  const issue = listed.findLast(({ body, user }) => isMarked(body, user?.login, wanted));
  return issue && readIssue(issue);
}

/**
 * Opens one issue with its marker; whether it is there already is `findMarkedIssue`'s matter. Gitea takes labels by
 * their ids only: those that neither the repository nor its organisation has are made first.
 * @throws GiteaFailure
 */
export async function createMarkedIssue(
  connection: GiteaConnection,
  issue: Pick<NewIssue, 'key' | 'title' | 'body' | 'labels'>,
): Promise<void> {
  const doing = `open the issue "${issue.title}"`;
  let known = issue.labels.length === 0 ? new Map<string, number>() : await readLabels(connection, doing);
  const missing = issue.labels.filter((name) => !known.has(name));
  for (const name of missing) {
    const body = { name, color: '#ededed' };
    await writeGitea(connection, `make the label ${name}`, { method: 'POST', path: '{repo}/labels', body });
  }
  if (missing.length > 0) known = await readLabels(connection, doing);
  const labels = issue.labels.flatMap((name) => known.get(name) ?? []);
  const body = { title: issue.title, body: addMarker(issue.body, issue.key), labels };
  await writeGitea(connection, doing, { method: 'POST', path: '{repo}/issues', body });
}

/** The ids of labels by name; the repository's own win over its organisation's. */
async function readLabels(connection: GiteaConnection, doing: string): Promise<Map<string, number>> {
  const shape = shapes.list(shapes.label);
  const own = await listGitea(connection, doing, { path: '{repo}/labels' }, shape);
  const [owner = ''] = connection.project.split('/');
  const path = `orgs/${encodeURIComponent(owner)}/labels`;
  // A user's repository has no organisation, and not every token may look at one.
  const shared = await listGitea(connection, doing, { path }, shape).catch(() => []);
  return new Map([...shared, ...own].map(({ name, id }) => [name, id]));
}

/**
 * The address of the comment that carries a key's marker, under a pull request.
 * @throws GiteaFailure
 */
export async function findMarkedComment(
  connection: GiteaConnection,
  wanted: { number: number; key: string; author?: string },
): Promise<string | undefined> {
  makeMarker(wanted.key);
  const { number } = wanted;
  const listed = await findGitea(
    connection,
    `read the comments of #${number}`,
    { path: `{repo}/issues/${number}/comments` },
    shapes.list(shapes.comment),
  );
  return listed?.find(({ body, user }) => isMarked(body, user?.login, wanted))?.html_url;
}

/**
 * Adds one comment with its marker.
 * @throws GiteaFailure
 */
export async function createMarkedComment(
  connection: GiteaConnection,
  { number, key, body }: NewComment,
): Promise<void> {
  const path = `{repo}/issues/${number}/comments`;
  await writeGitea(connection, `comment on #${number}`, {
    method: 'POST',
    path,
    body: { body: addMarker(body, key) },
  });
}

/**
 * The login that the token writes as; undefined for a token that may not tell (without the scope `read:user`).
 * @throws GiteaFailure
 */
export async function readLogin(connection: GiteaConnection): Promise<string | undefined> {
  const doing = 'ask who the token belongs to';
  const user = await unlessForbidden(readGitea(connection, doing, { path: 'user' }, shapes.user));
  return user?.login;
}

function readIssue(issue: Listed): IssueFacts {
  return {
    number: issue.number,
    title: issue.title,
    url: issue.html_url,
    state: issue.state,
    author: issue.user?.login ?? '',
    labels: issue.labels.map(({ name }) => name),
    createdAt: issue.created_at,
  };
}
