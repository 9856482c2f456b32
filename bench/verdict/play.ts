/** Plays a scenario many times and tallies the verdicts. */
import { judgeSeries } from '../../src/release/verdict/series.ts';
import { BENCH_CHECKS } from './bench-checks.ts';
import { simulateOther } from './other-traffic.ts';
import { minuteOfRollback, PEERS, type Peer } from './peers.ts';
import { type Random, seededRandom } from './random.ts';
import { natureOf, type Scenario, type Tally } from './scenarios.ts';
import { type Nature, simulate } from './traffic.ts';

/** Another nature of traffic: what a system may be like whose owner never heard of this bench. */
function varyNature(random: Random): Partial<Nature> {
  const between = (low: number, high: number): number => low + (high - low) * random();
  return {
    medianLatencyMs: Math.exp(between(Math.log(2), Math.log(2000))),
    latencySpread: between(0.25, 0.9),
    tailShare: between(0, 0.06),
    tailExponent: between(1.5, 4),
    saturation: between(10, 80),
    saturationSpread: between(0.01, 0.06),
    saturationMemory: between(0, 0.8),
    businessClumping: random() < 0.3 ? 2 : 1,
    commonNoise: between(0, 0.1),
  };
}

const MINUTES = 60;

/**
 * `usual`: one nature of traffic. `varied`: another in every run. `other`: a generator of another kind
 * (`other-traffic.ts`), on which the judge was not tuned.
 */
export type TrafficKind = 'usual' | 'varied' | 'other';

/** How to play a scenario. */
export interface PlayOptions {
  runs: number;
  seed: number;
  traffic: TrafficKind;
}

/** A scenario's tally, the time that the judge alone took, and how many runs each peer rolled back. */
export interface PlayedTally extends Tally {
  judgeMs: number;
  rolledBack: Record<Peer, number>;
}

/** Simulates and judges a scenario; the peers judge the same runs. */
export function play(scenario: Scenario, options: PlayOptions): PlayedTally {
  const { runs } = options;
  const tally: PlayedTally = {
    runs,
    minutes: [],
    answers: {},
    silentPasses: 0,
    judgeMs: 0,
    rolledBack: { Argo: 0, Flagger: 0 },
  };
  for (let run = 0; run < runs; run++) {
    const random = seededRandom(options.seed * 1_000_003 + run * 7919 + scenario.name.length * 104_729);
    const nature = natureOf(scenario, options.traffic === 'varied' ? varyNature(random) : {});
    const troubles = scenario.troubles(random);
    const make = options.traffic === 'other' ? simulateOther : simulate;
    const series = make(random, nature, troubles, scenario.loss ?? {}, MINUTES);
    for (const peer of Object.keys(PEERS) as Peer[])
      if (minuteOfRollback(series, peer) !== null) tally.rolledBack[peer]++;
    const before = performance.now();
    const verdict = judgeSeries(BENCH_CHECKS, series.baseline, series.candidate);
    tally.judgeMs += performance.now() - before;
    if (verdict.verdict === 'fail') {
      const first = Math.min(...series.baseline.map((sample) => Date.parse(sample.time)));
      tally.minutes.push(Math.floor((Date.parse(verdict.detectedAt!) - first) / 60_000) + 1);
      for (const check of verdict.checks)
        if (check.verdict === 'fail')
          tally.answers[`by ${check.name}`] = (tally.answers[`by ${check.name}`] ?? 0) + 1;
    }
    const answer = verdict.held ? `${verdict.verdict}, held` : verdict.verdict;
    tally.answers[answer] = (tally.answers[answer] ?? 0) + 1;
    if (verdict.verdict === 'pass' && !verdict.reason.includes('without a usable value'))
      tally.silentPasses++;
  }
  tally.minutes.sort((a, b) => a - b);
  return tally;
}
