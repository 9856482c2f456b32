/**
 * Evidence that a positive measurement (a latency percentile, saturation) differs between two groups.
 *
 * The unit of evidence is `d = log(candidate / baseline)` of the same minute, so that drift and spikes in both cancel
 * and the unit of the measurement does not matter. Healthy hosts differ for good by a few per cent, so "no change" is
 * not d = 0: it is d ~ Normal(0, 1.2 hostNoise^2 + s^2 / n_eff), where s is the minutes' own spread and n_eff their
 * number corrected for autocorrelation. Evidence is the likelihood ratio of "d is larger by log(limit) or more"
 * against that, mixed over sizes and over starts, and compared with 1/alpha at every look, as in `count-evidence.ts`.
 *
 * s is estimated, so the standardised mean is Student's and not normal: it is turned into the normal deviate of the
 * same probability before it is weighed. The bound is therefore asymptotic (it leans on averages of the minutes
 * being near normal), unlike that of counts, which is exact; `npm run bench:verdict` measures it. A spike of few
 * minutes raises s along with the mean: k equal outliers among n never standardise to more than about sqrt(k).
 */
import { logFirstPrior, logStartPrior } from './count-evidence.ts';
import { logSumExp, normalFromStudent } from './numbers.ts';

/** Running sums of one stretch of differences. */
interface Stretch {
  n: number;
  sum: number;
  squares: number;
  /** Sum of products of neighbours. */
  products: number;
  first: number;
  last: number;
}

/** Running evidence: the sums of all pairs, and the latest pairs themselves for later starts. */
export interface SampleEvidence {
  all: Stretch;
  /** The latest differences, oldest first, rounded to 1e-5. */
  latest: number[];
}

/** How many of the latest differences are kept: with one a minute, an hour. */
const KEPT = 60;
/** Fewest pairs from the beginning on, and from a later start on, that can decide. */
const FEWEST_FIRST = 4;
const FEWEST_LATER = 7;
/** A difference is cut here (a factor of 20): zero against something is large, not infinite. */
const LARGEST = Math.log(20);
/** Autocorrelation that is assumed before any is seen, and how many pairs that belief is worth. */
const ASSUMED_CORRELATION = 0.3;
const ASSUMED_PAIRS = 6;
/**
 * Variance of the difference of two hosts in units of hostNoise^2. Independent hosts would have 2; the smallest
 * effect that is ever called a regression (`judge.ts`) covers the rest.
 */
const HOST_VARIANCE = 1.2;
/** Sizes of change that are looked for, in units of log(limit), with their weights. */
const SIZES = [
  { size: 1, weight: 0.5 },
  { size: 2, weight: 0.3 },
  { size: 5, weight: 0.2 },
] as const;

const EMPTY: Stretch = { n: 0, sum: 0, squares: 0, products: 0, first: 0, last: 0 };

/** No evidence yet. */
export function startSampleEvidence(): SampleEvidence {
  return { all: EMPTY, latest: [] };
}

/** log(candidate / baseline), cut at a factor of 20; two zeros are equal. Both values must be at least 0. */
export function logRatio(candidate: number, baseline: number): number {
  if (candidate === baseline) return 0;
  if (baseline === 0) return LARGEST;
  if (candidate === 0) return -LARGEST;
  return Math.max(-LARGEST, Math.min(LARGEST, Math.log(candidate / baseline)));
}

/** Takes in one pair of the same minute. */
export function addSamplePair(evidence: SampleEvidence, candidate: number, baseline: number): SampleEvidence {
  const difference = Math.round(logRatio(candidate, baseline) * 1e5) / 1e5;
  return {
    all: append(evidence.all, difference),
    latest: [...evidence.latest.slice(-(KEPT - 1)), difference],
  };
}

function append(stretch: Stretch, difference: number): Stretch {
  return {
    n: stretch.n + 1,
    sum: stretch.sum + difference,
    squares: stretch.squares + difference * difference,
    products: stretch.products + (stretch.n > 0 ? stretch.last * difference : 0),
    first: stretch.n > 0 ? stretch.first : difference,
    last: difference,
  };
}

