import type { BranchSchema, MergeRequestSchema } from '@gitbeaker/rest';
import type { FakeAnswer } from '../github-state.ts';
import type { Asked } from '../gitlab-routes.ts';
import { type FakeMergeRequest, formatMergeRequest } from '../gitlab-state.ts';
import type { HostRoute } from '../host-server.ts';
import { countNew, hasConflict, mergeAtHost, tipOf } from './git-merges.ts';

const NOT_FOUND: FakeAnswer = { status: 404, json: { message: '404 Not found' } };

/** The routes by which merge requests are opened and merged, and by which a branch says who may push to it. */
export const MERGING_ROUTES: HostRoute<Asked>[] = [
  {
    on: /^GET \/repository\/branches\/(.+)$/,
    answer: async ({ state, repositoryPath }, [branch = '']) => {
      if ((await tipOf(repositoryPath, branch)) === undefined) return NOT_FOUND;
      const isProtected = state.merging.protected.includes(branch);
      const json: Partial<BranchSchema> = { name: branch, protected: isProtected, can_push: !isProtected };
      return { status: 200, json };
    },
  },
  {
    on: /^POST \/merge_requests$/,
    body: ['source_branch', 'target_branch', 'title', 'description', 'squash', 'remove_source_branch'],
    answer: openRequest,
  },
  {
    on: /^PUT \/merge_requests\/(\d+)\/merge$/,
    body: ['sha', 'squash', 'should_remove_source_branch', 'merge_commit_message'],
    answer: acceptRequest,
  },
];

/** A merge request with what git says of it. */
export async function describeRequest(asked: Asked, request: FakeMergeRequest): Promise<object> {
  const { from, into } = request;
  const shown = formatMergeRequest(asked, request);
  if (from === undefined || into === undefined) return shown;
  const more: Partial<Omit<MergeRequestSchema, 'detailed_merge_status'>> = {
    source_branch: from,
    source_project_id: 1,
    target_project_id: 1,
    sha: (await tipOf(asked.repositoryPath, from)) ?? '',
  };
  return { ...shown, ...more, detailed_merge_status: await judge(asked, request) };
}

async function judge({ state, repositoryPath }: Asked, request: FakeMergeRequest): Promise<string> {
  const { from = '', into = '' } = request;
  if (request.state !== 'opened' || (await tipOf(repositoryPath, from)) === undefined) return 'not_open';
  if (await hasConflict({ repositoryPath, from, into })) return 'conflict';
  const isBehind = (await countNew({ repositoryPath, from: into, into: from })) > 0;
  if (state.merging.semiLinear && isBehind) return 'need_rebase';
  return state.merging.needsApproval && !request.approved ? 'not_approved' : 'mergeable';
}

async function openRequest(asked: Asked): Promise<FakeAnswer> {
  const { state, login, repositoryPath } = asked;
  const sent = JSON.parse(asked.body.toString('utf8')) as Record<string, string>;
  const { source_branch: from = '', target_branch: into = '', title = '', description = '' } = sent;
  if ((await tipOf(repositoryPath, from)) === undefined)
    return { status: 400, json: { message: { source_branch: ['does not exist'] } } };
  const other = state.mergeRequests.find(
    (one) => one.from === from && one.into === into && one.state === 'opened',
  );
  if (other) {
    const message = [`Another open merge request already exists for this source branch: !${other.iid}`];
    return { status: 409, json: { message } };
  }
  const request: FakeMergeRequest = {
    ...{ iid: state.mergeRequests.length + 1, title, description, labels: [], author: login, from, into },
    ...{ state: 'opened', merged_at: null, commits: [], created_at: new Date().toISOString() },
  };
  state.mergeRequests.push(request);
  return { status: 201, json: await describeRequest(asked, request) };
}

async function acceptRequest(asked: Asked, [iid]: string[]): Promise<FakeAnswer> {
  const { state, repositoryPath } = asked;
  const request = state.mergeRequests.find((one) => one.iid === Number(iid));
  if (!request) return NOT_FOUND;
  const { from = '', into = '' } = request;
  const sent = JSON.parse(asked.body.toString('utf8')) as Record<string, unknown>;
  if ((await judge(asked, request)) !== 'mergeable')
    return { status: 405, json: { message: '405 Method Not Allowed' } };
  if (sent['sha'] !== undefined && sent['sha'] !== (await tipOf(repositoryPath, from)))
    return { status: 409, json: { message: 'SHA does not match HEAD of source branch' } };
  const squash = sent['squash'] === true;
  await mergeAtHost({ repositoryPath, from, into }, String(sent['merge_commit_message']), { squash });
  Object.assign(request, { state: 'merged', merged_at: new Date().toISOString() });
  return { status: 200, json: await describeRequest(asked, request) };
}
