/**
 * `npm run bench:verdict`: how often the judge is wrong, and how soon right, on simulated traffic of known truth.
 *
 *   node bench/verdict/run.ts [--runs 400] [--seed 1] [--traffic usual|varied|other] [--only TEXT]
 *
 * `--traffic varied` draws the nature of the traffic anew in every run (tails, noise, memory, levels), `other` is
 * another generator altogether, so that what is reached does not hang on one choice of parameters. Exit code 1 where a row is not reached.
 */
import { parseArgs } from 'node:util';
import { BUSINESS_SHARE } from './bench-checks.ts';
import { businessBounds } from './bound.ts';
import { play, type TrafficKind } from './play.ts';
import { caughtBy, medianMinute, SCENARIOS, type Tally } from './scenarios.ts';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '400' },
    seed: { type: 'string', default: '1' },
    traffic: { type: 'string', default: 'usual' },
    only: { type: 'string' },
  },
});

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function describe(tally: Tally): string {
  const parts = [`fail ${percent(caughtBy(tally))}`];
  if (tally.minutes.length > tally.runs / 10)
    parts.push(
      `by 25 ${percent(caughtBy(tally, 25))}, by 30 ${percent(caughtBy(tally, 30))}, median ${medianMinute(tally)}`,
    );
  const others = Object.entries(tally.answers).filter(([answer]) => answer !== 'fail');
  parts.push(others.map(([answer, runs]) => `${answer} ${runs}`).join(', '));
  return parts.join('; ');
}

let missed = 0;
const started = performance.now();
let judgeMs = 0;
let judged = 0;
const runs = Number(options.runs);
if (!['usual', 'varied', 'other'].includes(options.traffic))
  throw new Error('--traffic must be usual, varied or other');
const traffic = options.traffic as TrafficKind;
console.log(
  `${runs} runs a scenario, seed ${options.seed}, ${options.traffic} traffic, 5 checks, 60 minutes\n`,
);
for (const scenario of SCENARIOS) {
  if (options.only !== undefined && !scenario.name.includes(options.only)) continue;
  const tally = play(scenario, { runs, seed: Number(options.seed), traffic });
  judgeMs += tally.judgeMs;
  judged += tally.runs;
  const reached = scenario.reaches(tally);
  if (!reached) missed++;
  console.log(
    `${reached ? 'ok ' : 'NOT'} | ${scenario.name} | to reach: ${scenario.target} | reached: ${describe(tally)}`,
  );
}
console.log(`\n${businessBounds(BUSINESS_SHARE)}`);
console.log(
  `\njudging an hour of 5 checks: ${(judgeMs / Math.max(1, judged)).toFixed(1)} ms; whole bench ${((performance.now() - started) / 1000).toFixed(0)} s`,
);
process.exitCode = missed > 0 ? 1 : 0;
