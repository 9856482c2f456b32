import type { Host } from '../host.ts';
import type { HostAccess } from '../host-kind.ts';
import { markEffects } from '../marked-effects.ts';
import { readChecks } from './checks.ts';
import { openGitHub } from './connection.ts';
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
import { openMerging } from './merging.ts';
import { describePage } from './page.ts';
import { preflightGitHub } from './preflight/preflight.ts';
import { listPullRequests } from './pull-requests.ts';
import { readLogin } from './read-login.ts';

/** GitHub takes 65,536 characters; the marker needs a few of them. */
const LONGEST_ISSUE = 60_000;

/** Opens one repository on GitHub; nothing is sent yet. */
export function openGitHubHost({ settings, token, signal }: HostAccess): Host {
  const [owner = '', repo = ''] = settings.project.split('/');
  const connection = openGitHub({ apiUrl: settings.apiUrl, token, owner, repo, signal });
  const { author, openIssue, comment } = markEffects({
    longestIssue: LONGEST_ISSUE,
    mark: '#',
    // Unknown for a token of an app.
    readLogin: () => readLogin(connection),
    findIssue: (wanted) => findMarkedIssue(connection, wanted),
    createIssue: (issue) => createMarkedIssue(connection, issue),
    findComment: (wanted) => findMarkedComment(connection, wanted),
    createComment: (written) => createMarkedComment(connection, written),
  });
  return {
    title: 'GitHub',
    openIssue,
    repository: {
      nameRequest: (number) => `pull request #${number}`,
      readChecks: (sha) => readChecks(connection, sha),
      listOpen: (labels) => listOpen(connection, { labels }),
      findMilestone: async (titles) =>
        (await listMilestones(connection)).find(({ title }) => titles.includes(title.trim())),
      countNewIssues: (wanted) => countNewIssues(connection, wanted),
      listPullRequests: (range) => listPullRequests(connection, range),
      comment,
      merging: openMerging(connection),
      describePage: (page) => describePage(connection, page),
      describeDeployment: (shown) => describeDeployment(connection, author, shown),
      preflight: (names) => preflightGitHub(connection, names),
    },
  };
}
