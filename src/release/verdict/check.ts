/**
 * What one monitoring check demands. Plain JSON, complete (every default filled in), frozen into the release's
 * record. `checks/read-checks.ts` makes it from what a person wrote.
 */

/**
 * - `ratio`: a value in per cent of `requests` (errors of requests). Judged on the counts behind it.
 * - `sample`: one positive number a minute (a latency percentile, saturation, revenue). Judged by its ratio to the
 *   baseline's number of the same minute.
 * - `count`: how many things happened (orders, sign-ups, new issues). Judged as counts; `requests` is its exposure.
 */
export type CheckKind = 'ratio' | 'sample' | 'count';

export type CheckDirection = 'lower_is_better' | 'higher_is_better' | 'either';

/**
 * `critical`: a fail fails, and no data holds the release. `normal`: the same, with a smaller share of the error
 * budget. `advisory`: reported, never decides.
 */
export type Criticality = (typeof CRITICALITIES)[number];

export const CRITICALITIES = ['critical', 'normal', 'advisory'] as const;

/** What a check is held against besides its own limit. */
export const COMPARISONS = ['baseline', 'none'] as const;

/** A limit of the product's own, in the unit of the check's value, that holds whatever the baseline does. */
export interface AbsoluteLimit {
  value: number;
  /** A sample beyond this fails at once. Absent where the limit is 0, which has no multiple. */
  gross?: number;
  /** `breaches` of the last `of` samples beyond `value` fail. */
  breaches: number;
  of: number;
  /** Share of `value` by which a sample must come back before a breach counts as over. */
  hysteresis: number;
}

/** One check, complete. */
export interface MetricCheck {
  name: string;
  kind: CheckKind;
  direction: CheckDirection;
  /** `none`: judged by its absolute limit alone (a probe, a number of reported issues). */
  compare: (typeof COMPARISONS)[number];
  limit?: AbsoluteLimit;
  /**
   * The change that must be caught, as a ratio candidate/baseline: above 1 where lower is better or either, below 1
   * where higher is better. A change of less than half of it (its square root) is never called a regression. For
   * a ratio whose higher values are better it is the ratio of the failures (100 % minus the value), above 1.
   */
  relativeLimit: number;
  criticality: Criticality;
  /** Fewer usable samples than this: inconclusive. */
  minimumSamples: number;
  /** Fewer requests behind either group than this: inconclusive. Only for `ratio`. */
  minimumRequests: number;
  /** Least share, 0 to 1, of the window's minutes in which both groups must have a usable value. */
  minimumCoverage: number;
  /** Standard deviation of the ratio that two healthy hosts have for good, as a share (0.03 is 3 per cent). */
  hostNoise: number;
}

export const GROUPS = ['candidate', 'baseline'] as const;

/** Which of the two series a sample belongs to. */
export type Group = (typeof GROUPS)[number];

/** One measurement. `value` null (or NaN) says that the source answered nothing usable, which is itself counted. */
export interface Sample {
  /** ISO 8601. */
  time: string;
  check: string;
  group: Group;
  value: number | null;
  /** For `ratio`: how many requests the percentage is of. For `count`: the exposure, if the groups' differ. */
  requests?: number;
  /** Why there is no value, in the source's own words. */
  missing?: string;
}

/** What a check tolerates and must catch when the file says nothing: see `docs/verdicts.md`. */
export function defaultRelativeLimit(kind: CheckKind, direction: CheckDirection): number {
  if (kind === 'ratio') return 2;
  if (kind === 'sample') return direction === 'higher_is_better' ? 1 / 1.2 : 1.2;
  if (direction === 'higher_is_better') return 0.85;
  return direction === 'either' ? 1 / 0.85 : 2;
}
