import { describe, expect, it } from 'vitest';
import { poisson, seededRandom } from '../../../bench/verdict/random.ts';
import {
  addCountPair,
  alternativesFor,
  type CountEvidence,
  logFirstPrior,
  logStartPrior,
  overdispersion,
  rateRatio,
  startCountEvidence,
  weighCounts,
} from '../../../src/release/verdict/count-evidence.ts';
import { logSumExp } from '../../../src/release/verdict/numbers.ts';

const ALTERNATIVES = alternativesFor(2, false);
/** So much evidence is never needed: the cap of a minute is out of reach. */
const NO_CAP = 1e9;

function binomialChance(k: number, n: number, p: number): number {
  let chance = (1 - p) ** n;
  for (let i = 1; i <= k; i++) chance *= ((n - i + 1) / i) * (p / (1 - p));
  return chance;
}

/** Expected e-value after two minutes, by enumerating every split of the events, when the rates' true ratio is `ratio`. */
function expectedEvidence(ratio: number, exposures: [number, number], threshold: number): number {
  const [candidate, baseline] = exposures;
  const chance = (ratio * candidate) / (ratio * candidate + baseline);
  const events: [number, number] = [7, 4];
  let sum = 0;
  for (let first = 0; first <= events[0]; first++)
    for (let second = 0; second <= events[1]; second++) {
      let evidence = startCountEvidence(ALTERNATIVES);
      for (const [k, n] of [
        [first, events[0]],
        [second, events[1]],
      ] as const)
        evidence = addCountPair(
          evidence,
          ALTERNATIVES,
          {
            candidateEvents: k,
            candidateExposure: candidate,
            baselineEvents: n - k,
            baselineExposure: baseline,
          },
          threshold,
        );
      sum +=
        Math.exp(logSumExp(evidence.capped)) *
        binomialChance(first, events[0], chance) *
        binomialChance(second, events[1], chance);
    }
  return sum;
}

/** All weight that has started within two minutes. */
const STARTED = Math.exp(logFirstPrior()) + Math.exp(logStartPrior(0)) + Math.exp(logStartPrior(1));

function feed(pairs: [number, number][], threshold: number, exposure = 600): CountEvidence {
  return pairs.reduce(
    (evidence, [candidateEvents, baselineEvents]) =>
      addCountPair(
        evidence,
        ALTERNATIVES,
        { candidateEvents, candidateExposure: exposure, baselineEvents, baselineExposure: exposure },
        threshold,
      ),
    startCountEvidence(ALTERNATIVES),
  );
}

function decides(evidence: CountEvidence, threshold: number): boolean {
  const { logEvidence, isSpike } = weighCounts(evidence, threshold);
  return logEvidence >= threshold && !isSpike;
}

describe('evidence from counts', () => {
  it('is worth exactly its prior on average while the rates are equal, whatever the traffic split', () => {
    expect(expectedEvidence(1, [600, 600], NO_CAP)).toBeCloseTo(STARTED, 10);
    expect(expectedEvidence(1, [60, 540], NO_CAP)).toBeCloseTo(STARTED, 10);
  });

  it('is worth less on average for a better candidate and for capped minutes, and more for a worse candidate', () => {
    expect(expectedEvidence(0.7, [600, 600], NO_CAP)).toBeLessThan(STARTED);
    expect(expectedEvidence(1, [600, 600], 5)).toBeLessThan(STARTED);
    expect(expectedEvidence(3, [600, 600], NO_CAP)).toBeGreaterThan(2 * STARTED);
  });

  it('has a prior of later starts that sums to what was kept for them', () => {
    let sum = Math.exp(logFirstPrior());
    for (let pair = 0; pair < 2_000_000; pair++) sum += Math.exp(logStartPrior(pair));
    // The rest of the series beyond 2,000,000 is 0.15/1.07 / ln(2e6) = 0.0097.
    expect(sum + 0.15 / 1.07 / Math.log(2_000_003)).toBeCloseTo(1, 3);
  });

  it('cannot be decided by two minutes, however many errors these have', () => {
    const threshold = Math.log(200);
    const evidence = feed(
      [
        [500, 1],
        [500, 1],
      ],
      threshold,
    );
    expect(decides(evidence, threshold)).toBe(false);
    const third = feed(
      [
        [500, 1],
        [500, 1],
        [30, 3],
      ],
      threshold,
    );
    expect(decides(third, threshold)).toBe(true);
  });

  it('is not carried over the line by ordinary minutes after a spike of two', () => {
    const threshold = Math.log(200);
    const after: [number, number][] = Array.from({ length: 30 }, () => [4, 3]);
    const evidence = feed([[60, 3], [60, 3], ...after], threshold);
    expect(decides(evidence, threshold)).toBe(false);
  });

  it('calls zero against zero even, and zero against a real rise decisive', () => {
    const threshold = Math.log(200);
    const even = feed(
      Array.from({ length: 60 }, () => [0, 0]),
      threshold,
    );
    expect(decides(even, threshold)).toBe(false);
    expect(rateRatio(even)).toBe(1);
    const rise = feed(
      Array.from({ length: 12 }, () => [1, 0]),
      threshold,
    );
    expect(decides(rise, threshold)).toBe(true);
    // A coin that falls 12 times on one side: the best possible evidence is 2^12, and ours comes near it.
    expect(weighCounts(rise, threshold).logEvidence).toBeLessThan(12 * Math.log(2));
    expect(weighCounts(rise, threshold).logEvidence).toBeGreaterThan(12 * Math.log(2) - 2.5);
  });

  it('finds events that clump to be worth less, and plain ones not', () => {
    const random = seededRandom(5);
    const plain: [number, number][] = [];
    const clumped: [number, number][] = [];
    for (let i = 0; i < 200; i++) {
      plain.push([poisson(random, 20), poisson(random, 20)]);
      clumped.push([3 * poisson(random, 7), 3 * poisson(random, 7)]);
    }
    expect(overdispersion(feed(plain, NO_CAP))).toBeLessThan(1.15);
    expect(overdispersion(feed(clumped, NO_CAP))).toBeGreaterThan(2);
    expect(overdispersion(feed(clumped, NO_CAP))).toBeLessThan(3.5);
  });
});
