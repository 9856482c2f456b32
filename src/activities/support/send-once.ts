import { createHash } from 'node:crypto';
import type { Notice } from '../../contracts/activities.ts';
import type { ActivityDeps } from '../deps.ts';
import type { EffectName } from '../effects.ts';
import { refuseLateWrite } from '../perform-effect.ts';

/**
 * Sends a notice to one place unless it is noted that it was sent. Receivers cannot be asked what they have, so this
 * is no more than at-least-once: a worker that dies between the sending and the note sends again, with the same id.
 */
export async function sendOnce(
  deps: ActivityDeps,
  effect: Extract<EffectName, 'notice-file' | 'slack' | 'webhook' | 'mail'>,
  notice: Notice,
  receiver: string,
  send: () => Promise<void>,
): Promise<void> {
  const mark = createHash('sha256').update(`${notice.id}\n${effect}\n${receiver}`).digest('hex').slice(0, 24);
  const note = `sent/${notice.product}/${mark}.json`;
  if (await deps.store.readNamed(note)) return await deps.barrier(effect, 'reported');
  await deps.barrier(effect, 'before');
  refuseLateWrite(deps, `notice ${notice.id}`);
  await send();
  const text = { id: notice.id, release: notice.releaseId, channel: notice.channel, kind: effect };
  await deps.store.putNamed(note, Buffer.from(`${JSON.stringify(text)}\n`));
  await deps.barrier(effect, 'after');
  await deps.barrier(effect, 'reported');
}
