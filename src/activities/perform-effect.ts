import { setTimeout as delay } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import type { Effect } from '../contracts/activities.ts';
import type { EffectSpec, Standing } from '../providers/effect.ts';
import type { ReceiptOutcome } from '../release/names.ts';
import type { ActivityDeps } from './deps.ts';
import type { EffectName } from './effects.ts';
import { fail, toFailure } from './fail.ts';

/** Pauses before reading again what a broken connection left unknown, in milliseconds. */
const PATIENCE_MS = [500, 2_000, 5_000];

/**
 * The recipe of every effect, in one place: read what is there; if this release did it before, that is success; if
 * somebody else did, that is a conflict; else write on condition, read back, and only then give a receipt. After a
 * write whose answer was lost, it is read again with patience: a repeated write is never the answer to not knowing.
 */
export async function performEffect<Value>(
  deps: Pick<ActivityDeps, 'barrier' | 'isOwned'>,
  spec: EffectSpec<Value, EffectName>,
): Promise<Effect<Value>> {
  const before = await spec.read();
  if (before.is === 'foreign') throw conflict(spec, before);
  if (before.is === 'ours') return await settle(deps, spec, before, 'done_before');

  await deps.barrier(spec.name, 'before');
  refuseLateWrite(deps, spec.target);
  const lost = await writeOnce(spec);
  await deps.barrier(spec.name, 'after');
  const after = lost === undefined ? await readBack(spec) : await readPatiently(spec, lost);
  if (after.is === 'foreign') throw conflict(spec, after);
  if (after.is === 'absent') throw lost ?? notFound(spec);
  return await settle(deps, spec, after, 'done');
}

/** Throws, retryably, where another worker has taken this try over while this one was frozen. */
export function refuseLateWrite(deps: Pick<ActivityDeps, 'isOwned'>, target: string): void {
  if (deps.isOwned()) return;
  throw fail('Unavailable', {
    what: `${target}: this worker was not heard of for too long, so another one has taken over`,
    changed: 'nothing by this worker',
    next: 'nothing: the other worker goes on; if this happens often, the machine is overloaded or was suspended',
  });
}

/** The error of a write whose outcome is unknown; errors that say that nothing was changed are thrown. */
async function writeOnce<Value>(
  spec: EffectSpec<Value, EffectName>,
): Promise<ApplicationFailure | undefined> {
  try {
    await spec.write();
    return undefined;
  } catch (error) {
    const failure = toFailure(error);
    if (failure instanceof ApplicationFailure && failure.type === 'UnknownOutcome') return failure;
    throw failure;
  }
}

/** A registry may take a moment until it shows what it accepted. */
async function readBack<Value>(spec: EffectSpec<Value, EffectName>): Promise<Standing<Value>> {
  let standing = await spec.read();
  for (const pause of PATIENCE_MS) {
    if (standing.is !== 'absent') return standing;
    await delay(pause);
    standing = await spec.read();
  }
  return standing;
}

async function readPatiently<Value>(
  spec: EffectSpec<Value, EffectName>,
  lost: ApplicationFailure,
): Promise<Standing<Value>> {
  for (const pause of PATIENCE_MS) {
    await delay(pause);
    try {
      const standing = await spec.read();
      if (standing.is !== 'absent') return standing;
    } catch {
      // Still away: that is what the next look is for.
    }
  }
  const standing = await spec.read();
  if (standing.is === 'absent') {
    // It answers, and it is not there: the write never arrived, so repeating it is safe.
    throw fail('Unavailable', {
      what: `${lost.message} Reading again shows that it was not done.`,
      changed: 'nothing',
      next: 'it is tried again',
    });
  }
  return standing;
}

async function settle<Value>(
  deps: Pick<ActivityDeps, 'barrier'>,
  spec: EffectSpec<Value, EffectName>,
  standing: Extract<Standing<Value>, { is: 'ours' }>,
  outcome: ReceiptOutcome,
): Promise<Effect<Value>> {
  await deps.barrier(spec.name, 'reported');
  return {
    value: standing.value,
    receipts: [{ key: spec.key, outcome, target: spec.target, proof: standing.proof }],
  };
}

function conflict<Value>(
  spec: EffectSpec<Value, EffectName>,
  standing: Extract<Standing<Value>, { is: 'foreign' }>,
): ApplicationFailure {
  return fail('Conflict', {
    what: `${spec.target} was changed by somebody else: there is ${standing.theirs}, this release needs ${standing.ours}`,
    changed: 'nothing by this step',
    next:
      standing.next ??
      'find out whose it is; remove it if it is wrong and retry, else abort or take another version',
  });
}

function notFound<Value>(spec: EffectSpec<Value, EffectName>): ApplicationFailure {
  return fail('UnknownOutcome', {
    what: `${spec.target}: the change was accepted, but it cannot be read back`,
    changed: 'unknown',
    next: 'look at it by hand, then retry',
  });
}
