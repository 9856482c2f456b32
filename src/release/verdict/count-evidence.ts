/**
 * Evidence that a rate of events differs between two groups, valid at every look (an e-process).
 *
 * Given that a minute has seen `k` events in both groups together, the number of them in the candidate is
 * binomial with chance `q(theta) = theta*Nc / (theta*Nc + Nb)`, whatever the common rate of that minute is: Nc and Nb
 * are the exposures, theta the ratio of the rates (Lindon and Malek, "Anytime-valid inference for multinomial count
 * data", NeurIPS 2022; Lindon, Sanden and Shirikian, KDD 2022). So a drift or a spike in both groups cancels.
 *
 * Each component is the likelihood ratio of one alternative theta against 1. A weighted sum of likelihood ratios has
 * an expectation of at most 1 under "no worse than the baseline" at every stopping time, so that it ever exceeds
 * 1/alpha with a chance of at most alpha (Ville). Three things are added; each keeps that bound:
 * - Starts. A part of the weight is spread over later starts, so that a regression after hours of health is seen
 *   within minutes (a mixture over change points, as in Shiryaev and Roberts).
 * - A cap. One minute adds at most `cap`, which is below half of what is needed: no single or double minute decides.
 * - A guard. What remains when the two most telling minutes are left out must agree (`withoutTwo`).
 */
import { logAdd, logSumExp } from './numbers.ts';

/** One alternative: the rate ratio, and its share of the prior. */
export interface Alternative {
  ratio: number;
  weight: number;
}

/** Running evidence; four logarithms for each alternative. */
export interface CountEvidence {
  /** Pairs of minutes taken in. */
  pairs: number;
  /** log weight * likelihood ratio, each minute's share capped. */
  capped: number[];
  /** The same without a cap, with none, one and two of the most telling minutes left out. */
  whole: number[];
  withoutOne: number[];
  withoutTwo: number[];
  candidateEvents: number;
  candidateExposure: number;
  baselineEvents: number;
  baselineExposure: number;
  /** Events and exposures of about the last two hours of samples, for saying how large the change is now. */
  recent: {
    candidateEvents: number;
    candidateExposure: number;
    baselineEvents: number;
    baselineExposure: number;
  };
  /** Pearson's chi-square of the minutes against the running ratio, and its terms: the overdispersion. */
  chiSquare: number;
  chiSquareTerms: number;
  /** How much events are thought to clump before it can be told. */
  assumedDispersion: number;
}

/** Events and exposure of both groups in the same minute. */
export interface CountPair {
  candidateEvents: number;
  candidateExposure: number;
  baselineEvents: number;
  baselineExposure: number;
}

/** Share of the prior that is kept for regressions that start later than the window. */
const LATER_STARTS = 0.15;
/** Sum over n >= 3 of 1 / (n ln(n)^2), which makes the prior of later starts sum to LATER_STARTS. */
const START_PRIOR_SUM = 1.07;
/** Share of the threshold that one minute may contribute: two minutes are not enough, three are. */
const CAP_SHARE = 0.4;
/** Evidence, in nats, that must remain without the two most telling minutes when these look like a spike. */
const AFTER_SPIKE = 6;
/** Standard errors by which counts must seem to clump before that is believed. */
const CLEARLY = 2;
/** Until so many minutes could be judged, dispersion is drawn towards an assumed one, worth so many minutes. */
const ENOUGH_TERMS = 10;
const ASSUMED_TERMS = 5;
/** Forgetting factor of `recent`: a memory of 120 samples. */
const MEMORY = 119 / 120;

/** log of the prior that a change starts with pair number `pair` (from 0). */
export function logStartPrior(pair: number): number {
  const n = pair + 3;
  return Math.log(LATER_STARTS / START_PRIOR_SUM / (n * Math.log(n) ** 2));
}

/** log of the prior that a change was there from the first pair on. */
export function logFirstPrior(): number {
  return Math.log(1 - LATER_STARTS);
}

