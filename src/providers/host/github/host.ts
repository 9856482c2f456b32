import { cutText } from '../../../release/views/markdown.ts';
import type { Host, HostEffect, NewComment, NewIssue } from '../host.ts';
import type { HostAccess } from '../host-kind.ts';
import { readChecks } from './checks.ts';
import { type GitHubConnection, openGitHub } from './connection.ts';
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
    },
  };
}

function openIssue(
  connection: GitHubConnection,
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
  connection: GitHubConnection,
  author: Author,
  { key, number, body }: NewComment,
): HostEffect<{ url: string }> {
  return {
    name: 'comment',
    key,
    target: `comment on #${number}`,
    read: async () => {
      const url = await findMarkedComment(connection, { number, key, ...(await author()) });
      return url === undefined ? { is: 'absent' } : { is: 'ours', value: { url }, proof: url };
    },
    write: async () => {
      await createMarkedComment(connection, { number, key, body });
    },
  };
}
