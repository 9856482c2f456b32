import { describe, expect, it } from 'vitest';
import { normal, seededRandom } from '../../../bench/verdict/random.ts';
import {
  addSamplePair,
  describeStretch,
  logRatio,
  type SampleEvidence,
  startSampleEvidence,
  weighSamples,
} from '../../../src/release/verdict/sample-evidence.ts';

const HOST_NOISE = 0.03;

function feed(pairs: [number, number][]): SampleEvidence {
  return pairs.reduce(
    (evidence, [candidate, baseline]) => addSamplePair(evidence, candidate, baseline),
    startSampleEvidence(),
  );
}

const weigh = (pairs: [number, number][], limit = 1.2, both = false) =>
  weighSamples(feed(pairs), limit, both, HOST_NOISE);

/** Mean, variance and lag-one autocorrelation as textbooks write them. */
function textbook(values: number[]): { mean: number; variance: number } {
  const mean = values.reduce((a, b) => a + b) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, variance };
}

describe('evidence from samples', () => {
  it('describes a stretch as textbooks do, from running sums alone', () => {
    const random = seededRandom(1);
    const differences = Array.from({ length: 50 }, () => Math.round(normal(random) * 1e4) / 1e5);
    const evidence = feed(differences.map((d) => [Math.exp(d), 1]));
    const { mean, variance } = textbook(differences);
    const described = describeStretch(evidence.all);
    expect(described.mean).toBeCloseTo(mean, 8);
    expect(described.variance).toBeCloseTo(variance, 8);
  });

  it('counts minutes that follow each other closely as fewer than they are', () => {
    const random = seededRandom(2);
    const independent = Array.from({ length: 60 }, () => 0.05 * normal(random));
    let wander = 0;
    const dependent = independent.map((noise) => {
      wander = 0.8 * wander + noise;
      return wander;
    });
    const effective = (differences: number[]): number =>
      describeStretch(feed(differences.map((d) => [Math.exp(d), 1])).all).effective;
    expect(effective(independent)).toBeGreaterThan(35);
    // In the long run (1 - 0.8) / (1 + 0.8) of the minutes count: 7 of 60.
    expect(effective(dependent)).toBeLessThan(15);
  });

  it('equals the ratio of two normal densities of the hosts’ noise where the minutes themselves do not vary', () => {
    // d = log 1.3 in each of 4 minutes: s = 0, and only the hosts' own difference is left to explain it.
    const d = Math.round(Math.log(1.3) * 1e5) / 1e5;
    const sd = Math.sqrt(1.2) * HOST_NOISE;
    const density = (x: number, mean: number): number => Math.exp(-((x - mean) ** 2) / (2 * sd * sd));
    const alternatives = [
      [1, 0.5],
      [2, 0.3],
      [5, 0.2],
    ].reduce((sum, [size, weight]) => sum + weight! * density(d, size! * Math.log(1.2)), 0);
    const expected = Math.log((alternatives / density(d, 0)) * 0.85);
    expect(weigh(Array.from({ length: 4 }, () => [1.3, 1])).logEvidence).toBeCloseTo(expected, 2);
  });

  it('does not depend on the unit of the measurement', () => {
    const random = seededRandom(3);
    const pairs = Array.from({ length: 30 }, (): [number, number] => [
      120 * Math.exp(0.1 * normal(random)),
      100 * Math.exp(0.1 * normal(random)),
    ]);
    const inSeconds = pairs.map(([a, b]): [number, number] => [a / 1000, b / 1000]);
    expect(weigh(inSeconds).logEvidence).toBeCloseTo(weigh(pairs).logEvidence, 2);
  });

  it('finds nothing in what hosts always differ by, and nothing in a change for the better', () => {
    expect(weigh(Array.from({ length: 60 }, () => [1.03, 1])).logEvidence).toBeLessThan(0);
    expect(weigh(Array.from({ length: 60 }, () => [0.5, 1])).logEvidence).toBeLessThan(0);
    expect(
      weigh(
        Array.from({ length: 60 }, () => [0.5, 1]),
        1.2,
        true,
      ).logEvidence,
    ).toBeGreaterThan(7);
  });

  it('is not moved by a spike of two minutes however high', () => {
    for (const height of [2, 10, 1e6]) {
      const pairs = Array.from({ length: 30 }, (_, i): [number, number] => [
        i === 8 || i === 9 ? height : 1 + (i % 3) / 100,
        1,
      ]);
      for (let n = 4; n <= 30; n++) expect(weigh(pairs.slice(0, n)).logEvidence).toBeLessThan(5);
    }
  });

  it('cuts zero against something to a large but finite difference', () => {
    expect(logRatio(0, 0)).toBe(0);
    expect(logRatio(1, 0)).toBeCloseTo(Math.log(20), 10);
    expect(logRatio(0, 1)).toBeCloseTo(-Math.log(20), 10);
  });
});
