import type { Effect, NewReceipt } from '../../../contracts/activities.ts';
import type { MergeAnswer } from '../../../contracts/release-answers.ts';
import { isAncestor, mergeCommits } from '../../../integrations/git/merge.ts';
import { askMirror, type Mirror, resolveCommit } from '../../../integrations/git/mirror/mirror.ts';
import { branchRef } from '../../../integrations/git/names.ts';
import { pushRef, readRemoteRef } from '../../../integrations/git/remote.ts';
import type { EffectSpec } from '../../../providers/effect.ts';
import { HostFailure } from '../../../providers/host/failure.ts';
import { describeRequest, type RequestStanding } from '../../../providers/host/merging.ts';
import type { ActivityDeps } from '../../deps.ts';
import { fail } from '../../fail.ts';
import { performEffect } from '../../perform-effect.ts';
import type { ChosenMerge } from './choose-merge.ts';
import { WINDLASS_SIGNATURE } from './identity.ts';

export interface RequestedMerge {
  deps: ActivityDeps;
  mirror: Mirror;
  chosen: Extract<ChosenMerge, { by: 'request' }>;
  releaseId: string;
  /** For people: the product's title and the version. */
  what: string;
  commit: string;
  plannedAt: string;
  /** The release's branch, and the one that it goes into. */
  from: string;
  into: string;
  /** The merge's message; its first line is the pull request's title too. */
  message: string;
  /** Opened by this try before: it is followed, and no other is opened. */
  number?: number;
  /** The merge as an effect without its write: whether it was done, git tells, and never the host. */
  effect: Omit<EffectSpec<{ mergeCommit: string }, 'merge'>, 'write'>;
}

/** "Not yet" on every host: what is missing may still come. */
const NOT_YET = 405;

/**
 * One look at the pull request by which a release gets into its branch: it is opened where there is none, merged where
 * the host lets it, and else it is told what it waits for.
 * @throws `Conflict` for what people must decide: closed, squashed, other people's commits, a conflict, failed checks
 */
export async function mergeByRequest(at: RequestedMerge): Promise<Effect<MergeAnswer>> {
  const { deps, chosen, effect } = at;
  if ((await effect.read()).is === 'ours') {
    return await performEffect(deps, { ...effect, write: async () => undefined });
  }
  const receipts: NewReceipt[] = [];
  let { number } = at;
  if (number === undefined) {
    const opened = await performEffect(deps, describeRequest(chosen.merging, describe(at)));
    receipts.push(...opened.receipts);
    number = opened.value.number;
  }
  const standing = await chosen.merging.look(number);
  const named = chosen.repository.nameRequest(number);
  const waitFor = (why: string) => ({
    value: { waits: { named, number: standing.number, url: standing.url, why } },
    receipts,
  });
  const why = await findWait(at, standing, named);
  if (why !== undefined) return waitFor(why);
  const [title = '', ...rest] = at.message.split('\n');
  const merge = { number, head: standing.head, title, message: rest.join('\n').trim() };
  try {
    const merged = await performEffect(deps, { ...effect, write: () => chosen.merging.merge(merge) });
    return { value: merged.value, receipts: [...receipts, ...merged.receipts] };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof HostFailure ? error.cause : error;
    if (cause instanceof HostFailure && cause.status === NOT_YET) return waitFor(cause.message);
    throw error;
  }
}

function describe(at: RequestedMerge) {
  const { releaseId, from, into, what, commit } = at;
  return {
    key: `${releaseId}/pull-request/${into}`,
    from,
    into,
    title: at.message.split('\n')[0] ?? '',
    body: [
      `${what} is live. This brings its release commit \`${commit}\` into \`${into}\`.`,
      `Windlass merges it, by a merge commit, when its checks are green. Please neither squash nor rebase it: the release's tag stands on that commit.`,
    ].join('\n\n'),
  };
}

