import type { FakeAnswer, FakeRequest, GitHubState } from '../github-state.ts';
import { countNew, hasConflict, mergeAtHost, tipOf } from './git-merges.ts';

/** What the rules of the branch ask of a pull request, as far as GitHub's answers tell. */
export interface MergeRules {
  needsReview: boolean;
  approved: Set<number>;
  upToDate: boolean;
  requiredChecks: string[];
  mergeCommits: boolean;
}

export function makeMergeRules(): MergeRules {
  return {
    ...{ needsReview: false, approved: new Set<number>(), upToDate: false },
    ...{ requiredChecks: [], mergeCommits: true },
  };
}

interface Pull {
  number: number;
  from: string;
  into: string;
}

const validation = (message: string): FakeAnswer => ({
  status: 422,
  json: { message: 'Validation Failed', errors: [{ resource: 'PullRequest', code: 'custom', message }] },
});

/** Why GitHub would not open one; undefined where it does. */
export async function refuseOpening(
  { state, repositoryPath }: { state: GitHubState; repositoryPath: string },
  { from, into }: Omit<Pull, 'number'>,
  owner: string,
): Promise<FakeAnswer | undefined> {
  const asked = { repositoryPath, from, into };
  if ((await tipOf(repositoryPath, from)) === undefined) return validation(`head ${from} is invalid`);
  const open = [...state.pulls.values()].some(
    (pull) => pull.from === from && pull.into === into && !pull.mergedAt && !pull.closed,
  );
  if (open) return validation(`A pull request already exists for ${owner}:${from}.`);
  if ((await countNew(asked)) === 0) return validation(`No commits between ${into} and ${from}`);
  return undefined;
}

/** GitHub's `mergeable_state`. */
export async function judge(
  { state, repositoryPath }: { state: GitHubState; repositoryPath: string },
  { number, from, into }: Pull,
): Promise<string> {
  const { merging } = state;
  const head = await tipOf(repositoryPath, from);
  if (head === undefined) return 'unknown';
  if (await hasConflict({ repositoryPath, from, into })) return 'dirty';
  const isBehind = (await countNew({ repositoryPath, from: into, into: from })) > 0;
  if (merging.upToDate && isBehind) return 'behind';
  const passed = (name: string) =>
    state.checkRuns.some((run) => run.sha === head && run.name === name && run.conclusion === 'success');
  const isBlocked =
    (merging.needsReview && !merging.approved.has(number)) || !merging.requiredChecks.every(passed);
  return isBlocked ? 'blocked' : 'clean';
}

/** `PUT /pulls/NUMBER/merge`. */
export async function mergePull(
  { state, repositoryPath, body }: FakeRequest & { state: GitHubState },
  number: number,
): Promise<FakeAnswer> {
  const pull = state.pulls.get(number);
  if (pull?.from === undefined || pull.into === undefined)
    return { status: 404, json: { message: 'Not Found' } };
  const { from, into } = pull;
  const asked = JSON.parse(body.toString('utf8') || '{}') as Record<string, string>;
  if (asked['sha'] !== undefined && asked['sha'] !== (await tipOf(repositoryPath, from)))
    return { status: 409, json: { message: 'Head branch was modified. Review and try the merge again.' } };
  const refused = (message: string) => ({ status: 405, json: { message } });
  if (asked['merge_method'] === 'merge' && !state.merging.mergeCommits)
    return refused('Merge commits are not allowed on this repository.');
  const standing = await judge({ state, repositoryPath }, { number, from, into });
  if (standing !== 'clean') return refused('Pull Request is not mergeable');
  const message = `${asked['commit_title']}\n\n${asked['commit_message'] ?? ''}`.trim();
  const squash = asked['merge_method'] === 'squash';
  const sha = await mergeAtHost({ repositoryPath, from, into }, message, { squash });
  Object.assign(pull, { mergedAt: new Date().toISOString(), mergeSha: sha });
  return { status: 200, json: { sha, merged: true, message: 'Pull Request successfully merged' } };
}
