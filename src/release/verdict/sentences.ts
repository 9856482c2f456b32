/** How the judge says what it found: one sentence for each finding, for people at 3 a.m. */
import type { MetricCheck } from './check.ts';
import type { CheckProgress } from './judge-state.ts';

/** `1,234` for a number of things. */
export function sayCount(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Up to three significant digits, without an exponent. */
export function sayNumber(value: number): string {
  if (Math.abs(value) >= 100) return sayCount(value);
  return String(Number(value.toPrecision(3)));
}

/** `+34 %`, `-15 %`, or `2.1 times` from a doubling on. */
export function sayChange(ratio: number): string {
  if (ratio >= 2) return `${sayNumber(ratio)} times`;
  const percent = (ratio - 1) * 100;
  return `${percent >= 0 ? '+' : ''}${sayNumber(Math.round(percent * 10) / 10)} %`;
}

const plural = (count: number, noun: string): string => `${sayCount(count)} ${noun}${count === 1 ? '' : 's'}`;

/** How unlikely the finding is without a regression. */
function sayOdds(errorRate: number): string {
  return `a healthy version shows this in less than one of ${sayNumber(1 / errorRate)} windows`;
}

/** Why a check fails by comparison. `since`: how many pairs the finding covers. */
export function describeRegression(check: MetricCheck, progress: CheckProgress, since: number): string {
  const { counts } = progress.evidence;
  const odds = sayOdds(progress.errorRate);
  if (counts !== undefined && check.kind === 'ratio') {
    const of = (events: number, requests: number): string =>
      `${sayCount(events)} of ${sayCount(requests)} requests (${sayNumber((events / requests) * 100)} %)`;
    return (
      `${check.name}: ${of(counts.candidateEvents, counts.candidateExposure)} failed on the candidate, ` +
      `${of(counts.baselineEvents, counts.baselineExposure)} on the baseline; ${odds}`
    );
  }
  if (counts !== undefined) {
    return (
      `${check.name}: ${sayCount(counts.candidateEvents)} on the candidate against ` +
      `${sayCount(counts.baselineEvents)} on the baseline (rate ${sayChange(progress.ratio)}); ${odds}`
    );
  }
  return (
    `${check.name}: ${sayChange(progress.ratio)} against the baseline over ${plural(since, 'pair')} of samples, ` +
    `beyond what hosts differ by; ${odds}`
  );
}

/** What a passing check was seen to do. */
export function describeComparison(check: MetricCheck, progress: CheckProgress): string {
  const { counts } = progress.evidence;
  if (check.compare === 'none') return `within its limit in ${plural(progress.candidate.usable, 'sample')}`;
  if (counts !== undefined && check.kind === 'ratio') {
    return (
      `${sayCount(counts.candidateEvents)} of ${sayCount(counts.candidateExposure)} requests failed, on the ` +
      `baseline ${sayCount(counts.baselineEvents)} of ${sayCount(counts.baselineExposure)}`
    );
  }
  if (counts !== undefined)
    return `${sayCount(counts.candidateEvents)} against ${sayCount(counts.baselineEvents)} on the baseline`;
  return `${sayChange(progress.ratio)} against the baseline over ${plural(progress.pairs, 'pair')} of samples`;
}

/** The holes in the data, or nothing: `18 of 60 samples had no usable value in both groups`. */
export function describeGap(ticks: number, covered: number): string {
  return covered >= ticks
    ? ''
    : `; ${ticks - covered} of ${plural(ticks, 'sample')} had no usable value in both groups`;
}

const KIND_WORDS: Record<MetricCheck['kind'], string> = {
  ratio: 'per cent of requests',
  sample: 'a number',
  count: 'a count',
};

/** What a check demands, before anything is measured: what would make it fail, and what it is compared with. */
export function describeDemand(check: MetricCheck): string {
  const { kind, direction, compare, limit, relativeLimit } = check;
  const better = direction === 'either' ? 'neither way is better' : direction.replaceAll('_', ' ');
  const beyond = direction === 'higher_is_better' ? 'below' : 'above';
  const unit = kind === 'ratio' ? ' %' : '';
  const parts = [`${KIND_WORDS[kind]}, ${better}`];
  if (limit !== undefined) {
    const gross = limit.gross === undefined ? '' : `, at once ${beyond} ${sayNumber(limit.gross)}${unit}`;
    const often = `${limit.breaches} of the last ${limit.of} samples`;
    parts.push(`fails ${beyond} ${sayNumber(limit.value)}${unit} in ${often}${gross}`);
  }
  parts.push(
    compare === 'none'
      ? 'there is no baseline: only the limit decides'
      : `compared with the baseline, where ${sayNumber(relativeLimit)} times its value must be caught`,
  );
  return parts.join('; ');
}
