import type { ReleaseActivities } from '../../../contracts/activities.ts';
import { createCommit } from '../../../integrations/git/create-commit.ts';
import type { Mirror } from '../../../integrations/git/mirror/mirror.ts';
import {
  askMirror,
  fetchMirror,
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
import { editReleaseStatus, editState } from './edit-state-files.ts';
import { WINDLASS_SIGNATURE, withReleaseTrailer } from './identity.ts';

/** Times that the branch may move under a state commit. */
const TRIES = 5;
/** State commits are found again among this many commits from the tip. */
const SEARCHED = 500;

/** Commits `state.yml` or `release-status.yaml`, keeping what people wrote in them; once per release and file. */
export function updateState(deps: ActivityDeps): ReleaseActivities['updateState'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    const { state } = product;
    const own = state.repositoryUrl === product.repositoryUrl;
    const mirror = await openWorkMirror(deps, state.repositoryUrl, own ? tokensOf(product) : {});
    const file = input.what === 'state' ? state.stateFile : state.statusFile;
    const marker = `State: ${input.what} ${input.record.outcome ?? 'released'}`;
    return await performEffect(deps, {
      name: `${input.what}-file`,
      key: `${input.releaseId}/${input.what}/${file}`,
      target: `${file} in ${state.branch}`,
      read: async () => {
        await fetchMirror(mirror);
        const found = await findMarked(mirror, state.branch, input.releaseId, marker);
        return found === undefined
          ? { is: 'absent' }
          : { is: 'ours', value: { commit: found, file }, proof: found };
      },
      write: () => commitFile(mirror, product, input.record, input.what, file, marker),
    });
  };
}

async function commitFile(
  mirror: Mirror,
  product: ProductSettings,
  record: ReleaseRecord,
  what: 'state' | 'status',
  file: string,
  marker: string,
): Promise<void> {
  const { branch } = product.state;
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    await fetchMirror(mirror);
    const tip = await resolveCommit(mirror, branch);
    const before = (await readFileAt(mirror, tip, file))?.toString('utf8') ?? '';
    const after =
      what === 'state'
        ? editState(before, product.name, viewProductState(record))
        : editReleaseStatus(before, viewReleaseStatus(record));
    const commit = await createCommit(mirror, {
      parents: [tip],
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
    if ((await pushRef(mirror, { ref: branchRef(branch), sha: commit, expected: tip })) === 'pushed') return;
  }
  throw fail('Unavailable', {
    what: `${branch} moved ${TRIES} times while ${file} was being written`,
    changed: 'nothing',
    next: 'it is tried again',
  });
}

/** The commit that carries both trailers, if it was made before. */
async function findMarked(
  mirror: Mirror,
  branch: string,
  releaseId: string,
  marker: string,
): Promise<string | undefined> {
  const tip = await resolveCommit(mirror, branch);
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
