/**
 * What one pair of samples of the same minute adds to a check's evidence, and whether that now decides. Two things
 * must agree: the statistics of this window (a healthy version rarely shows this) and the size of the change (two
 * healthy hosts rarely differ by so much, however surely they differ).
 */
import { HOUR_MS } from '../duration.ts';
import type { MetricCheck } from './check.ts';
import {
  type Alternative,
  addCountPair,
  alternativesFor,
  type CountEvidence,
  type CountPair,
  evenVariance,
  overdispersion,
  rateRatio,
  startCountEvidence,
  weighCounts,
} from './count-evidence.ts';
import { addSamplePair, type SampleEvidence, startSampleEvidence, weighSamples } from './sample-evidence.ts';
import { addToSpendingTest, type SpendingTest, startSpendingTest } from './spending-test.ts';

/** The evidence of one check: counts with or without a spending test, or samples. */
export interface Evidence {
  counts?: CountEvidence;
  spending?: SpendingTest;
  samples?: SampleEvidence;
}

/** One group's part of a pair: events of an exposure for ratios and counts, else the value itself. */
export interface Half {
  value: number;
  exposure: number;
}

/** Where in the window a pair stands, and what the check may spend. */
export interface Moment {
  /** The check's whole share of the error rate. */
  errorRate: number;
  /** Pairs with this one, and minutes in which anything at all was reported. */
  pairs: number;
  ticks: number;
  /** Milliseconds since the judge began to look, with this minute. */
  elapsedMs: number;
  /** Time over which the error rate is meant to be spent. */
  horizonMs: number;
}

/** What the evidence amounts to after a pair. `since`: how many pairs the finding covers. */
export interface Finding {
  evidence: Evidence;
  logEvidence: number;
  ratio: number;
  since: number;
  decisive: boolean;
}

/**
 * Share of a count's error rate for the spending test; the rest is for the e-process, which sees a change that
 * begins late. Checks of either direction have no spending test: their e-process has it all.
 */
const SPENDING_SHARE = 0.8;
/** Share of the spending test's error rate that is kept for the time after the horizon. */
const KEPT_FOR_LATER = 0.1;
/** Windows longer than this spend half of their error rate as if they were as long as this. */
/**
 * How the error rate is spent over the horizon, as a power of the elapsed share of it. Failures must be seen soon:
 * evenly. A business figure of few events needs the whole window: late.
 */
const SPENDING_POWER = { ratio: 1, count: 2 } as const;
/** Business events come in clumps (baskets, campaigns, batches) more often than failed requests do. */
const ASSUMED_DISPERSION = { ratio: 1, count: 1.5 } as const;
/** Power of the covered share of minutes by which a series with holes is trusted less. */
const COST_OF_HOLES = 12;
/** See `smallestEffect`: deviations, and how much of the estimate's own variance is added. */
const SMALLEST_EFFECT = {
  counts: { deviations: 3, ownVariance: 1 / 6 },
  samples: { deviations: 3.5, ownVariance: 1 / 8 },
} as const;

/** No evidence yet. */
export function startEvidence(check: MetricCheck): Evidence {
  if (check.compare === 'none') return {};
  if (check.kind === 'sample') return { samples: startSampleEvidence() };
  return {
    counts: startCountEvidence(alternativesOf(check), ASSUMED_DISPERSION[check.kind]),
    ...(hasSpendingTest(check) ? { spending: startSpendingTest() } : {}),
  };
}

const hasSpendingTest = (check: MetricCheck): boolean =>
  check.kind !== 'sample' && check.direction !== 'either';

function alternativesOf(check: MetricCheck): Alternative[] {
  return alternativesFor(check.relativeLimit, check.direction === 'either');
}

/**
 * Evidence, in nats, that decides (ln 1/error rate), and more for a series with holes, whose missing minutes may not
 * have been like the others.
 */
export function evidenceNeeded(check: MetricCheck, moment: Moment): number {
  const share = hasSpendingTest(check) ? 1 - SPENDING_SHARE : 1;
  return -Math.log(moment.errorRate * share * trust(moment));
}

const trust = ({ pairs, ticks }: Moment): number =>
  Math.min(1, Math.max(1, pairs) / Math.max(1, ticks)) ** COST_OF_HOLES;

/** Share of the spending test's error rate that may be spent after `elapsedMs`, 0 to 1; never reaches 1. */
export function shareSpent(elapsedMs: number, horizonMs: number, power: number): number {
  const until = (horizon: number): number =>
    elapsedMs <= horizon
      ? (1 - KEPT_FOR_LATER) * Math.max(0, elapsedMs / horizon) ** power
      : 1 - KEPT_FOR_LATER + KEPT_FOR_LATER * (1 - horizon / elapsedMs);
  return (until(Math.min(horizonMs, HOUR_MS)) + until(horizonMs)) / 2;
}

