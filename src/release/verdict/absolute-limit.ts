/**
 * A limit in the configuration is a limit: a gross breach fails at once, N of the last M samples otherwise. A
 * breach that was seen lasts until a sample comes back below the limit by the hysteresis.
 */
import type { AbsoluteLimit, CheckDirection } from './check.ts';
import { binomialUpperTail } from './numbers.ts';

/** What the limit remembers of the candidate's samples. */
export interface LimitWatch {
  /** 1 for each of the latest samples that was a breach, oldest first. */
  recent: number[];
  breached: boolean;
}

/** What one sample did to the limit. `fail` says which rule, in words that follow "the candidate's value …". */
export interface LimitFinding {
  watch: LimitWatch;
  fail?: string;
}

/** A breach by chance: a sample of a ratio counts only where so few requests rarely show so many failures. */
const CHANCE_OF_BREACH = 0.05;
const CHANCE_OF_GROSS_BREACH = 1e-4;

/** Nothing seen yet. */
export function startLimitWatch(): LimitWatch {
  return { recent: [], breached: false };
}

/**
 * Takes in one usable sample of the candidate. `counts` are given for ratios (events of requests, the limit being
 * in per cent of them): a single error of ten requests is then no breach of a limit of 5 %.
 */
export function watchLimit(
  watch: LimitWatch,
  limit: AbsoluteLimit,
  direction: CheckDirection,
  value: number,
  counts?: { events: number; requests: number; limitPercent: number },
): LimitFinding {
  const sign = direction === 'higher_is_better' ? -1 : 1;
  const beyond = (bound: number): boolean => sign * (value - bound) > 0;
  const improbable = (percent: number, chance: number): boolean =>
    counts === undefined || binomialUpperTail(counts.events, counts.requests, percent / 100) <= chance;

  const release = limit.value - sign * limit.hysteresis * Math.abs(limit.value);
  const enters = beyond(limit.value) && improbable(counts?.limitPercent ?? 0, CHANCE_OF_BREACH);
  const breached = enters || (watch.breached && beyond(release));
  const recent = [...watch.recent.slice(-(limit.of - 1)), breached ? 1 : 0].slice(-limit.of);
  const next = { recent, breached };

  const reachesGross = limit.gross !== undefined && sign * (value - limit.gross) >= 0;
  if (reachesGross && improbable(counts?.limitPercent ?? 0, CHANCE_OF_GROSS_BREACH))
    return { watch: next, fail: `is beyond ${limit.gross}, a gross breach of the limit ${limit.value}` };
  const breaches = recent.reduce((sum, one) => sum + one, 0);
  if (breaches >= limit.breaches)
    return {
      watch: next,
      fail: `was beyond the limit ${limit.value} in ${breaches} of the last ${recent.length} samples`,
    };
  return { watch: next };
}
