import { createHash } from 'node:crypto';
import type { Notice } from '../../contracts/activities.ts';
import { OutsideFailure } from '../../integrations/failure.ts';
import type { ChannelEffectName } from '../../providers/channel/channels.ts';
import { readEntry, writeEntry } from '../../providers/store/entries.ts';
import type { ActivityDeps } from '../deps.ts';
import { refuseLateWrite } from '../perform-effect.ts';

/** How far a notice got: `begun` and nothing later means that a worker died while it sent. */
type Stage = 'begun' | 'refused' | 'sent';

/**
 * Sends a notice to one place unless it is noted that it was sent. Receivers cannot be asked what they have, so this
 * is no more than at-least-once: a worker that dies between the sending and the note sends again, with the same id.
 * @returns whether an earlier try may have been received too
 */
export async function sendOnce(
  deps: ActivityDeps,
  { effect, keepsEachOnce }: { effect: ChannelEffectName; keepsEachOnce: boolean },
  notice: Notice,
  receiver: string,
  send: () => Promise<void>,
): Promise<{ perhapsTwice: boolean }> {
  const mark = createHash('sha256').update(`${notice.id}\n${effect}\n${receiver}`).digest('hex').slice(0, 24);
  const name = `sent/${notice.product}/${mark}.json`;
  const write = (stage: Stage) => {
    const { id, releaseId: release, channel } = notice;
    return writeEntry(deps.store, name, { id, release, channel, kind: effect, stage });
  };
  const before = (await readEntry<{ stage: Stage }>(deps.store, name))?.stage;
  if (before === 'sent') {
    await deps.barrier(effect, 'reported');
    return { perhapsTwice: false };
  }
  await deps.barrier(effect, 'before');
  refuseLateWrite(deps, `notice ${notice.id}`);
  await write('begun');
  try {
    await send();
  } catch (error) {
    if (error instanceof OutsideFailure && error.outcome === 'unchanged') await write('refused');
    throw error;
  }
  await write('sent');
  await deps.barrier(effect, 'after');
  await deps.barrier(effect, 'reported');
  return { perhapsTwice: before === 'begun' && !keepsEachOnce };
}