/** A stretch extended by one difference in front; the walk from the newest pair back to older starts. */
function prepend(stretch: Stretch, difference: number): Stretch {
  return {
    n: stretch.n + 1,
    sum: stretch.sum + difference,
    squares: stretch.squares + difference * difference,
    products: stretch.products + (stretch.n > 0 ? stretch.first * difference : 0),
    first: difference,
    last: stretch.n > 0 ? stretch.last : difference,
  };
}

/** Mean, variance of a single difference, and the effective number of independent differences. */
export function describeStretch(stretch: Stretch): { mean: number; variance: number; effective: number } {
  const { n } = stretch;
  const mean = stretch.sum / n;
  const centred = Math.max(0, stretch.squares - n * mean * mean);
  const variance = centred / Math.max(1, n - 1);
  // Sum of (d_i - m)(d_{i+1} - m) from the running sums.
  const neighbours =
    stretch.products - mean * (2 * stretch.sum - stretch.first - stretch.last) + (n - 1) * mean * mean;
  const raw =
    (neighbours + ASSUMED_PAIRS * ASSUMED_CORRELATION * variance) / (centred + ASSUMED_PAIRS * variance || 1);
  // A short stretch underestimates its autocorrelation by about (1 + 3 rho) / n (Kendall 1954).
  const correlation = Math.max(0, Math.min(0.9, raw + (1 + 3 * raw) / (n + ASSUMED_PAIRS)));
  return { mean, variance, effective: Math.max(1.5, (n * (1 - correlation)) / (1 + correlation)) };
}

/** log likelihood ratio of a change in the direction of `sign` over this stretch, mixed over sizes. */
export function weighStretch(stretch: Stretch, logLimit: number, hostNoise: number, sign: 1 | -1): number {
  const { mean, variance, effective } = describeStretch(stretch);
  const ofMean = variance / effective;
  const total = Math.max(1e-12, HOST_VARIANCE * hostNoise * hostNoise + ofMean);
  const unit = Math.sqrt(total);
  // Satterthwaite: only the estimated part of the variance is uncertain.
  const freedom = ofMean > 0 ? Math.max(0.5, effective - 1) * (total / ofMean) ** 2 : 1e6;
  const z = normalFromStudent((sign * mean) / unit, Math.min(1e6, freedom));
  return logSumExp(
    SIZES.map(({ size, weight }) => {
      const shift = (size * logLimit) / unit;
      return Math.log(weight) + z * shift - (shift * shift) / 2;
    }),
  );
}

/**
 * The evidence as a natural logarithm, the ratio in the stretch in which it is strongest, how many pairs that
 * stretch has, and the variance of the estimate (of the ratio's logarithm).
 * `relativeLimit` above 1 looks for a rise, below 1 for a fall; `bothSides` for either.
 */
export function weighSamples(
  evidence: SampleEvidence,
  relativeLimit: number,
  bothSides: boolean,
  hostNoise: number,
): { logEvidence: number; ratio: number; since: number; ofMean: number } {
  const logLimit = Math.abs(Math.log(relativeLimit));
  const signs: (1 | -1)[] = bothSides ? [1, -1] : [relativeLimit < 1 ? -1 : 1];
  const share = -Math.log(signs.length);
  const parts: number[] = [];
  let strongest: { log: number; stretch: Stretch } = { log: Number.NEGATIVE_INFINITY, stretch: evidence.all };
  const weigh = (stretch: Stretch, prior: number): void => {
    for (const sign of signs) {
      const log = prior + share + weighStretch(stretch, logLimit, hostNoise, sign);
      parts.push(log);
      if (log > strongest.log) strongest = { log, stretch };
    }
  };
  const { all, latest } = evidence;
  if (all.n >= FEWEST_FIRST) weigh(all, logFirstPrior());
  let stretch = EMPTY;
  for (let i = latest.length - 1; i >= 0; i--) {
    stretch = prepend(stretch, latest[i]!);
    if (stretch.n >= FEWEST_LATER && stretch.n < all.n) weigh(stretch, logStartPrior(all.n - stretch.n));
  }
  if (all.n === 0) return { logEvidence: 0, ratio: 1, since: 0, ofMean: 0 };
  const { mean, variance, effective } = describeStretch(strongest.stretch);
  return {
    logEvidence: parts.length > 0 ? logSumExp(parts) : 0,
    ratio: Math.exp(mean),
    since: strongest.stretch.n,
    ofMean: variance / effective,
  };
}
