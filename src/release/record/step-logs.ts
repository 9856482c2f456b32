import type { StoreRef } from '../store-ref.ts';
import type { StepRecord } from './record.ts';

/** The most logs of one step that a record names: a step may run a script for each of many instances. */
export const MOST_LOGS = 32;

/** Adds to what a step tells when it ends; nothing where no script wrote anything. */
export function withLogs(logs: readonly StoreRef[]): { logs?: StoreRef[] } {
  return logs.length === 0 ? {} : { logs: logs.slice(-MOST_LOGS) };
}

/** Digests of everything that the scripts of a step's last try wrote, in their order; the one that failed is last. */
export function listLogs({ logs = [], failure }: Pick<StepRecord, 'logs' | 'failure'>): StoreRef['digest'][] {
  const digests = logs.map(({ digest }) => digest);
  const last = failure?.log;
  return last !== undefined && isDigest(last) ? [...digests, last] : digests;
}

function isDigest(text: string): text is StoreRef['digest'] {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}
