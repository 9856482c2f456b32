import { unlessForbidden } from '../failure.ts';
import type { Host } from '../host.ts';
import type { HostAccess } from '../host-kind.ts';
import { markEffects } from '../marked-effects.ts';
import { readChecks } from './checks.ts';
import { type GitLabConnection, openGitLab, readGitLab } from './connection.ts';
import { countNewIssues, createMarkedIssue, findMarkedIssue, findMilestone, listOpen } from './issues.ts';
import { createMarkedComment, findMarkedComment, listMergeRequests } from './merge-requests.ts';
import { openMerging } from './merging.ts';
import { describePage } from './page.ts';
import { preflightGitLab } from './preflight/preflight.ts';

/** GitLab takes 1,048,576 characters; the marker needs a few of them. */
const LONGEST_ISSUE = 1_000_000;

/** Opens one project on GitLab; nothing is sent yet. */
export function openGitLabHost({ settings, token, signal }: HostAccess): Host {
  const { apiUrl, project } = settings;
  const connection = openGitLab({ apiUrl, token, project, signal });
  const { openIssue, comment } = markEffects({
    longestIssue: LONGEST_ISSUE,
    mark: '!',
    readLogin: () => readUsername(connection),
    findIssue: (wanted) => findMarkedIssue(connection, wanted),
    createIssue: (issue) => createMarkedIssue(connection, issue),
    findComment: (wanted) => findMarkedComment(connection, wanted),
    createComment: (written) => createMarkedComment(connection, written),
  });
  return {
    title: 'GitLab',
    openIssue,
    repository: {
      nameRequest: (number) => `merge request !${number}`,
      readChecks: (sha) => readChecks(connection, sha),
      listOpen: (labels) => listOpen(connection, labels),
      findMilestone: (titles) => findMilestone(connection, titles),
      countNewIssues: (wanted) => countNewIssues(connection, wanted),
      listPullRequests: (range) => listMergeRequests(connection, range),
      comment,
      merging: openMerging(connection),
      describePage: (page) => describePage(connection, page),
      preflight: (names) => preflightGitLab(connection, names),
    },
  };
}

/** Unknown for a job's token. */
async function readUsername(connection: GitLabConnection): Promise<string | undefined> {
  const user = await unlessForbidden(
    readGitLab(connection, 'ask who the token belongs to', (api) => api.users.showCurrentUser()),
  );
  return user?.username;
}
