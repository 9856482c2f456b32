/** What the samples so far amount to: pure views of the judge's state. */

import { digestOf } from '../digest.ts';
import { nameDuration } from '../duration.ts';
import { type Criticality, GROUPS, type MetricCheck } from './check.ts';
import { overdispersion } from './count-evidence.ts';
import { neededNow } from './judge.ts';
import type { CheckProgress, JudgeState } from './judge-state.ts';
import { round4 } from './numbers.ts';
import { describeStretch } from './sample-evidence.ts';
import { describeComparison, describeGap, sayCount } from './sentences.ts';

/**
 * - `pass`: enough data, and no evidence of a regression.
 * - `fail`: evidence of a regression, or a limit breached.
 * - `inconclusive`: not yet enough data, or too many holes in it.
 * - `missing`: a check has no data. Never a pass; a person must look.
 */
export type Answer = 'pass' | 'fail' | 'inconclusive' | 'missing';

/** One check's part of a verdict. */
export interface CheckVerdict {
  name: string;
  verdict: Answer;
  /** One sentence. */
  reason: string;
  criticality: Criticality;
  /** When the regression was proven. Only for `fail`. */
  detectedAt?: string;
  statistics: Record<string, number>;
}

/** The judge's answer. */
export interface Verdict {
  verdict: Answer;
  /** One sentence. */
  reason: string;
  /** When the first regression was proven. Only for `fail`. */
  detectedAt?: string;
  /** Whether a critical check has no data, so that nothing may go on before a person has looked. */
  held: boolean;
  /** Time in which the candidate was really observed, in milliseconds. */
  observedMs: number;
  checks: CheckVerdict[];
  /** SHA-256 (`sha256:<hex>`) of the checks and of every sample, whatever the order in which checks and groups arrived. */
  inputsDigest: string;
}

/** A group counts as silent after this many minutes, or this share of all minutes, without a usable sample. */
const SILENT_TICKS = 8;
const SILENT_SHARE = 0.2;

/** What the samples so far amount to. With a `windowMs`, `pass` comes only after that much observed time. */
export function currentVerdict(state: JudgeState): Verdict {
  const checks = state.checks.map((check, i) => judgeCheck(state, i, check, state.progress[i]!));
  const overall = combine(state, checks);
  return {
    ...overall,
    observedMs: state.observedMs,
    checks,
    inputsDigest: digestOf(
      state.checks.map((check, i) => [check, digests(state.progress[i]!)]).sort(byCheckName),
    ),
  };
}

const digests = (progress: CheckProgress): string[] => [progress.candidate.digest, progress.baseline.digest];

function byCheckName(one: unknown[], other: unknown[]): number {
  return (one[0] as MetricCheck).name < (other[0] as MetricCheck).name ? -1 : 1;
}

function combine(
  state: JudgeState,
  checks: readonly CheckVerdict[],
): Pick<Verdict, 'verdict' | 'reason' | 'detectedAt' | 'held'> {
  const deciding = checks.filter((check) => check.criticality !== 'advisory');
  const having = (answer: Answer): CheckVerdict[] => deciding.filter((check) => check.verdict === answer);
  const held = having('missing').some((check) => check.criticality === 'critical');
  const failed = having('fail').sort((a, b) => Date.parse(a.detectedAt!) - Date.parse(b.detectedAt!));
  if (failed[0] !== undefined) {
    return { verdict: 'fail', reason: joinReasons(failed), detectedAt: failed[0].detectedAt!, held };
  }
  const missing = having('missing');
  if (missing.length > 0) {
    const consequence = held ? ': held until a person has looked' : ': not a pass';
    return { verdict: 'missing', reason: joinReasons(missing) + consequence, held };
  }
  const unsure = having('inconclusive');
  if (unsure.length > 0) return { verdict: 'inconclusive', reason: joinReasons(unsure), held };
  if (deciding.length === 0)
    return { verdict: 'inconclusive', reason: 'there is no check that decides', held };
  const { windowMs } = state.options;
  const notes = joinNotes(state, checks);
  if (windowMs !== undefined && state.observedMs < windowMs) {
    const time = `${nameDuration(state.observedMs)} of ${nameDuration(windowMs)} observed`;
    return { verdict: 'inconclusive', reason: `no regression so far, ${time}${notes}`, held };
  }
  const number = `${sayCount(deciding.length)} check${deciding.length === 1 ? '' : 's'}`;
  return {
    verdict: 'pass',
    reason: `no regression in ${number} over ${nameDuration(state.observedMs)}${notes}`,
    held,
  };
}

function joinReasons(checks: readonly CheckVerdict[]): string {
  const [first, ...others] = checks;
  if (others.length === 0) return first!.reason;
  return `${first!.reason} (and ${others.map((check) => check.name).join(', ')})`;
}

