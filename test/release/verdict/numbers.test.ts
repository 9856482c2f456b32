import { describe, expect, it } from 'vitest';
import {
  binomialUpperTail,
  logGamma,
  logSumExp,
  normalCdf,
  normalFromStudent,
} from '../../../src/release/verdict/numbers.ts';

/** C(n, k) without rounding. */
function choose(n: bigint, k: bigint): bigint {
  let result = 1n;
  for (let i = 1n; i <= k; i++) result = (result * (n - k + i)) / i;
  return result;
}

describe('the numbers behind a verdict', () => {
  it('agree with the printed table of Student’s t at the same tail probability', () => {
    // [degrees of freedom, t, z] of equal upper tails (2.5 %, 0.5 %, 0.05 %), from the usual printed tables.
    const table = [
      [1, 12.706, 1.96],
      [4, 2.776, 1.96],
      [10, 2.228, 1.96],
      [30, 2.042, 1.96],
      [4, 4.604, 2.576],
      [10, 3.169, 2.576],
      [4, 8.61, 3.291],
      [10, 4.587, 3.291],
      [60, 3.46, 3.291],
    ] as const;
    for (const [df, t, z] of table) {
      const ratio = normalFromStudent(t, df) / z;
      expect(ratio).toBeLessThan(1.01);
      expect(ratio).toBeGreaterThan(df === 1 ? 0.94 : 0.985);
      expect(normalFromStudent(-t, df)).toBe(-normalFromStudent(t, df));
    }
  });

  it('sum a binomial tail as exact fractions do', () => {
    for (const [hits, trials, tenths] of [
      [3, 20, 0.05],
      [9, 30, 0.1],
      [25, 30, 0.5],
      [30, 30, 0.5],
    ] as const) {
      let exact = 0;
      for (let k = hits; k <= trials; k++)
        exact += Number(choose(BigInt(trials), BigInt(k))) * tenths ** k * (1 - tenths) ** (trials - k);
      expect(binomialUpperTail(hits, trials, tenths)).toBeCloseTo(exact, 10);
    }
    expect(binomialUpperTail(0, 10, 0.1)).toBe(1);
    expect(binomialUpperTail(1, 10, 0)).toBe(0);
  });

  it('know factorials and the square root of pi', () => {
    expect(Math.exp(logGamma(11))).toBeCloseTo(3_628_800, 4);
    expect(Math.exp(logGamma(0.5)) ** 2).toBeCloseTo(Math.PI, 10);
  });

  it('add logarithms that would overflow', () => {
    expect(logSumExp([1000, 1000])).toBeCloseTo(1000 + Math.log(2), 10);
    expect(logSumExp([])).toBe(Number.NEGATIVE_INFINITY);
  });

  it('agree with the printed table of the normal distribution, far into its tail', () => {
    // Upper tails, from Abramowitz and Stegun, table 26.2, and its extension for large deviates.
    for (const [z, tail] of [
      [0, 0.5],
      [1, 0.15865525],
      [1.96, 0.0249979],
      [2.999, 0.00135433],
      [3, 0.0013499],
      [4, 3.16712e-5],
      [6, 9.86588e-10],
    ] as const) {
      expect(normalCdf(-z) / tail).toBeCloseTo(1, 4);
      expect(normalCdf(z) + normalCdf(-z)).toBeCloseTo(1, 12);
    }
  });
});
