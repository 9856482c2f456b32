import { describe, expect, it } from 'vitest';
import { poisson, seededRandom } from '../../../bench/verdict/random.ts';
import {
  addToSpendingTest,
  type SpendingTest,
  startSpendingTest,
} from '../../../src/release/verdict/spending-test.ts';
import { shareSpent } from '../../../src/release/verdict/weigh-pair.ts';

const ALLOWED = [0.02, 0.05, 0.08];

/** Chance of crossing within three minutes of 5, 4 and 6 events, by walking through every split of them. */
function chanceOfCrossing(share: number): number {
  const totals = [5, 4, 6];
  const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);
  const walk = (test: SpendingTest, minute: number): number => {
    if (test.crossed) return 1;
    if (minute === totals.length) return 0;
    const both = totals[minute]!;
    let chance = 0;
    for (let worse = 0; worse <= both; worse++)
      chance +=
        choose(both, worse) *
        share ** worse *
        (1 - share) ** (both - worse) *
        walk(addToSpendingTest(test, { worse, both, share }, ALLOWED[minute]!, 1), minute + 1);
    return chance;
  };
  return walk(startSpendingTest(), 0);
}

function play(
  test: SpendingTest,
  worse: number,
  other: number,
  allowance: number,
  share = 0.5,
): SpendingTest {
  return addToSpendingTest(test, { worse, both: worse + other, share }, allowance, 1);
}

describe('the spending test', () => {
  it('crosses under equal rates exactly as often as it says that it has spent, and never more than allowed', () => {
    for (const share of [0.5, 0.1]) {
      let test = startSpendingTest();
      for (const [i, both] of [5, 4, 6].entries())
        test = addToSpendingTest(test, { worse: 0, both, share }, ALLOWED[i]!, 1);
      const chance = chanceOfCrossing(share);
      expect(chance).toBeCloseTo(test.spent, 3);
      expect(chance).toBeLessThanOrEqual(0.08);
      expect(chance).toBeGreaterThan(0.02);
    }
  });

  it('first crosses where the binomial tail first falls below what may be spent', () => {
    // P(X >= 9 of 10) = 11/1024 = 0.0107; P(X >= 8 of 10) = 56/1024 = 0.0547.
    expect(play(startSpendingTest(), 9, 1, 0.011).crossed).toBe(true);
    expect(play(startSpendingTest(), 8, 2, 0.05).crossed).toBe(false);
    expect(play(startSpendingTest(), 8, 2, 0.055).crossed).toBe(true);
    expect(play(startSpendingTest(), 10, 0, 0).crossed).toBe(false);
  });

  it('says nothing of minutes without events', () => {
    const test = startSpendingTest();
    expect(play(test, 0, 0, 0.01)).toBe(test);
  });

  it('keeps its error rate on a coarser grid, in a state of bounded size', () => {
    const random = seededRandom(21);
    let crossings = 0;
    let largest = 0;
    const runs = 150;
    for (let run = 0; run < runs; run++) {
      let test = startSpendingTest();
      let hasCrossed = false;
      for (let minute = 1; minute <= 40 && !hasCrossed; minute++) {
        test = play(test, poisson(random, 400), poisson(random, 400), (0.1 * minute) / 40);
        hasCrossed = test.crossed;
      }
      if (hasCrossed) crossings++;
      largest = Math.max(largest, JSON.stringify(test).length);
    }
    // 10 % of 150 is 15 with a standard deviation of 3.7.
    expect(crossings).toBeGreaterThan(3);
    expect(crossings).toBeLessThan(27);
    expect(largest).toBeLessThan(2000);
  });

  it('spends nothing before it looks, most by the horizon, and never all', () => {
    const hour = 3_600_000;
    expect(shareSpent(0, hour, 1)).toBe(0);
    expect(shareSpent(hour / 2, hour, 1)).toBeCloseTo(0.45, 10);
    expect(shareSpent(hour, hour, 2)).toBeCloseTo(0.9, 10);
    expect(shareSpent(1e6 * hour, 24 * hour, 1)).toBeLessThan(1);
    // A day's window spends half as if it were an hour's: what breaks soon is seen soon.
    expect(shareSpent(hour, 24 * hour, 1)).toBeGreaterThan(0.45);
    let before = 0;
    for (let minute = 1; minute < 3000; minute += 7) {
      const now = shareSpent(minute * 60_000, 24 * hour, 2);
      expect(now).toBeGreaterThan(before);
      before = now;
    }
  });
});
