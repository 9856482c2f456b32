import type { Host, HostEffect, NewComment, NewIssue } from '../host.ts';
import type { HostAccess } from '../host-kind.ts';
import { describeComment, describeIssue } from '../marked-effects.ts';
import { readChecks } from './checks.ts';
import { type GitHubConnection, openGitHub } from './connection.ts';
import { describeDeployment } from './deployments.ts';
import {
  countNewIssues,
  createMarkedComment,
  createMarkedIssue,
  findMarkedComment,
  findMarkedIssue,
  listMilestones,
  listOpen,
} from './issues.ts';
import { describePage } from './page.ts';
import { listPullRequests } from './pull-requests.ts';
import { readLogin } from './repository.ts';

/** GitHub takes 65,536 characters; the marker needs a few of them. */
const LONGEST_ISSUE = 60_000;

/** As whom we write: a marker that somebody else planted does not count. Unknown for a token of an app. */
type Author = () => Promise<{ author?: string }>;

/** Opens one repository on GitHub; nothing is sent yet. */
export function openGitHubHost({ settings, token, signal }: HostAccess): Host {
  const [owner = '', repo = ''] = settings.project.split('/');
  const connection = openGitHub({ apiUrl: settings.apiUrl, token, owner, repo, signal });
  let login: Promise<string | undefined> | undefined;
  const author: Author = async () => {
    login ??= readLogin(connection);
    const known = await login;
    return known === undefined ? {} : { author: known };
  };
  return {
    title: 'GitHub',
    openIssue: (issue) => openIssue(connection, author, issue),
    repository: {
      nameRequest: (number) => `pull request #${number}`,
      readChecks: (sha) => readChecks(connection, sha),
      listOpen: (labels) => listOpen(connection, { labels }),
      findMilestone: async (titles) =>
        (await listMilestones(connection)).find(({ title }) => titles.includes(title.trim())),
      countNewIssues: (wanted) => countNewIssues(connection, wanted),
      listPullRequests: (range) => listPullRequests(connection, range),
      comment: (comment) => commentOn(connection, author, comment),
      describePage: (page) => describePage(connection, page),
      describeDeployment: (shown) => describeDeployment(connection, author, shown),
    },
  };
}

function openIssue(
  connection: GitHubConnection,
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
  connection: GitHubConnection,
  author: Author,
  comment: NewComment,
): HostEffect<{ url: string }> {
  const { key, number } = comment;
  return describeComment(comment, {
    reference: `#${number}`,
    find: async () => await findMarkedComment(connection, { number, key, ...(await author()) }),
    create: (written) => createMarkedComment(connection, written),
  });
}