/**
 * The alternatives for a change of `limit` (ratio, above or below 1) that must be caught: the limit itself, about
 * twice and far more. `bothSides` halves the weights for a change in either direction.
 */
export function alternativesFor(limit: number, bothSides: boolean): Alternative[] {
  const size = limit < 1 ? 1 / limit : limit;
  const ratios = size >= 1.4 ? [size, 2.5 * size, 10 * size] : [size, size ** 2, size ** 6];
  const weights = size >= 1.4 ? [0.35, 0.25, 0.4] : [0.65, 0.25, 0.1];
  const worse = ratios.map((ratio, i) => ({ ratio: limit < 1 ? 1 / ratio : ratio, weight: weights[i]! }));
  if (!bothSides) return worse;
  return [...worse, ...worse.map(({ ratio, weight }) => ({ ratio: 1 / ratio, weight }))].map(
    (alternative) => ({
      ratio: alternative.ratio,
      weight: alternative.weight / 2,
    }),
  );
}

/** No evidence yet. `assumedDispersion`: how much events may clump, until it can be told; 1 for not at all. */
export function startCountEvidence(
  alternatives: readonly Alternative[],
  assumedDispersion = 1,
): CountEvidence {
  const prior = alternatives.map(({ weight }) => Math.log(weight) + logFirstPrior());
  return {
    pairs: 0,
    capped: prior,
    whole: prior,
    withoutOne: prior,
    withoutTwo: prior,
    candidateEvents: 0,
    candidateExposure: 0,
    baselineEvents: 0,
    baselineExposure: 0,
    recent: { candidateEvents: 0, candidateExposure: 0, baselineEvents: 0, baselineExposure: 0 },
    chiSquare: 0,
    chiSquareTerms: 0,
    assumedDispersion,
  };
}

/**
 * How many times more than chance allows the events clump, at least 1. Evidence is divided by it
 * (quasi-likelihood). An estimate that chance rarely makes of plain counts (one in forty) is believed; else only what
 * exceeds its own standard error counts, so that plain counts lose nothing. Before there are enough minutes to tell,
 * what was assumed at the start has a part in it.
 */
export function overdispersion(evidence: CountEvidence): number {
  const terms = evidence.chiSquareTerms;
  if (terms < 5) return 1;
  const { assumedDispersion } = evidence;
  if (assumedDispersion > 1 && terms < ENOUGH_TERMS)
    return Math.max(1, (evidence.chiSquare + ASSUMED_TERMS * assumedDispersion) / (terms + ASSUMED_TERMS));
  const estimate = evidence.chiSquare / terms;
  const error = Math.sqrt(2 / terms);
  return estimate > 1 + CLEARLY * error ? estimate : Math.max(1, estimate * (1 - error));
}

