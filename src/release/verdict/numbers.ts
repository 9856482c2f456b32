/** The few functions of numerical statistics that the judge needs, in plain JavaScript. */

/** `log(sum(exp(values)))` without overflow; `-Infinity` for an empty list. */
export function logSumExp(values: readonly number[]): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const value of values) if (value > largest) largest = value;
  if (largest === Number.NEGATIVE_INFINITY) return largest;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}

/** `log(exp(a) + exp(b))`. */
export function logAdd(a: number, b: number): number {
  if (a === Number.NEGATIVE_INFINITY) return b;
  if (b === Number.NEGATIVE_INFINITY) return a;
  return a > b ? a + Math.log1p(Math.exp(b - a)) : b + Math.log1p(Math.exp(a - b));
}

/**
 * The normal deviate that is as improbable as Student's `t` with `df` degrees of freedom: Wallace's
 * approximation (Annals of Mathematical Statistics 30, 1959), good to 1.5 % from four degrees of freedom on; below that
 * it falls short (by 6 % at one), which only makes evidence weaker.
 */
export function normalFromStudent(t: number, df: number): number {
  const z = ((8 * df + 1) / (8 * df + 3)) * Math.sqrt(df * Math.log1p((t * t) / df));
  return t < 0 ? -z : z;
}

/** Natural logarithm of the gamma function for `x > 0`: Lanczos, g = 7, nine terms; relative error below 1e-13. */
export function logGamma(x: number): number {
  const coefficients = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  let sum = coefficients[0]!;
  for (let i = 1; i < 9; i++) sum += coefficients[i]! / (x - 1 + i);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/**
 * P(X >= hits) for X ~ Binomial(trials, chance). Summed from `hits` upwards; at or below the mean it answers 1,
 * since its callers only ask whether a count is surprisingly high.
 */
export function binomialUpperTail(hits: number, trials: number, chance: number): number {
  if (hits <= trials * chance || hits <= 0) return 1;
  if (chance <= 0) return 0;
  if (hits > trials) return 0;
  let term = Math.exp(
    logGamma(trials + 1) -
      logGamma(hits + 1) -
      logGamma(trials - hits + 1) +
      hits * Math.log(chance) +
      (trials - hits) * Math.log1p(-chance),
  );
  let tail = 0;
  for (let k = hits; k <= trials && term > tail * 1e-12; k++) {
    tail += term;
    term *= ((trials - k) / (k + 1)) * (chance / (1 - chance));
  }
  return Math.min(1, tail);
}

/**
 * P(Z <= z) for a standard normal Z. By the series around 0 within 3 and by the continued fraction of the tail beyond
 * (Abramowitz and Stegun 26.2.11 and 26.2.14); relative error of the smaller tail below 1e-9.
 */
export function normalCdf(z: number): number {
  const size = Math.abs(z);
  const density = Math.exp((-size * size) / 2) / Math.sqrt(2 * Math.PI);
  let tail: number;
  if (size < 3) {
    let term = size;
    let sum = size;
    for (let k = 3; term > sum * 1e-16; k += 2) {
      term *= (size * size) / k;
      sum += term;
    }
    tail = 0.5 - density * sum;
  } else {
    let fraction = size;
    for (let k = 40; k > 0; k--) fraction = size + k / fraction;
    tail = density / fraction;
  }
  return z >= 0 ? 1 - tail : tail;
}

/** `value` with four significant digits: what is worth keeping of a statistic. */
export function round4(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : value;
}
