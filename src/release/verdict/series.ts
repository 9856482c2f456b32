/** Judging recorded series, fed sample by sample as monitoring would. Pure. */
import type { MetricCheck, Sample } from './check.ts';
import { observe } from './judge.ts';
import { type JudgeOptions, type JudgeState, startJudge } from './judge-state.ts';
import { currentVerdict, type Verdict } from './verdict.ts';

/** A verdict on recorded series, and by how much the baseline was moved in time to lie beside the candidate. */
export interface SeriesVerdict extends Verdict {
  baselineShiftMs: number;
}

/** The usual distance of two samples, in milliseconds: the median between distinct times; a minute if unknown. */
export function usualInterval(samples: readonly Sample[]): number {
  const times = [...new Set(samples.map((sample) => Date.parse(sample.time)))].filter(Number.isFinite);
  times.sort((a, b) => a - b);
  const steps = times.slice(1).map((time, i) => time - times[i]!);
  // Checks are scraped within seconds of each other: such steps are no interval.
  const long = steps.filter((step) => step >= 5_000).sort((a, b) => a - b);
  return long[Math.floor(long.length / 2)] ?? 60_000;
}

/**
 * How far the baseline must be moved to lie beside the candidate. Zero where both were recorded at the same time; the
 * difference of their beginnings where they hardly overlap ("the same hours before").
 */
export function alignBaseline(
  baseline: readonly Sample[],
  candidate: readonly Sample[],
  intervalMs: number,
): number {
  const times = (samples: readonly Sample[]): number[] =>
    samples.map((sample) => Date.parse(sample.time)).filter(Number.isFinite);
  const ofBaseline = times(baseline);
  const ofCandidate = times(candidate);
  if (ofBaseline.length === 0 || ofCandidate.length === 0) return 0;
  const range = (list: number[]): [number, number] =>
    list.reduce<[number, number]>(
      ([low, high], time) => [Math.min(low, time), Math.max(high, time)],
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    );
  const [baselineFrom, baselineTo] = range(ofBaseline);
  const [candidateFrom, candidateTo] = range(ofCandidate);
  const overlap = Math.min(baselineTo, candidateTo) - Math.max(baselineFrom, candidateFrom);
  const shorter = Math.min(baselineTo - baselineFrom, candidateTo - candidateFrom);
  if (overlap > 0.2 * shorter || (overlap >= 0 && shorter <= intervalMs)) return 0;
  return candidateFrom - baselineFrom;
}

/**
 * The same verdict on recorded series as monitoring would have come to. Samples may come in any order; each series'
 * own `group` is set by which of the two lists it is in.
 */
export function judgeSeries(
  checks: readonly MetricCheck[],
  baseline: readonly Omit<Sample, 'group'>[],
  candidate: readonly Omit<Sample, 'group'>[],
  options: Partial<JudgeOptions> = {},
): SeriesVerdict {
  const candidates = candidate.map((sample): Sample => ({ ...sample, group: 'candidate' }));
  const baselines = baseline.map((sample): Sample => ({ ...sample, group: 'baseline' }));
  const intervalMs = options.intervalMs ?? usualInterval(candidates.length > 0 ? candidates : baselines);
  const shift = alignBaseline(baselines, candidates, intervalMs);
  const moved = shift === 0 ? baselines : baselines.map((sample) => moveSample(sample, shift));
  const state = feed(startJudge(checks, { ...options, intervalMs }), [...moved, ...candidates]);
  return { ...currentVerdict(state), baselineShiftMs: shift };
}

function moveSample(sample: Sample, shift: number): Sample {
  const at = Date.parse(sample.time);
  return Number.isFinite(at) ? { ...sample, time: new Date(at + shift).toISOString() } : sample;
}

/** All samples in the order of their times. */
function feed(state: JudgeState, samples: readonly Sample[]): JudgeState {
  const dated = samples.map((sample) => ({ sample, at: Date.parse(sample.time) || 0 }));
  dated.sort((a, b) => a.at - b.at);
  return dated.reduce((before, { sample }) => observe(before, sample), state);
}
