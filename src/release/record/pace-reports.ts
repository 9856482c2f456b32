import type { MonitoringRecord } from './record.ts';

/** Reports of one window that tell nothing new, and of those that do, at most. Temporal takes 10,000 signals a run. */
const MOST_UNCHANGED = 500;
const MOST_CHANGED = 2_000;

/** What was told last, and when. */
export interface Told {
  /** ISO 8601. */
  at: string;
  record: Pick<MonitoringRecord, 'status' | 'checks' | 'windowMs'>;
}

/**
 * Whether a look is worth a report: each is a signal to the run that is followed, which keeps its history for as long as
 * a window is. In windows of days only what changes, and now and then how far it is. `now` in milliseconds.
 */
export function isWorthTelling(told: Told | undefined, record: MonitoringRecord, now: number): boolean {
  if (told === undefined) return true;
  const since = now - Date.parse(told.at);
  if (since >= record.windowMs / MOST_UNCHANGED) return true;
  return since >= record.windowMs / MOST_CHANGED && nameState(told.record) !== nameState(record);
}

/** What a report leaves behind for the next one. */
export function noteTold(record: MonitoringRecord, now: number): Told {
  const checks = record.checks.map(({ name, verdict }) => ({ name, verdict, reason: '' }));
  return {
    at: new Date(now).toISOString(),
    record: { status: record.status, windowMs: record.windowMs, checks },
  };
}

function nameState({ status, windowMs, checks }: Told['record']): string {
  return JSON.stringify([status, windowMs, checks.map(({ name, verdict }) => [name, verdict])]);
}
