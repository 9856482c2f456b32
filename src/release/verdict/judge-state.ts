/** What the judge knows between two samples: plain JSON of a bounded size, about 2 KiB a check. */
import { type LimitWatch, startLimitWatch } from './absolute-limit.ts';
import type { MetricCheck } from './check.ts';
import { ERROR_RATE, shareErrorRate } from './error-rate.ts';
import { type Evidence, startEvidence } from './weigh-pair.ts';

/** How the judge is to look. */
export interface JudgeOptions {
  /** Usual time between samples, in milliseconds. Two samples less than half of it apart are of one minute. */
  intervalMs: number;
  /** How much time must have been observed before the answer can be `pass`. Absent: whatever was observed. */
  windowMs?: number;
  /**
   * Over how much time the error rate is meant to be spent: `windowMs` by default, an hour without one. The
   * bound holds for ever whatever it is; it only decides when power is best.
   */
  horizonMs?: number;
  /** Highest chance that a healthy candidate fails by comparison; default `ERROR_RATE`. */
  errorRate?: number;
}

/** A sample that waits for its partner in the other group. `value`: events, for ratios and counts. */
export interface Waiting {
  at: number;
  value: number;
  exposure: number;
}

/** What is known of one group of one check. */
export interface GroupProgress {
  usable: number;
  /** Null, NaN, negative, without requests, or a percentage beyond 100. */
  unusable: number;
  /** Why the source had no value when it last had none, in its own words. */
  missing?: string;
  /** What stands behind the usable samples, such as requests; absent in states of before it was counted. */
  exposure?: number;
  /** Not newer than what was already seen: a repeated delivery. Ignored. */
  repeated: number;
  newest: number | null;
  /** The tick (see `JudgeState.ticks`) of the newest usable sample. */
  lastUsableTick: number;
  /** Chained SHA-256 (`sha256:<hex>`) of all samples given. */
  digest: string;
  waiting: Waiting[];
}

/** Why and when a check failed. Stays: a regression that was proven is not taken back. */
export interface CheckFailure {
  at: string;
  reason: string;
}

/** All that is known of one check. */
export interface CheckProgress {
  candidate: GroupProgress;
  baseline: GroupProgress;
  pairs: number;
  limit: LimitWatch;
  evidence: Evidence;
  /** Latest evidence in nats (natural logarithm of the e-value), and its highest so far. */
  logEvidence: number;
  highest: number;
  /** This check's share of the error rate. */
  errorRate: number;
  /** Ratio candidate/baseline that the evidence speaks of. */
  ratio: number;
  failure?: CheckFailure;
}

/** Everything between two samples. */
export interface JudgeState {
  checks: MetricCheck[];
  options: JudgeOptions;
  progress: CheckProgress[];
  /** Distinct minutes in which anything at all was reported. */
  ticks: number;
  newestTick: number | null;
  /** Time of the first of them. */
  startedAt: number | null;
  /** Time in which the candidate was really observed, in milliseconds, and until when. */
  observedMs: number;
  observedUntil: number | null;
  /** Samples that name no known check or have no readable time. */
  strangers: number;
}

const startGroup = (): GroupProgress => ({
  usable: 0,
  unusable: 0,
  exposure: 0,
  repeated: 0,
  newest: null,
  lastUsableTick: 0,
  digest: '',
  waiting: [],
});

/** A judge that has seen nothing yet. `checks` must have distinct names. */
export function startJudge(checks: readonly MetricCheck[], options: JudgeOptions): JudgeState {
  const shares = shareErrorRate(checks, options.errorRate ?? ERROR_RATE);
  return {
    checks: [...checks],
    options,
    progress: checks.map((check, i) => startProgress(check, shares[i]!)),
    ticks: 0,
    newestTick: null,
    startedAt: null,
    observedMs: 0,
    observedUntil: null,
    strangers: 0,
  };
}

function startProgress(check: MetricCheck, errorRate: number): CheckProgress {
  return {
    candidate: startGroup(),
    baseline: startGroup(),
    pairs: 0,
    limit: startLimitWatch(),
    evidence: startEvidence(check),
    logEvidence: 0,
    highest: 0,
    errorRate,
    ratio: 1,
  };
}
