/**
 * The key of a wish whose sender gives none. Programs send again what was not answered, with the same bytes; and an hour
 * later they mean the same bytes anew. So the content is the key for as long as what it brought about stands: the hold
 * until somebody resumes, the incident until it is settled.
 */

import type { Command } from '../../contracts/commands.ts';
import { incidentWorkflowId } from '../../contracts/workflow-ids.ts';
import { API_MS } from '../../release/policy/inner-times.ts';
import type { ReleaseRecord } from '../../release/record/record.ts';
import type { Principal } from '../auth/principal.ts';
import type { ApiDeps } from '../deps.ts';
import { findSent } from './answer-production.ts';
import type { CommandWish } from './command-wish.ts';
import { findEarlier, makeNonce } from './repeat-command.ts';

/** The key under which `content` is this wish now. */
export async function keyOfContent(
  deps: ApiDeps,
  principal: Principal,
  wish: Omit<CommandWish, 'key'>,
  content: string,
): Promise<string> {
  for (let times = 0; ; times++) {
    const key = times === 0 ? content : `${content}/${times}`;
    if (await isFree(deps, principal, { ...wish, key })) return key;
  }
}

/** Whether nothing was sent under this key, or what was sent still stands: both times the key is right. */
async function isFree(deps: ApiDeps, principal: Principal, wish: CommandWish): Promise<boolean> {
  const sent = await findSent(deps, principal, wish);
  if (sent) return sent.open && stands(deps, sent.record, sent.command);
  if (wish.name !== 'incident') return true;
  const workflowId = incidentWorkflowId(wish.product);
  const told = await findEarlier(deps, { workflowId }, makeNonce(deps, principal, wish));
  return told === undefined || (await deps.gateway.isRunning(workflowId));
}

function stands(deps: ApiDeps, record: ReleaseRecord, command: Command): boolean {
  if (command.releaseId !== record.releaseId) return false;
  const isRecent = deps.clock().getTime() - Date.parse(command.issuedAt) < API_MS.onItsWay;
  const since = (at: string) => at >= command.issuedAt;
  if (command.name === 'hold') {
    const wasTaken = record.timeline.some(({ event, at }) => event === 'held' && since(at));
    return record.held !== undefined || (isRecent && !wasTaken);
  }
  const made = record.incidents.filter(({ summary, at }) => summary === command.reason && since(at));
  return made.length === 0 ? isRecent : made.some(({ resolution }) => resolution === undefined);
}
