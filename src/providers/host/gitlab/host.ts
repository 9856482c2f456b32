import { cutText } from '../../../release/views/markdown.ts';
import type { Host, HostEffect, NewComment, NewIssue } from '../host.ts';
import type { HostAccess } from '../host-kind.ts';
import { readChecks } from './checks.ts';
import { type GitLabConnection, openGitLab, readGitLab } from './connection.ts';
import { GitLabFailure } from './failure.ts';
import { countNewIssues, createMarkedIssue, findMarkedIssue, findMilestone, listOpen } from './issues.ts';
import { createMarkedComment, findMarkedComment, listMergeRequests } from './merge-requests.ts';
import { describePage } from './page.ts';

/** GitLab takes 1,048,576 characters; the marker needs a few of them. */
const LONGEST_ISSUE = 1_000_000;

/** As whom we write: a marker that somebody else planted does not count. Unknown for a job's token. */
type Author = () => Promise<{ author?: string }>;

/** Opens one project on GitLab; nothing is sent yet. */
export function openGitLabHost({ settings, token, signal }: HostAccess): Host {
  const { apiUrl, project } = settings;
  const connection = openGitLab({ apiUrl, token, project, signal });
  let login: Promise<string | undefined> | undefined;
  const author: Author = async () => {
    login ??= readUsername(connection);
    const known = await login;
    return known === undefined ? {} : { author: known };
  };
  return {
    title: 'GitLab',
    openIssue: (issue) => openIssue(connection, author, issue),
    repository: {
      nameRequest: (number) => `merge request !${number}`,
      readChecks: (sha) => readChecks(connection, sha),
      listOpen: (labels) => listOpen(connection, labels),
      findMilestone: (titles) => findMilestone(connection, titles),
      countNewIssues: (wanted) => countNewIssues(connection, wanted),
      listPullRequests: (range) => listMergeRequests(connection, range),
      comment: (comment) => commentOn(connection, author, comment),
      describePage: (page) => describePage(connection, page),
    },
  };
}

async function readUsername(connection: GitLabConnection): Promise<string | undefined> {
  try {
    const user = await readGitLab(connection, 'ask who the token belongs to', (api) =>
      api.users.showCurrentUser(),
    );
    return user.username;
  } catch (error) {
    if (error instanceof GitLabFailure && error.status === 403) return undefined;
    throw error;
  }
}

function openIssue(
  connection: GitLabConnection,
  author: Author,
  issue: NewIssue,
): HostEffect<{ url: string }> {
  const { key, title, labels } = issue;
  return {
    name: 'issue',
    key,
    target: `issue "${title}"`,
    read: async () => {
      const found = await findMarkedIssue(connection, { key, ...(await author()) });
      return found ? { is: 'ours', value: { url: found.url }, proof: `#${found.number}` } : { is: 'absent' };
    },
    write: async () => {
      await createMarkedIssue(connection, { key, title, body: cutText(issue.body, LONGEST_ISSUE), labels });
    },
  };
}

function commentOn(
  connection: GitLabConnection,
  author: Author,
  comment: NewComment,
): HostEffect<{ url: string }> {
  const { key, number } = comment;
  return {
    name: 'comment',
    key,
    target: `comment on !${number}`,
    read: async () => {
      const url = await findMarkedComment(connection, { number, key, ...(await author()) });
      return url === undefined ? { is: 'absent' } : { is: 'ours', value: { url }, proof: url };
    },
    write: () => createMarkedComment(connection, comment),
  };
}
