import { orNothing } from '../failure.ts';
import type { CommitRange, NewComment, PullRequestFacts, RangePullRequests } from '../host.ts';
import { lookUpRange } from '../look-up-range.ts';
import { addMarker, isMarked, makeMarker } from '../marker.ts';
import { type GitLabConnection, readGitLab, writeGitLab } from './connection.ts';

interface Listed {
  iid: number;
  title: string;
  web_url: string;
  state: string;
  author: { username: string };
  labels?: unknown[];
  merged_at: string | null;
}

/**
 * The merged merge requests of a range; where GitLab links none, the number at the end of a subject, as in
 * `feat: pay (!12)`, is looked up instead.
 * @throws GitLabFailure for what a person must mend (token, right, project)
 */
export async function listMergeRequests(
  connection: GitLabConnection,
  range: CommitRange,
): Promise<RangePullRequests> {
  return await lookUpRange(range, (commit) => lookUp(connection, commit));
}

async function lookUp(
  connection: GitLabConnection,
  { sha, subject }: { sha: string; subject: string },
): Promise<PullRequestFacts | undefined> {
  const linked = await orNothing(
    readGitLab(connection, `find the merge request of ${sha.slice(0, 10)}`, (api, project) =>
      api.commits.allMergeRequests(project, sha, { perPage: 100 } as object),
    ),
  );
  const merged = ((linked ?? []) as unknown as Listed[])
    .filter(({ state, merged_at }) => state === 'merged' && merged_at !== null)
    // The one that brought it here first; a back-merge lists the same commit later.
    .sort((a, b) => (a.merged_at ?? '').localeCompare(b.merged_at ?? ''))[0];
  if (merged) return readFacts(merged);
  const number = /\(!(\d{1,9})\)\s*$/.exec(subject)?.[1];
  if (number === undefined) return undefined;
  const named = await orNothing(
    readGitLab(connection, `read merge request !${number}`, (api, project) =>
      api.mergeRequests.show(project, Number(number)),
    ),
  );
  return named?.state === 'merged' ? readFacts(named as unknown as Listed) : undefined;
}

function readFacts(request: Listed): PullRequestFacts {
  const { username } = request.author;
  return {
    number: request.iid,
    title: request.title,
    url: request.web_url,
    author: username,
    // The users of project and group tokens, and what bots are called by custom.
    authorIsBot: /^(?:project|group)_\d+_bot|(?:^|[-_.])bot$/i.test(username),
    labels: (request.labels ?? []).filter((label) => typeof label === 'string'),
    mergedAt: request.merged_at ?? '',
    commits: [],
  };
}

/**
 * The address of the comment that carries a key's marker, under a merge request.
 * @throws GitLabFailure
 */
export async function findMarkedComment(
  connection: GitLabConnection,
  wanted: { number: number; key: string; author?: string },
): Promise<string | undefined> {
  makeMarker(wanted.key);
  const doing = `read the comments of !${wanted.number}`;
  const listed = await readGitLab(connection, doing, (api, project) =>
    api.mergeRequestNotes.all(project, wanted.number, { sort: 'asc', perPage: 100 }),
  );
  const found = listed.find((note) => isMarked(note.body, note.author.username, wanted));
  if (found === undefined) return undefined;
  const request = await readGitLab(connection, doing, (api, project) =>
    api.mergeRequests.show(project, wanted.number),
  );
  return `${request.web_url}#note_${found.id}`;
}

/**
 * Adds one comment with its marker.
 * @throws GitLabFailure
 */
export async function createMarkedComment(
  connection: GitLabConnection,
  { number, key, body }: NewComment,
): Promise<void> {
  await writeGitLab(connection, `comment on !${number}`, (api, project) =>
    api.mergeRequestNotes.create(project, number, addMarker(body, key)),
  );
}
