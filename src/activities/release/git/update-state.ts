import type { ReleaseActivities } from '../../../contracts/activities.ts';
import { createCommit } from '../../../integrations/git/create-commit.ts';
import type { Mirror } from '../../../integrations/git/mirror/mirror.ts';
import {
  askMirror,
  fetchMirror,
  findCommit,
  readFileAt,
  resolveCommit,
} from '../../../integrations/git/mirror/mirror.ts';
import { branchRef } from '../../../integrations/git/names.ts';
import { pushRef } from '../../../integrations/git/remote.ts';
import { fillGitText } from '../../../release/git-texts.ts';
import type { ReleaseRecord } from '../../../release/record/record.ts';
import type { ProductSettings } from '../../../release/settings.ts';
import { viewReleaseStatus } from '../../../release/views/release-status.ts';
import { viewProductState } from '../../../release/views/state.ts';
import type { ActivityDeps } from '../../deps.ts';
import { findProduct, openWorkMirror, tokensOf } from '../../deps.ts';
import { fail } from '../../fail.ts';
import { performEffect } from '../../perform-effect.ts';
import { chooseMerge } from './choose-merge.ts';
import { editReleaseStatus, editState } from './edit-state-files.ts';
import { WINDLASS_SIGNATURE, withReleaseTrailer } from './identity.ts';

/** Times that the branch may move under a state commit. */
const TRIES = 5;
/** State commits are found again among this many commits from the tip. */
const SEARCHED = 500;
/** Takes the files of a product whose released branch takes pull requests only. */
const STATE_BRANCH = 'windlass-state';

/** Commits `state.yml` or `release-status.yaml`, keeping what people wrote in them; once per release and file. */
export function updateState(deps: ActivityDeps): ReleaseActivities['updateState'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    const { state } = product;
    const own = state.repositoryUrl === product.repositoryUrl;
    const mirror = await openWorkMirror(deps, state.repositoryUrl, own ? tokensOf(product) : {});
    const file = input.what === 'state' ? state.stateFile : state.statusFile;
    const branch = await chooseBranch(deps, product);
    const marker = `State: ${input.what} ${input.record.outcome ?? 'released'}`;
    return await performEffect(deps, {
      name: `${input.what}-file`,
      key: `${input.releaseId}/${input.what}/${file}`,
      target: `${file} in ${branch}`,
      read: async () => {
        await fetchMirror(mirror);
        const found = await findMarked(mirror, branch, input.releaseId, marker);
        return found === undefined
          ? { is: 'absent' }
          : { is: 'ours', value: { commit: found, file }, proof: found };
      },
      write: () => commitFile(mirror, product, { ...input, file, marker, branch }),
    });
  };
}

/** Every release would need a second pull request for its outcome, if the files stood where the release goes in by one. */
async function chooseBranch(deps: ActivityDeps, product: ProductSettings): Promise<string> {
  const { branch, follows } = product.state;
  if (!follows) return branch;
  return (await chooseMerge(deps, product)).by === 'request' ? STATE_BRANCH : branch;
}

interface StateFile {
  record: ReleaseRecord;
  what: 'state' | 'status';
  file: string;
  marker: string;
  branch: string;
}

async function commitFile(
  mirror: Mirror,
  product: ProductSettings,
  { record, what, file, marker, branch }: StateFile,
): Promise<void> {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    await fetchMirror(mirror);
    const tip = await findStateTip(mirror, branch);
    // A branch that is made now begins with what stood beside the product.
    const from = tip ?? (await resolveCommit(mirror, product.release.releaseBranch));
    const before = (await readFileAt(mirror, from, file))?.toString('utf8') ?? '';
    const after =
      what === 'state'
        ? editState(before, product.name, viewProductState(record))
        : editReleaseStatus(before, viewReleaseStatus(record));
    const commit = await createCommit(mirror, {
      parents: tip === undefined ? [] : [tip],
      changes: [{ path: file, contents: after }],
      message: withReleaseTrailer(
        `${fillGitText('stateMessage', product.git, {
          product: product.name,
          title: product.title,
          what: what === 'state' ? 'update state' : 'record release status',
        })}\n\n${marker}`,
        record.releaseId,
      ).replace(`${marker}\n\nRelease-Id`, `${marker}\nRelease-Id`),
      author: WINDLASS_SIGNATURE,
      date: record.plan?.plannedAt ?? record.startedAt,
    });
    if ((await pushRef(mirror, { ref: branchRef(branch), sha: commit, expected: tip ?? null })) === 'pushed')
      return;
  }
  throw fail('Unavailable', {
    what: `${branch} moved ${TRIES} times while ${file} was being written`,
    changed: 'nothing',
    next: 'it is tried again',
  });
}

/** The branch's tip; of the branch that is made when it is needed, undefined where it is not there yet. */
async function findStateTip(mirror: Mirror, branch: string): Promise<string | undefined> {
  return branch === STATE_BRANCH ? await findCommit(mirror, branch) : await resolveCommit(mirror, branch);
}

/** The commit that carries both trailers, if it was made before. */
async function findMarked(
  mirror: Mirror,
  branch: string,
  releaseId: string,
  marker: string,
): Promise<string | undefined> {
  const tip = await findStateTip(mirror, branch);
  if (tip === undefined) return undefined;
  const log = await askMirror(mirror, [
    'log',
    `--max-count=${SEARCHED}`,
    '--fixed-strings',
    '--all-match',
    `--grep=Release-Id: ${releaseId}`,
    `--grep=${marker}`,
    '--format=%H',
    '--end-of-options',
    tip,
  ]);
  return log.stdout
    .toString('utf8')
    .split('\n')
    .find((line) => line !== '');
}
