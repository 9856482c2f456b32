import type { Host, HostEffect, NewComment, NewIssue } from '../host.ts';
import type { HostAccess } from '../host-kind.ts';
import { describeComment, describeIssue } from '../marked-effects.ts';
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
  return describeIssue(issue, {
    longest: LONGEST_ISSUE,
    find: async (key) => await findMarkedIssue(connection, { key, ...(await author()) }),
    create: (written) => createMarkedIssue(connection, written),
  });
}

function commentOn(
  connection: GitLabConnection,
  author: Author,
  comment: NewComment,
): HostEffect<{ url: string }> {
  const { key, number } = comment;
  return describeComment(comment, {
    reference: `!${number}`,
    find: async () => await findMarkedComment(connection, { number, key, ...(await author()) }),
    create: (written) => createMarkedComment(connection, written),
  });
}
