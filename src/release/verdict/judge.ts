/**
 * The judge: takes samples one by one, as monitoring gets them, and can say at any time what they amount to.
 *
 * Pure: no clock, no randomness, no I/O, so that it runs inside a workflow. Its state is plain JSON of a bounded
 * size (about 2 KiB a check, whatever the number of samples), so that it crosses continue-as-new.
 */

import { digestOf } from '../digest.ts';
import { type LimitWatch, startLimitWatch, watchLimit } from './absolute-limit.ts';
import { ERROR_RATE, shareErrorRate } from './alpha.ts';
import type { MetricCheck, Sample } from './check.ts';
import { describeRegression } from './sentences.ts';
import { type Evidence, evidenceNeeded, type Moment, startEvidence, weighPair } from './weigh-pair.ts';

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
interface Waiting {
  at: number;
  value: number;
  exposure: number;
}

/** What is known of one group of one check. */
export interface GroupProgress {
  usable: number;
  /** Null, NaN, negative, without requests, or a percentage beyond 100. */
  unusable: number;
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

/** Most samples of one group that wait for the other. */
const LONGEST_QUEUE = 5;
/** A hole of more than this many intervals was not observed. */
const LONGEST_STEP = 5;
/** Time over which the error rate is spent if nobody says how long the window is. */
const USUAL_HORIZON_MS = 3_600_000;

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

/** Takes in one sample. Never throws; what it cannot use it counts. The state given is left as it is. */
export function observe(state: JudgeState, sample: Sample): JudgeState {
  const index = state.checks.findIndex((check) => check.name === sample.check);
  const at = Date.parse(sample.time);
  if (index < 0 || !Number.isFinite(at)) return { ...state, strangers: state.strangers + 1 };
  const check = state.checks[index]!;
  const before = state.progress[index]!;
  const newest = before[sample.group].newest;
  const half = state.options.intervalMs / 2;
  if (newest !== null && at <= newest) {
    const group = { ...before[sample.group], repeated: before[sample.group].repeated + 1 };
    return withProgress(state, index, { ...before, [sample.group]: group });
  }

  const isNewTick = state.newestTick === null || at >= state.newestTick + half;
  const ticks = isNewTick ? state.ticks + 1 : state.ticks;
  const reading = readSample(check, sample);
  const group = takeSample(before[sample.group], sample, at, ticks, reading);
  let progress: CheckProgress = { ...before, [sample.group]: group };
  if (reading !== undefined && sample.group === 'candidate')
    progress = applyLimit(check, progress, sample, reading);
  const startedAt = Math.min(state.startedAt ?? at, at);
  progress = pairUp(check, progress, half, { options: state.options, startedAt, ticks });
  return {
    ...withProgress(state, index, progress),
    ticks,
    startedAt,
    newestTick: isNewTick ? at : state.newestTick,
    ...(reading !== undefined && sample.group === 'candidate' ? observedTime(state, at) : {}),
  };
}

function withProgress(state: JudgeState, index: number, progress: CheckProgress): JudgeState {
  return { ...state, progress: state.progress.map((one, i) => (i === index ? progress : one)) };
}

/** Only time that was observed counts: a hole is worth one interval. */
function observedTime(state: JudgeState, at: number): Pick<JudgeState, 'observedMs' | 'observedUntil'> {
  const { intervalMs } = state.options;
  const until = state.observedUntil;
  if (until === null) return { observedMs: intervalMs, observedUntil: at };
  if (at <= until) return { observedMs: state.observedMs, observedUntil: until };
  const step = at - until;
  return {
    observedMs: state.observedMs + (step <= LONGEST_STEP * intervalMs ? step : intervalMs),
    observedUntil: at,
  };
}

/**
 * What a sample says: events and exposure for ratios and counts, the value itself for samples; undefined for
 * nothing usable. A ratio whose higher values are better is turned into its failures.
 */
function readSample(check: MetricCheck, sample: Sample): Omit<Waiting, 'at'> | undefined {
  const { value, requests } = sample;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return undefined;
  if (check.kind === 'sample') return { value, exposure: 1 };
  const known = typeof requests === 'number' && Number.isFinite(requests) && requests > 0;
  if (check.kind === 'count') {
    // A count that is its own number of requests has no exposure behind it.
    return { value: Math.round(value), exposure: known && requests !== value ? requests : 1 };
  }
  if (!known || value > 100) return undefined;
  const percent = check.direction === 'higher_is_better' ? 100 - value : value;
  return { value: Math.round((percent / 100) * requests), exposure: requests };
}

function takeSample(
  group: GroupProgress,
  sample: Sample,
  at: number,
  tick: number,
  reading: Omit<Waiting, 'at'> | undefined,
): GroupProgress {
  const usable = reading !== undefined;
  const written = usable ? sample.value : null;
  return {
    ...group,
    usable: group.usable + (usable ? 1 : 0),
    unusable: group.unusable + (usable ? 0 : 1),
    exposure: (group.exposure ?? 0) + (reading?.exposure ?? 0),
    newest: at,
    lastUsableTick: usable ? tick : group.lastUsableTick,
    digest: digestOf([group.digest, at, written, sample.requests ?? null]),
    waiting: usable ? [...group.waiting.slice(-(LONGEST_QUEUE - 1)), { at, ...reading }] : group.waiting,
  };
}

function applyLimit(
  check: MetricCheck,
  progress: CheckProgress,
  sample: Sample,
  reading: Omit<Waiting, 'at'>,
): CheckProgress {
  if (check.limit === undefined || progress.failure !== undefined) return progress;
  const percent = check.direction === 'higher_is_better' ? 100 - check.limit.value : check.limit.value;
  const counts =
    check.kind === 'ratio'
      ? { events: reading.value, requests: reading.exposure, limitPercent: percent }
      : undefined;
  const finding = watchLimit(progress.limit, check.limit, check.direction, sample.value!, counts);
  const reason = `${check.name}: the candidate's value ${sample.value} ${finding.fail}`;
  return {
    ...progress,
    limit: finding.watch,
    ...(finding.fail === undefined
      ? {}
      : { failure: { at: new Date(Date.parse(sample.time)).toISOString(), reason } }),
  };
}

/** Joins the waiting samples of both groups minute by minute and weighs each pair. */
function pairUp(
  check: MetricCheck,
  progress: CheckProgress,
  half: number,
  look: Pick<JudgeState, 'options' | 'startedAt' | 'ticks'>,
): CheckProgress {
  if (check.compare === 'none') return { ...progress, candidate: { ...progress.candidate, waiting: [] } };
  const candidates = [...progress.candidate.waiting];
  const baselines = [...progress.baseline.waiting];
  let next = progress;
  while (candidates.length > 0 && baselines.length > 0) {
    const distance = candidates[0]!.at - baselines[0]!.at;
    if (distance > half) baselines.shift();
    else if (distance < -half) candidates.shift();
    else next = takePair(check, next, candidates.shift()!, baselines.shift()!, look);
  }
  return {
    ...next,
    candidate: { ...next.candidate, waiting: candidates },
    baseline: { ...next.baseline, waiting: baselines },
  };
}

/** The evidence, in nats, that a check's e-process needs after what was seen so far. */
export function neededNow(state: JudgeState, index: number): number {
  const { errorRate, pairs } = state.progress[index]!;
  return evidenceNeeded(state.checks[index]!, { errorRate, pairs, ...placeOf(state, state.newestTick ?? 0) });
}

function placeOf(
  state: Pick<JudgeState, 'options' | 'startedAt' | 'ticks'>,
  at: number,
): Pick<Moment, 'ticks' | 'elapsedMs' | 'horizonMs'> {
  const { intervalMs, horizonMs, windowMs } = state.options;
  return {
    ticks: state.ticks,
    elapsedMs: at - (state.startedAt ?? at) + intervalMs,
    horizonMs: horizonMs ?? windowMs ?? USUAL_HORIZON_MS,
  };
}

function takePair(
  check: MetricCheck,
  progress: CheckProgress,
  one: Waiting,
  other: Waiting,
  look: Pick<JudgeState, 'options' | 'startedAt' | 'ticks'>,
): CheckProgress {
  const at = Math.max(one.at, other.at);
  const pairs = progress.pairs + 1;
  const { errorRate, evidence } = progress;
  const found = weighPair(check, evidence, one, other, { errorRate, pairs, ...placeOf(look, at) });
  const next = {
    ...progress,
    evidence: found.evidence,
    pairs,
    logEvidence: found.logEvidence,
    highest: Math.max(progress.highest, found.logEvidence),
    ratio: found.ratio,
  };
  if (!found.decisive || progress.failure !== undefined) return next;
  const reason = describeRegression(check, next, found.since);
  return { ...next, failure: { at: new Date(at).toISOString(), reason } };
}
