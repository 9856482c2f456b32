import type { Branch, CreatePullRequestOption, MergePullRequestOption, PullRequest } from 'gitea-js';
import type { Asked } from '../gitea-routes.ts';
import { type FakeIssue, formatPull } from '../gitea-state.ts';
import type { FakeAnswer } from '../github-state.ts';
import type { HostRoute } from '../host-server.ts';
import { hasConflict, mergeAtHost, tipOf } from './git-merges.ts';

const NOT_FOUND: FakeAnswer = { status: 404, json: { message: "The target couldn't be found.", errors: [] } };

/** The routes by which pull requests are opened and merged, and by which a branch says who may push to it. */
export const MERGING_ROUTES: HostRoute<Asked>[] = [
  {
    on: /^GET \/branches\/(.+)$/,
    answer: async ({ state, repositoryPath }, [name = '']) => {
      if ((await tipOf(repositoryPath, name)) === undefined) return NOT_FOUND;
      const isProtected = state.merging.protected.includes(name);
      const json: Branch = {
        name,
        protected: isProtected,
        user_can_push: !isProtected,
        user_can_merge: !isProtected || state.rights.canMerge,
      };
      return { status: 200, json };
    },
  },
  {
    on: /^GET \/pulls\/(?!\d+\/commits$)([^/]+)\/(.+)$/,
    answer: async (asked, [into = '', from = '']) => {
      const found = findOpen(asked, from, into);
      return found ? { status: 200, json: await describePull(asked, found) } : NOT_FOUND;
    },
  },
  {
    on: /^POST \/pulls$/,
    body: ['title', 'head', 'base', 'body'] satisfies (keyof CreatePullRequestOption)[],
    answer: openPull,
  },
  {
    on: /^POST \/pulls\/(\d+)\/merge$/,
    body: [
      'Do',
      'MergeTitleField',
      'MergeMessageField',
      'head_commit_id',
      'delete_branch_after_merge',
    ] satisfies (keyof MergePullRequestOption)[],
    answer: mergePull,
  },
];

function findOpen({ state }: Asked, from: string, into: string): FakeIssue | undefined {
  return state.issues.find(
    ({ pull, state: word }) => word === 'open' && pull?.from === from && pull.into === into,
  );
}

/** A pull request with what git says of it. */
export async function describePull(asked: Asked, issue: FakeIssue): Promise<PullRequest> {
  const shown = formatPull(asked, issue);
  const { from, into } = issue.pull ?? {};
  if (from === undefined || into === undefined) return shown;
  const { repositoryPath } = asked;
  const end = async (ref: string) => ({
    ...{ label: ref, ref, repo_id: 1 },
    sha: (await tipOf(repositoryPath, ref)) ?? '',
  });
  const isThere = (await tipOf(repositoryPath, from)) !== undefined;
  const mergeable = isThere && !(await hasConflict({ repositoryPath, from, into }));
  return { ...shown, mergeable, head: await end(from), base: await end(into) };
}

async function openPull(asked: Asked): Promise<FakeAnswer> {
  const { state, login, repositoryPath } = asked;
  const sent = JSON.parse(asked.body.toString('utf8')) as CreatePullRequestOption;
  const { head: from = '', base: into = '', title = '', body = '' } = sent;
  if ((await tipOf(repositoryPath, from)) === undefined) return NOT_FOUND;
  if (findOpen(asked, from, into)) {
    const message = `pull request already exists for these targets [base_branch: ${into}, head_branch: ${from}]`;
    return { status: 409, json: { message } };
  }
  const issue: FakeIssue = {
    ...{ number: state.issues.length + 1, title, body, labels: [], author: login, state: 'open' },
    created_at: new Date().toISOString(),
    pull: { merged_at: null, mergeSha: '', commits: [], from, into },
  };
  state.issues.push(issue);
  return { status: 201, json: await describePull(asked, issue) };
}

async function mergePull(asked: Asked, [number]: string[]): Promise<FakeAnswer> {
  const { state, repositoryPath } = asked;
  const issue = state.issues.find((one) => one.number === Number(number));
  const { pull } = issue ?? {};
  if (!issue || !pull) return NOT_FOUND;
  const { from = '', into = '' } = pull;
  const sent = JSON.parse(asked.body.toString('utf8')) as MergePullRequestOption;
  if (sent.head_commit_id !== (await tipOf(repositoryPath, from)))
    return { status: 409, json: { message: 'head out of date' } };
  if (state.merging.needsApproval && !pull.approved)
    return { status: 405, json: { message: 'Does not have enough approvals' } };
  const message = `${sent.MergeTitleField}\n\n${sent.MergeMessageField ?? ''}`.trim();
  const squash = sent.Do === 'squash';
  pull.mergeSha = await mergeAtHost({ repositoryPath, from, into }, message, { squash });
  pull.merged_at = new Date().toISOString();
  issue.state = 'closed';
  return { status: 200 };
}