/** Takes in one minute of both groups. A minute without exposure in either group says nothing and is left out. */
export function addCountPair(
  evidence: CountEvidence,
  alternatives: readonly Alternative[],
  pair: CountPair,
  threshold: number,
): CountEvidence {
  if (!(pair.candidateExposure > 0) || !(pair.baselineExposure > 0)) return evidence;
  const cap = CAP_SHARE * threshold;
  const dispersion = overdispersion(evidence);
  const exposure = pair.candidateExposure + pair.baselineExposure;
  const startPrior = logStartPrior(evidence.pairs);
  const capped: number[] = [];
  const whole: number[] = [];
  const withoutOne: number[] = [];
  const withoutTwo: number[] = [];
  alternatives.forEach(({ ratio, weight }, i) => {
    // log(q1/q0) and log((1-q1)/(1-q0)) of the binomial chances under `ratio` and under 1.
    const shift = Math.log(exposure / (ratio * pair.candidateExposure + pair.baselineExposure));
    const step =
      (pair.candidateEvents * (Math.log(ratio) + shift) + pair.baselineEvents * shift) / dispersion;
    const start = startPrior + Math.log(weight);
    const before = logAdd(evidence.whole[i]!, start);
    const beforeOne = logAdd(evidence.withoutOne[i]!, start);
    const beforeTwo = logAdd(evidence.withoutTwo[i]!, start);
    capped.push(logAdd(evidence.capped[i]!, start) + Math.min(step, cap));
    whole.push(before + step);
    withoutOne.push(Math.min(beforeOne + step, before));
    withoutTwo.push(Math.min(beforeTwo + step, beforeOne));
  });
  const residual = pearsonTerm(evidence, pair);
  const { recent } = evidence;
  return {
    pairs: evidence.pairs + 1,
    capped,
    whole,
    withoutOne,
    withoutTwo,
    candidateEvents: evidence.candidateEvents + pair.candidateEvents,
    candidateExposure: evidence.candidateExposure + pair.candidateExposure,
    baselineEvents: evidence.baselineEvents + pair.baselineEvents,
    baselineExposure: evidence.baselineExposure + pair.baselineExposure,
    recent: {
      candidateEvents: recent.candidateEvents * MEMORY + pair.candidateEvents,
      candidateExposure: recent.candidateExposure * MEMORY + pair.candidateExposure,
      baselineEvents: recent.baselineEvents * MEMORY + pair.baselineEvents,
      baselineExposure: recent.baselineExposure * MEMORY + pair.baselineExposure,
    },
    chiSquare: evidence.chiSquare + (residual ?? 0),
    chiSquareTerms: evidence.chiSquareTerms + (residual === undefined ? 0 : 1),
    assumedDispersion: evidence.assumedDispersion,
  };
}

/**
 * Squared standardised residual of this minute's split of events against the split expected from the minutes
 * before; cut at 16, so that a short spike is not mistaken for clumping. Undefined while there is nothing to expect.
 */
function pearsonTerm(evidence: CountEvidence, pair: CountPair): number | undefined {
  const events = pair.candidateEvents + pair.baselineEvents;
  if (evidence.pairs < 5) return undefined;
  const ratio = rateRatio(evidence.recent);
  const chance = (ratio * pair.candidateExposure) / (ratio * pair.candidateExposure + pair.baselineExposure);
  // Pearson's statistic is not worth its name where less than one event is expected in a cell.
  if (events * Math.min(chance, 1 - chance) < 1) return undefined;
  const residual = (pair.candidateEvents - events * chance) ** 2 / (events * chance * (1 - chance));
  return Math.min(16, residual);
}

/** Ratio of the two rates, each with half an event added so that zero against zero is 1 for equal exposures. */
export function rateRatio(counts: {
  candidateEvents: number;
  candidateExposure: number;
  baselineEvents: number;
  baselineExposure: number;
}): number {
  if (!(counts.candidateExposure > 0) || !(counts.baselineExposure > 0)) return 1;
  return (
    ((counts.candidateEvents + 0.5) / (counts.baselineEvents + 0.5)) *
    (counts.baselineExposure / counts.candidateExposure)
  );
}

/** Variance of the logarithm of the ratio of two even Poisson counts that sum to what was seen (delta method). */
export function evenVariance(counts: { candidateEvents: number; baselineEvents: number }): number {
  return 4 / (counts.candidateEvents + counts.baselineEvents + 1);
}

/**
 * The evidence as the natural logarithm of the e-value, and whether two minutes look like a spike without which
 * too little remains.
 */
export function weighCounts(
  evidence: CountEvidence,
  threshold: number,
): { logEvidence: number; isSpike: boolean } {
  const rest = logSumExp(evidence.withoutTwo);
  const fromTwoMinutes = logSumExp(evidence.whole) - rest;
  const spike = fromTwoMinutes - 2 * CAP_SHARE * threshold;
  const isSpike = spike > 0 && rest < Math.min(AFTER_SPIKE, 2 * spike);
  return { logEvidence: logSumExp(evidence.capped), isSpike };
}
