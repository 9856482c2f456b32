/**
 * DORA's four figures and what lies behind them, from the records of what ended. Definitions by "DORA's software
 * delivery performance metrics" (dora.dev); what counts as a failure is said at `measureDelivery`.
 */
import { DAY_MS } from '../duration.ts';
import type { ReleaseRecord } from '../record/record.ts';
import { viewPostMortem } from './post-mortem.ts';
import { findProduction } from './words.ts';

export interface DeliveryFigures {
  /** Length of the window, in days, up to now. */
  days: number;
  /** Versions that reached production: released, rolled back, or deployed alone. */
  deployments: number;
  released: number;
  rolledBack: number;
  hotfixes: number;
  aborted: number;
  /** Deployment frequency. */
  deploymentsPerWeek: number;
  /** From commit to production: the median over releases of their commits' median, in milliseconds. */
  leadTimeMs?: number;
  /** Share of deployments that had to be taken back or hotfixed, from 0 to 1. Absent when there were none. */
  changeFailureRate?: number;
  /** From the first sign of trouble until production was well again: the median, in milliseconds. */
  timeToRestoreMs?: number;
  /** From request to end of successful releases: the median, in milliseconds. */
  durationMs?: number;
  /** Of that, the time in which a gate was open and waited for people: the median, in milliseconds. */
  waitingMs?: number;
}

/**
 * Figures of the `days` before `now` (ISO 8601), by the time at which each record ended. A failure is a version that was
 * rolled back while it was watched, one that was taken back when it was long live, and one that needed a hotfix.
 */
export function measureDelivery(
  records: readonly ReleaseRecord[],
  now: string,
  days: number,
): DeliveryFigures {
  const from = Date.parse(now) - days * DAY_MS;
  const ended = records.filter(({ endedAt }) => endedAt !== undefined && Date.parse(endedAt) >= from);
  const deployed = ended.filter(reachedProduction);
  const released = ended.filter((record) => record.outcome === 'released');
  const rolledBack = ended.filter((record) => record.outcome === 'rolled_back');
  const hotfixes = released.filter((record) => record.kind === 'hotfix');
  const failures = rolledBack.length + hotfixes.length;
  return {
    days,
    deployments: deployed.length,
    released: released.length,
    rolledBack: rolledBack.length,
    hotfixes: hotfixes.length,
    aborted: ended.filter((record) => record.outcome === 'aborted').length,
    deploymentsPerWeek: deployed.length / (days / 7),
    ...medianOf('leadTimeMs', released.flatMap(leadTime)),
    ...(deployed.length === 0 ? {} : { changeFailureRate: Math.min(1, failures / deployed.length) }),
    ...medianOf('timeToRestoreMs', [...rolledBack, ...hotfixes].flatMap(timeToRestore)),
    ...medianOf(
      'durationMs',
      released.map((record) => Date.parse(record.endedAt ?? '') - Date.parse(record.request.requestedAt)),
    ),
    ...medianOf('waitingMs', released.map(waitedForPeople)),
  };
}

/** A rollback of its own takes back what was counted when it was released. */
function reachedProduction({ kind, outcome, environments }: ReleaseRecord): boolean {
  if (kind === 'deployment') {
    const production = environments.some((one) => one.kind === 'production');
    return production && (outcome === 'completed' || outcome === 'rolled_back');
  }
  return (kind === 'release' || kind === 'hotfix') && (outcome === 'released' || outcome === 'rolled_back');
}

/** None for records from before commit times were kept. */
function leadTime(record: ReleaseRecord): number[] {
  const committed = record.plan?.commitTimes?.median;
  const live = findProduction(record)?.deployedAt ?? record.endedAt;
  return committed === undefined || live === undefined ? [] : [Date.parse(live) - Date.parse(committed)];
}

function timeToRestore(record: ReleaseRecord): number[] {
  if (record.kind !== 'hotfix') {
    const recovered = viewPostMortem(record)?.timeToRecoverMs;
    return recovered === undefined ? [] : [recovered];
  }
  const live = findProduction(record)?.deployedAt;
  return live === undefined ? [] : [Date.parse(live) - Date.parse(record.request.requestedAt)];
}

function waitedForPeople(record: ReleaseRecord): number {
  return record.approvals.reduce(
    (sum, gate) =>
      sum + (gate.closedAt === undefined ? 0 : Date.parse(gate.closedAt) - Date.parse(gate.openedAt)),
    0,
  );
}

function medianOf<K extends string>(key: K, values: number[]): Partial<Record<K, number>> {
  const sorted = values.filter((value) => Number.isFinite(value) && value >= 0).toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 1 ? middle : middle - 1], sorted[middle]];
  if (low === undefined || high === undefined) return {};
  return { [key]: (low + high) / 2 } as Record<K, number>;
}
