/** DORA's figures, from the records of releases that ended. */
import type { ReleaseRecord } from '../record.ts';
import { viewPostMortem } from './post-mortem.ts';

export interface ReleaseMetrics {
  releases: number;
  released: number;
  rolledBack: number;
  aborted: number;
  /** Successful releases a week, over the days from the first to the last start (at least one week). */
  perWeek: number;
  /** Rolled back, of those that reached production; from 0 to 1. Absent when none did. */
  changeFailureRate?: number;
  /** From request to end of successful releases: the median, in milliseconds. */
  medianDurationMs?: number;
  /** Of that, the time in which a gate was open and waited for people: the median, in milliseconds. */
  medianWaitingMs?: number;
  /** From incident to the previous version running again: the median, in milliseconds. */
  medianTimeToRestoreMs?: number;
}

const WEEK_MS = 7 * 24 * 60 * 60 * 1_000;

/** Figures over `records`; those that have not ended do not count. */
export function measureReleases(records: readonly ReleaseRecord[]): ReleaseMetrics {
  const ended = records.filter((record) => record.endedAt !== undefined);
  const released = ended.filter((record) => record.outcome === 'released');
  const rolledBack = ended.filter((record) => record.outcome === 'rolled_back');
  const reached = released.length + rolledBack.length;
  const starts = ended.map((record) => Date.parse(record.startedAt));
  const weeks = Math.max(
    1,
    (Math.max(0, ...starts) - Math.min(...(starts.length > 0 ? starts : [0]))) / WEEK_MS,
  );
  const restored = rolledBack.flatMap((record) => viewPostMortem(record)?.timeToRecoverMs ?? []);
  return {
    releases: ended.length,
    released: released.length,
    rolledBack: rolledBack.length,
    aborted: ended.filter((record) => record.outcome === 'aborted').length,
    perWeek: released.length / weeks,
    ...(reached === 0 ? {} : { changeFailureRate: rolledBack.length / reached }),
    ...medianOf(
      'medianDurationMs',
      released.map((r) => Date.parse(r.endedAt!) - Date.parse(r.request.requestedAt)),
    ),
    ...medianOf('medianWaitingMs', released.map(waitedForPeople)),
    ...medianOf('medianTimeToRestoreMs', restored),
  };
}

function waitedForPeople(record: ReleaseRecord): number {
  return record.approvals.reduce(
    (sum, gate) =>
      sum + (gate.closedAt === undefined ? 0 : Date.parse(gate.closedAt) - Date.parse(gate.openedAt)),
    0,
  );
}

function medianOf<K extends string>(key: K, values: number[]): Partial<Record<K, number>> {
  const sorted = values.filter(Number.isFinite).toSorted((a, b) => a - b);
  if (sorted.length === 0) return {};
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { [key]: median } as Record<K, number>;
}
