import { describe, expect, it } from 'vitest';
import { play, type TrafficKind } from '../../../bench/verdict/play.ts';
import { caughtBy, medianMinute, SCENARIOS } from '../../../bench/verdict/scenarios.ts';

const RUNS = 16;
const tallyOf = (name: string, traffic: TrafficKind = 'usual') => {
  const scenario = SCENARIOS.find((one) => one.name === name);
  if (scenario === undefined) throw new Error(`no scenario is called ${name}`);
  return play(scenario, { runs: RUNS, seed: 11, traffic });
};

// Few runs of the bench's own table, with room for chance: `npm run bench:verdict` plays hundreds.
describe('on simulated traffic of known truth, the judge', () => {
  for (const name of [
    'no change, 600/min',
    'no change, 20/min',
    'no change, hosts differ by 3 %, 600/min',
    'harmless 2-minute spike in the candidate',
    'the same spike in both',
    'daily drift in both',
  ])
    it(`lets through: ${name}`, () => {
      expect(tallyOf(name).minutes.length).toBeLessThanOrEqual(2);
      expect(tallyOf(name, 'varied').minutes.length).toBeLessThanOrEqual(3);
    });

  for (const [name, median] of [
    ['errors x10, 600/min', 4],
    ['errors x2, 600/min', 18],
    ['p99 doubled, 600/min', 10],
    ['latency +30 %, 600/min', 10],
    ['saturation +20 %, 600/min', 12],
    ['errors x10 from minute 30, 600/min', 38],
  ] as const)
    it(`catches soon: ${name}`, () => {
      const tally = tallyOf(name);
      expect(caughtBy(tally)).toBeGreaterThanOrEqual(0.97);
      expect(medianMinute(tally)).toBeLessThanOrEqual(median);
    });

  it('catches most of what few requests can show: errors x10 and 0 -> 1 % at 20 requests a minute', () => {
    expect(caughtBy(tallyOf('errors x10, 20/min'), 40)).toBeGreaterThan(0.9);
    expect(caughtBy(tallyOf('errors 0 -> 1 %, 20/min'))).toBeGreaterThan(0.5);
  });

  it('never passes without the critical check, healthy or not', () => {
    for (const name of ['critical errors absent', 'critical errors absent while truly x10'])
      expect(tallyOf(name).answers['pass']).toBeUndefined();
  });

  it('neither fails nor keeps silent about gaps and NaN', () => {
    const tally = tallyOf('30 % gaps in both, 20 % NaN in the candidate');
    expect(tally.minutes).toEqual([]);
    expect(tally.silentPasses).toBe(0);
  });
});
