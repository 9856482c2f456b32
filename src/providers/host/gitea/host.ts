import type { Host } from '../host.ts';
import type { HostAccess } from '../host-kind.ts';
import { markEffects } from '../marked-effects.ts';
import { readChecks } from './checks.ts';
import { openGitea } from './connection.ts';
import {
  countNewIssues,
  createMarkedComment,
  createMarkedIssue,
  findMarkedComment,
  findMarkedIssue,
  findMilestone,
  listOpen,
  readLogin,
} from './issues.ts';
import { openMerging } from './merging.ts';
import { describePage } from './page.ts';
import { preflightGitea } from './preflight/preflight.ts';
import { listPullRequests } from './pull-requests.ts';

/** Gitea names no limit of its own; what is longer nobody reads. */
const LONGEST_ISSUE = 1_000_000;

/** Opens one repository on Gitea or Forgejo; nothing is sent yet. */
export function openGiteaHost({ settings, token, signal }: HostAccess): Host {
  const connection = openGitea({ apiUrl: settings.apiUrl, token, project: settings.project, signal });
  const { openIssue, comment } = markEffects({
    longestIssue: LONGEST_ISSUE,
    mark: '#',
    readLogin: () => readLogin(connection),
    findIssue: (wanted) => findMarkedIssue(connection, wanted),
    createIssue: (issue) => createMarkedIssue(connection, issue),
    findComment: (wanted) => findMarkedComment(connection, wanted),
    createComment: (written) => createMarkedComment(connection, written),
  });
  return {
    title: 'Gitea',
    openIssue,
    repository: {
      nameRequest: (number) => `pull request #${number}`,
      readChecks: (sha) => readChecks(connection, sha),
      listOpen: (labels) => listOpen(connection, labels),
      findMilestone: (titles) => findMilestone(connection, titles),
      countNewIssues: (wanted) => countNewIssues(connection, wanted),
      listPullRequests: (range) => listPullRequests(connection, range),
      comment,
      merging: openMerging(connection),
      describePage: (page) => describePage(connection, page),
      preflight: (names) => preflightGitea(connection, names),
    },
  };
}