/** What a passing verdict must not keep silent about: the worst gap and failing advisory checks. */
function joinNotes(state: JudgeState, checks: readonly CheckVerdict[]): string {
  const gaps = state.checks.map((check, i) => ({
    name: check.name,
    missing: state.ticks - covered(check, state.progress[i]!),
  }));
  const worst = gaps.reduce((a, b) => (b.missing > a.missing ? b : a), { name: '', missing: 0 });
  const gap =
    worst.missing > 0
      ? `; up to ${worst.missing} of ${state.ticks} samples without a usable value (${worst.name})`
      : '';
  const advisory = checks.filter((check) => check.criticality === 'advisory' && check.verdict === 'fail');
  return gap + (advisory.length > 0 ? `; advisory: ${advisory.map((check) => check.reason).join('; ')}` : '');
}

function covered(check: MetricCheck, progress: CheckProgress): number {
  return check.compare === 'none' ? progress.candidate.usable : progress.pairs;
}

function judgeCheck(
  state: JudgeState,
  index: number,
  check: MetricCheck,
  progress: CheckProgress,
): CheckVerdict {
  const { failure } = progress;
  const finding: { verdict: Answer; reason: string } =
    failure !== undefined ? { verdict: 'fail', reason: failure.reason } : judgeData(state, check, progress);
  return {
    name: check.name,
    ...finding,
    criticality: check.criticality,
    ...(failure === undefined ? {} : { detectedAt: failure.at }),
    statistics: statisticsOf(state, index, check, progress),
  };
}

/** The answer for a check against which there is no evidence: is there enough data to call that a pass? */
function judgeData(
  state: JudgeState,
  check: MetricCheck,
  progress: CheckProgress,
): { verdict: Answer; reason: string } {
  const groups = check.compare === 'none' ? (['candidate'] as const) : GROUPS;
  for (const group of groups) {
    const { usable, unusable, missing } = progress[group];
    if (usable === 0) {
      const because = missing ?? unusableBecause(check);
      const why = unusable > 0 ? ` (${sayCount(unusable)} unusable: ${because})` : '';
      return { verdict: 'missing', reason: `${check.name}: the ${group} has no usable sample${why}` };
    }
  }
  for (const group of groups) {
    const silent = state.ticks - progress[group].lastUsableTick;
    if (silent > Math.max(SILENT_TICKS, SILENT_SHARE * state.ticks)) {
      const { missing } = progress[group];
      const why = missing === undefined ? '' : ` (the last: ${missing})`;
      return {
        verdict: 'missing',
        reason: `${check.name}: the ${group} has had no usable value in the last ${silent} samples${why}`,
      };
    }
  }
  const samples = covered(check, progress);
  if (samples < check.minimumSamples)
    return {
      verdict: 'inconclusive',
      reason: `${check.name}: ${sayCount(samples)} usable samples of the ${check.minimumSamples} that it needs`,
    };
  if (samples < check.minimumCoverage * state.ticks)
    return {
      verdict: 'inconclusive',
      reason: `${check.name}: only ${sayCount(samples)} of ${sayCount(state.ticks)} samples have a usable value in both groups`,
    };
  if (check.kind === 'ratio') {
    const { counts } = progress.evidence;
    // Against a limit alone, there is nothing but the candidate.
    const requests =
      check.compare === 'none' || counts === undefined
        ? (progress.candidate.exposure ?? 0)
        : Math.min(counts.candidateExposure, counts.baselineExposure);
    if (requests < check.minimumRequests)
      return {
        verdict: 'inconclusive',
        reason: `${check.name}: ${sayCount(requests)} requests of the ${sayCount(check.minimumRequests)} that it needs`,
      };
  }
  return {
    verdict: 'pass',
    reason: `${check.name}: ${describeComparison(check, progress)}${describeGap(state.ticks, samples)}`,
  };
}

function unusableBecause(check: MetricCheck): string {
  if (check.kind === 'ratio') return 'no number from 0 to 100, or no `requests` that it is a percentage of';
  return 'no number, or a negative one';
}

function statisticsOf(
  state: JudgeState,
  index: number,
  check: MetricCheck,
  progress: CheckProgress,
): Record<string, number> {
  const { counts, spending, samples } = progress.evidence;
  const common = {
    pairs: progress.pairs,
    minutes: state.ticks,
    candidateSamples: progress.candidate.usable,
    candidateUnusable: progress.candidate.unusable,
    baselineSamples: progress.baseline.usable,
    baselineUnusable: progress.baseline.unusable,
  };
  if (check.compare === 'none') return common;
  const evidence = {
    ratio: round4(progress.ratio),
    evidence: round4(progress.logEvidence),
    highestEvidence: round4(progress.highest),
    evidenceNeeded: round4(neededNow(state, index)),
    errorRate: round4(progress.errorRate),
  };
  if (counts !== undefined)
    return {
      ...common,
      ...evidence,
      candidateEvents: counts.candidateEvents,
      candidateExposure: counts.candidateExposure,
      baselineEvents: counts.baselineEvents,
      baselineExposure: counts.baselineExposure,
      overdispersion: round4(overdispersion(counts)),
      ...(spending === undefined ? {} : { errorRateSpent: round4(spending.spent) }),
    };
  const spread = samples !== undefined && samples.all.n > 0 ? describeStretch(samples.all) : undefined;
  return {
    ...common,
    ...evidence,
    ...(spread === undefined
      ? {}
      : { spread: round4(Math.sqrt(spread.variance)), effectivePairs: round4(spread.effective) }),
  };
}
