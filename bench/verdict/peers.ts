/**
 * What the usual alternatives would have said: threshold rules on single measurements, as Argo Rollouts' analysis and
 * Flagger's canary checks are written in practice (limits from the issue: 1.5 times the baseline's errors, 1.2 times
 * the rest). Five lines each, so that a reader can check them.
 */
import type { Sample } from '../../src/release/verdict/check.ts';
import type { CHECK_NAMES } from './traffic.ts';

const LIMITS: Record<(typeof CHECK_NAMES)[number], (candidate: number, baseline: number) => boolean> = {
  error_rate: (candidate, baseline) => candidate > 1.5 * baseline,
  latency_p95: (candidate, baseline) => candidate > 1.2 * baseline,
  latency_p99: (candidate, baseline) => candidate > 1.2 * baseline,
  saturation: (candidate, baseline) => candidate > 1.2 * baseline,
  orders: (candidate, baseline) => candidate < baseline / 1.2,
};

/**
 * Minutes with a measurement beyond its limit after which each peer gives up: Argo's `failureLimit` is 0 unless set,
 * Flagger's documentation rolls back at a `threshold` of 5.
 */
export const PEERS = { Argo: 1, Flagger: 5 } as const;

/** A peer's name. */
export type Peer = keyof typeof PEERS;

/** The minute, from 1, in which a peer rolls back, or null where it never does. Measurements without a value are passed over. */
export function minuteOfRollback(
  series: { baseline: readonly Omit<Sample, 'group'>[]; candidate: readonly Omit<Sample, 'group'>[] },
  peer: Peer,
): number | null {
  const baseline = new Map(series.baseline.map(({ time, check, value }) => [`${time} ${check}`, value]));
  const start = Math.min(...series.baseline.map(({ time }) => Date.parse(time)));
  const breached = new Set<string>();
  for (const { time, check, value } of series.candidate) {
    const other = baseline.get(`${time} ${check}`);
    const isBeyond = LIMITS[check as keyof typeof LIMITS];
    if (value == null || other == null || Number.isNaN(value) || Number.isNaN(other)) continue;
    if (isBeyond(value, other)) breached.add(time);
    if (breached.size >= PEERS[peer]) return Math.floor((Date.parse(time) - start) / 60_000) + 1;
  }
  return null;
}
