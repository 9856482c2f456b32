/**
 * `npm run bench:verdict`: how often the judge is wrong, and how soon right, on simulated traffic of known truth.
 *
 *   node bench/verdict/run.ts [--runs 400] [--seed 1] [--robust] [--only TEXT]
 *
 * `--robust` draws the nature of the traffic anew in every run (tails, noise, memory, levels), so that what is
 * reached does not hang on one choice of parameters. Exit code 1 where a row is not reached.
 */
import { parseArgs } from 'node:util';
import { readChecks } from '../../src/release/verdict/read-checks.ts';
import { judgeSeries } from '../../src/release/verdict/series.ts';
import { businessBounds } from './bound.ts';
import { type Random, seededRandom } from './random.ts';
import { caughtBy, medianMinute, natureOf, type Scenario, SCENARIOS, type Tally } from './scenarios.ts';
import { type Nature, simulate } from './traffic.ts';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '400' },
    seed: { type: 'string', default: '1' },
    robust: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});

const { checks } = readChecks([
  { name: 'error_rate', kind: 'ratio', criticality: 'critical' },
  { name: 'latency_p95', kind: 'sample' },
  { name: 'latency_p99', kind: 'sample' },
  { name: 'saturation', kind: 'sample' },
  { name: 'orders', kind: 'count', direction: 'higher_is_better' },
]);

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

function play(scenario: Scenario, runs: number): Tally & { judgeMs: number } {
  const tally: Tally & { judgeMs: number } = { runs, minutes: [], answers: {}, silentPasses: 0, judgeMs: 0 };
  for (let run = 0; run < runs; run++) {
    const random = seededRandom(Number(options.seed) * 1_000_003 + run * 7919 + scenario.name.length * 104_729);
    const nature = natureOf(scenario, options.robust ? varyNature(random) : {});
    const troubles = scenario.troubles(random);
    const series = simulate(random, nature, troubles, scenario.loss ?? {}, MINUTES);
    const before = performance.now();
    const verdict = judgeSeries(checks, series.baseline, series.candidate);
    tally.judgeMs += performance.now() - before;
    if (verdict.verdict === 'fail') {
      const first = Date.parse('2026-03-02T10:00:00Z');
      tally.minutes.push(Math.round((Date.parse(verdict.detectedAt!) - first) / 60_000) + 1);
      for (const check of verdict.checks)
        if (check.verdict === 'fail') tally.answers[`by ${check.name}`] = (tally.answers[`by ${check.name}`] ?? 0) + 1;
    }
    const answer = verdict.held ? `${verdict.verdict}, held` : verdict.verdict;
    tally.answers[answer] = (tally.answers[answer] ?? 0) + 1;
    if (verdict.verdict === 'pass' && !verdict.reason.includes('without a usable value')) tally.silentPasses++;
  }
  tally.minutes.sort((a, b) => a - b);
  return tally;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function describe(tally: Tally): string {
  const parts = [`fail ${percent(caughtBy(tally))}`];
  if (tally.minutes.length > tally.runs / 10)
    parts.push(`by 25 ${percent(caughtBy(tally, 25))}, by 30 ${percent(caughtBy(tally, 30))}, median ${medianMinute(tally)}`);
  const others = Object.entries(tally.answers).filter(([answer]) => answer !== 'fail');
  parts.push(others.map(([answer, runs]) => `${answer} ${runs}`).join(', '));
  return parts.join('; ');
}

let missed = 0;
const started = performance.now();
let judgeMs = 0;
let judged = 0;
const runs = Number(options.runs);
console.log(`${runs} runs a scenario, seed ${options.seed}, ${options.robust ? 'varied' : 'usual'} traffic, 5 checks, 60 minutes\n`);
for (const scenario of SCENARIOS) {
  if (options.only !== undefined && !scenario.name.includes(options.only)) continue;
  const tally = play(scenario, runs);
  judgeMs += tally.judgeMs;
  judged += tally.runs;
  const reached = scenario.reaches(tally);
  if (!reached) missed++;
  console.log(`${reached ? 'ok ' : 'NOT'} | ${scenario.name} | to reach: ${scenario.target} | reached: ${describe(tally)}`);
}
console.log(`\n${businessBounds()}`);
console.log(`\njudging an hour of 5 checks: ${(judgeMs / Math.max(1, judged)).toFixed(1)} ms; whole bench ${((performance.now() - started) / 1000).toFixed(0)} s`);
process.exitCode = missed > 0 ? 1 : 0;
