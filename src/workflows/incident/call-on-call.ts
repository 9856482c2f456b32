import type { RoleActivities } from '../shared/role-activities.ts';

/** What on-call is told. */
export interface Call {
  product: string;
  releaseId: string;
  /** The event, not its words: told once is told once for an id. */
  id: string;
  /** Completes "call on-call: ", for the Web UI. */
  about: string;
  subject: string;
  text: string;
}

/** The longest id of a notice. */
const LONGEST_ID = 200;

/**
 * Calls whoever is on call: the one way for incidents, holds, rollbacks that fail and questions about a database. Never
 * throws: a channel that is away must not stop what calls, and the record says the same.
 */
export async function callOnCall(activities: RoleActivities, call: Call): Promise<void> {
  const { product, releaseId, id, about, subject, text } = call;
  await activities
    .support(`call on-call: ${about}`)
    .notify({ product, releaseId, id: id.slice(0, LONGEST_ID), channel: 'on_call', subject, text })
    .catch(() => undefined);
}