/** Takes in one pair. */
export function weighPair(
  check: MetricCheck,
  before: Evidence,
  candidate: Half,
  baseline: Half,
  moment: Moment,
): Finding {
  return before.counts !== undefined
    ? weighCountPair(check, before, before.counts, candidate, baseline, moment)
    : weighSamplePair(check, before.samples!, candidate, baseline, moment);
}

function weighCountPair(
  check: MetricCheck,
  before: Evidence,
  countsBefore: CountEvidence,
  candidate: Half,
  baseline: Half,
  moment: Moment,
): Finding {
  // An exposure that is known for only one of two business counts cannot be compared with none.
  const comparable = check.kind === 'ratio' || (candidate.exposure !== 1 && baseline.exposure !== 1);
  const pair: CountPair = {
    candidateEvents: candidate.value,
    candidateExposure: comparable ? candidate.exposure : 1,
    baselineEvents: baseline.value,
    baselineExposure: comparable ? baseline.exposure : 1,
  };
  const needed = evidenceNeeded(check, moment);
  const dispersion = overdispersion(countsBefore);
  const counts = addCountPair(countsBefore, alternativesOf(check), pair, needed);
  const spending = before.spending && addToSpending(check, before.spending, pair, moment, dispersion);
  const weighed = weighCounts(counts, needed);
  const ratio = rateRatio(counts.recent);
  const size =
    smallestEffect('counts', check.hostNoise, dispersion * evenVariance(counts.recent)) * haste(moment);
  const isProven = weighed.logEvidence >= needed || spending?.crossed === true;
  return {
    evidence: { counts, ...(spending === undefined ? {} : { spending }) },
    logEvidence: weighed.logEvidence,
    ratio,
    since: counts.pairs,
    decisive: isProven && !weighed.isSpike && Math.abs(Math.log(ratio)) >= size,
  };
}

function addToSpending(
  check: MetricCheck,
  test: SpendingTest,
  pair: CountPair,
  moment: Moment,
  dispersion: number,
): SpendingTest {
  const exposure = pair.candidateExposure + pair.baselineExposure;
  if (!(pair.candidateExposure > 0) || !(pair.baselineExposure > 0)) return test;
  const rises = check.relativeLimit > 1;
  const spent = shareSpent(
    moment.elapsedMs,
    moment.horizonMs,
    SPENDING_POWER[check.kind === 'ratio' ? 'ratio' : 'count'],
  );
  return addToSpendingTest(
    test,
    {
      worse: rises ? pair.candidateEvents : pair.baselineEvents,
      both: pair.candidateEvents + pair.baselineEvents,
      share: (rises ? pair.candidateExposure : pair.baselineExposure) / exposure,
    },
    moment.errorRate * SPENDING_SHARE * trust(moment) * spent,
    dispersion,
  );
}

function weighSamplePair(
  check: MetricCheck,
  before: SampleEvidence,
  candidate: Half,
  baseline: Half,
  moment: Moment,
): Finding {
  const samples = addSamplePair(before, candidate.value, baseline.value);
  const { ofMean, ...weighed } = weighSamples(
    samples,
    check.relativeLimit,
    check.direction === 'either',
    check.hostNoise,
  );
  const isProven = weighed.logEvidence >= evidenceNeeded(check, moment);
  const size = smallestEffect('samples', check.hostNoise, ofMean);
  return {
    evidence: { samples },
    ...weighed,
    decisive: isProven && Math.abs(Math.log(weighed.ratio)) >= size,
  };
}

/**
 * Before the horizon, while there is time to look again, a count must have changed by up to a quarter more: a small
 * early surplus that two hosts may differ by is not called a regression only because it was looked at often.
 */
function haste({ elapsedMs, horizonMs }: Moment): number {
  return 1 + 0.25 * Math.max(0, 1 - elapsedMs / Math.min(horizonMs, HOUR_MS));
}

/**
 * The smallest |log ratio| that is ever called a regression: so many standard deviations of the difference of two hosts
 * (each with `hostNoise`). A part of the estimate's own `variance` is added, since early estimates exaggerate what they
 * detect. Counts have an exact bound besides and need fewer deviations than samples, whose bound is asymptotic.
 */
function smallestEffect(kind: keyof typeof SMALLEST_EFFECT, hostNoise: number, variance: number): number {
  const { deviations, ownVariance } = SMALLEST_EFFECT[kind];
  return deviations * Math.sqrt(2 * hostNoise * hostNoise + variance * ownVariance);
}
