/**
 * The judge: takes samples one by one, as monitoring gets them, and can say at any time what they amount to.
 *
 * Pure: no clock, no randomness, no I/O, so that it runs inside a workflow. Its state is plain JSON of a bounded
 * size (about 2 KiB a check, whatever the number of samples), so that it crosses continue-as-new.
 */

import { digestOf } from '../digest.ts';
import { HOUR_MS } from '../duration.ts';
import { withoutControls } from '../plan/printable.ts';
import { type LimitFinding, type LimitWatch, startLimitWatch, watchLimit } from './absolute-limit.ts';
import type { AbsoluteLimit, MetricCheck, Sample } from './check.ts';
import type { CheckProgress, GroupProgress, JudgeState, Waiting } from './judge-state.ts';
import { describeRegression } from './sentences.ts';
import { evidenceNeeded, type Moment, weighPair } from './weigh-pair.ts';

/** Most samples of one group that wait for the other. */
const LONGEST_QUEUE = 5;
/** Characters that are kept of why there was no value. */
const LONGEST_WHY = 200;
/** A hole of more than this many intervals was not observed. */
const LONGEST_STEP = 5;
/** Time over which the error rate is spent if nobody says how long the window is. */
const USUAL_HORIZON_MS = HOUR_MS;

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

/** What one sample says by itself. `inconclusive`: more of them, or a baseline, would decide. */
export interface OneLook {
  verdict: 'pass' | 'fail' | 'inconclusive' | 'missing';
  /** Why, as the end of a sentence about the value. */
  why: string;
}

/** Judges one sample alone, as a first look at a check does: by the check's own limit, since there is no baseline. */
export function judgeOneLook(check: MetricCheck, sample: Sample): OneLook {
  const reading = readSample(check, sample);
  if (reading === undefined) {
    const unusable =
      check.kind === 'ratio' ? 'no share with the number of requests that it is of' : 'no number';
    const why =
      sample.missing === undefined ? unusable : withoutControls(sample.missing).slice(0, LONGEST_WHY);
    return { verdict: 'missing', why: `${why}; without a value it never passes` };
  }
  if (check.limit === undefined) {
    return {
      verdict: 'inconclusive',
      why: 'it has no limit, so only the comparison with a baseline decides',
    };
  }
  const { watch, fail } = watchSample(check, check.limit, startLimitWatch(), sample, reading);
  if (fail !== undefined) return { verdict: 'fail', why: fail };
  if (!watch.breached) return { verdict: 'pass', why: `it is within its limit ${check.limit.value}` };
  const { value, breaches, of } = check.limit;
  return {
    verdict: 'inconclusive',
    why: `it is beyond its limit ${value}; ${breaches} of the last ${of} samples like this one fail`,
  };
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
    ...(usable || sample.missing === undefined
      ? {}
      : { missing: withoutControls(sample.missing).slice(0, LONGEST_WHY) }),
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
  const finding = watchSample(check, check.limit, progress.limit, sample, reading);
  const reason = `${check.name}: the candidate's value ${sample.value} ${finding.fail}`;
  return {
    ...progress,
    limit: finding.watch,
    ...(finding.fail === undefined
      ? {}
      : { failure: { at: new Date(Date.parse(sample.time)).toISOString(), reason } }),
  };
}

function watchSample(
  check: MetricCheck,
  limit: AbsoluteLimit,
  watch: LimitWatch,
  sample: Sample,
  reading: Omit<Waiting, 'at'>,
): LimitFinding {
  const percent = check.direction === 'higher_is_better' ? 100 - limit.value : limit.value;
  const counts =
    check.kind === 'ratio'
      ? { events: reading.value, requests: reading.exposure, limitPercent: percent }
      : undefined;
  return watchLimit(watch, limit, check.direction, sample.value!, counts);
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
