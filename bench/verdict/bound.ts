/**
 * What is at all possible for a business count that falls by 15 %: the information bound that no test of these
 * counts can beat, computed and not simulated.
 */

import { normalCdf } from '../../src/release/verdict/numbers.ts';

/** z with P(Z > z) = alpha, by bisection. */
export function upperQuantile(alpha: number): number {
  let low = 0;
  let high = 10;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (1 - normalCdf(middle) > alpha) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * Power of the best test of fixed length (Neyman and Pearson: the binomial test of the candidate's share, normal
 * approximation) for two Poisson counts of `rate` and `rate * ratio` a minute over `minutes`, at error rate `alpha`.
 */
export function bestFixedPower(rate: number, ratio: number, minutes: number, alpha: number): number {
  const events = rate * (1 + ratio) * minutes;
  const share = ratio / (1 + ratio);
  const distance = (0.5 - share) * Math.sqrt(events);
  return normalCdf((distance - upperQuantile(alpha) * 0.5) / Math.sqrt(share * (1 - share)));
}

/**
 * Expected minutes of Wald's sequential test that knows the size of the change beforehand: log(1/alpha) over the
 * Kullback-Leibler information of a minute. No test that may look at any time is faster on average.
 */
export function waldMinutes(rate: number, ratio: number, alpha: number): number {
  const share = ratio / (1 + ratio);
  const information = share * Math.log(share / 0.5) + (1 - share) * Math.log((1 - share) / 0.5);
  return Math.log(1 / alpha) / (rate * (1 + ratio) * information);
}

/** The bounds in words, at the check's own `share` of the error rate and at the whole of it. */
export function businessBounds(share: number): string {
  const lines = ['What the information allows for a business count -15 % within the hour:'];
  for (const rate of [20, 5, 2])
    for (const alpha of [0.01, share]) {
      const power = (bestFixedPower(rate, 0.85, 60, alpha) * 100).toFixed(0);
      lines.push(
        `  ${rate} events a minute, error rate ${(alpha * 100).toFixed(2)} %: best test of fixed length (one look) ` +
          `catches ${power} %; Wald's test that knows the size needs ${waldMinutes(rate, 0.85, alpha).toFixed(0)} minutes on average`,
      );
    }
  return lines.join('\n');
}