/** What the pull request waits for; undefined where it can be merged now. */
async function findWait(
  at: RequestedMerge,
  standing: RequestStanding,
  named: string,
): Promise<string | undefined> {
  const { chosen, from, into, commit } = at;
  if (standing.from !== from || standing.into !== into) {
    throw refuse(at, `${named} is of ${standing.from} into ${standing.into}`, 'retry');
  }
  if (standing.state === 'closed') {
    throw refuse(at, `${named} was closed without being merged`, 'reopen it, or retry for another one');
  }
  if (standing.state === 'merged') {
    throw refuse(
      at,
      `${named} was merged without ${commit}: by a squash or a rebase`,
      `merge ${commit} into ${into} by a merge commit, in a pull request of your own or by \`windlass\` (retry opens another), so that the tag is in its history`,
    );
  }
  await refuseStrangers(at, standing, named);
  const checks = await chosen.repository.readChecks(standing.head);
  if (checks.failing.length > 0) {
    const failing = checks.failing.map(({ name, conclusion }) => `${name} (${conclusion})`).join(', ');
    throw refuse(at, `checks of ${named} failed: ${failing}`, 'mend them or run them again, then retry');
  }
  if (standing.merging === 'conflict') {
    throw refuse(
      at,
      `${named} conflicts with ${into}`,
      `merge ${into} into ${from} by hand (with a merge commit), push it, then retry`,
    );
  }
  if (standing.merging === 'behind') {
    await catchUp(at, standing, named);
    return `its checks, with what came into ${into} meanwhile`;
  }
  if (checks.pending.length > 0) return `its checks: ${checks.pending.join(', ')}`;
  return standing.merging === 'ready' ? undefined : (standing.why ?? 'the host');
}

/** What is merged is what was released: the release commit, and merges that bring it up to date. */
async function refuseStrangers(at: RequestedMerge, { head }: RequestStanding, named: string): Promise<void> {
  const { mirror, commit, from, into } = at;
  if (head === commit) return;
  const tip = await resolveCommit(mirror, into);
  const args = [
    'rev-list',
    '--no-merges',
    '--max-count=1',
    '--end-of-options',
    head,
    `^${commit}`,
    `^${tip}`,
  ];
  const others = await askMirror(mirror, args, { acceptExitCodes: [0, 128] });
  const isOurs = others.exitCode === 0 && (await isAncestor(mirror, commit, head));
  if (isOurs && others.stdout.toString('utf8').trim() === '') return;
  throw refuse(
    at,
    `${named} holds more than the release: ${from} is at ${head}`,
    `see what was pushed there; bring ${from} back to ${commit}, or merge it by hand, then retry`,
  );
}

/** Merges the other branch's tip into the release's, for hosts that want it there first. */
async function catchUp(at: RequestedMerge, { head }: RequestStanding, named: string): Promise<void> {
  const { deps, mirror, from, into } = at;
  const tip = await resolveCommit(mirror, into);
  const merged = await mergeCommits(mirror, {
    ours: head,
    theirs: tip,
    message: at.message,
    author: WINDLASS_SIGNATURE,
    date: at.plannedAt,
  });
  if ('conflicts' in merged) {
    throw refuse(
      at,
      `${named} conflicts with ${into}: ${merged.conflicts.join(', ')}`,
      `merge ${into} into ${from} by hand (with a merge commit), push it, then retry`,
    );
  }
  const ref = branchRef(from);
  await performEffect(deps, {
    name: 'release-branch',
    key: `${at.releaseId}/branch/${from}/${tip}`,
    target: `branch ${from}`,
    read: async () => {
      const found = await readRemoteRef(mirror, ref);
      if (found === merged.sha) return { is: 'ours', value: undefined, proof: merged.sha };
      if (found === head) return { is: 'absent' };
      return { is: 'foreign', ours: merged.sha, theirs: found ?? 'nothing', next: 'retry' };
    },
    write: async () => {
      await pushRef(mirror, { ref, sha: merged.sha, expected: head });
    },
  });
}

function refuse({ what }: RequestedMerge, happened: string, next: string) {
  return fail('Conflict', {
    what: happened,
    changed: `nothing; ${what} is live, only the merge is missing`,
    next,
  });
}
