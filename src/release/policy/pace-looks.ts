import { HOUR_MS, SECOND_MS } from '../duration.ts';

/** A wait is seen to be over at most this share of its length late. */
const SHARE = 1 / 12;
const SOONEST_MS = 2 * SECOND_MS;
const RAREST_MS = 3 * HOUR_MS;

/**
 * How long to wait before the next look at something outside that takes minutes or weeks, in milliseconds, after it was
 * waited for that long. A year of it is some 3,000 looks, which a workflow's history holds.
 */
export function paceLooks(waitedMs: number): number {
  return Math.round(Math.min(Math.max(waitedMs * SHARE, SOONEST_MS), RAREST_MS));
}
