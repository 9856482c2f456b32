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
import { PEERS, type Peer } from './peers.ts';
import { type PlayedTally, play, type TrafficKind } from './play.ts';
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

/** What the peers did with the same runs. */
function describePeers(tally: PlayedTally): string {
  return (Object.keys(PEERS) as Peer[])
    .map((peer) => `${peer} ${percent(tally.rolledBack[peer] / tally.runs)}`)
    .join(', ');
}

let missed = 0;
/** Healthy runs, without trouble or loss, and how many of them each judge rolled back. */
const healthy = { runs: 0, windlass: 0, Argo: 0, Flagger: 0 };
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
  if (scenario.name.startsWith('no change')) {
    healthy.runs += tally.runs;
    healthy.windlass += tally.minutes.length;
    for (const peer of Object.keys(PEERS) as Peer[]) healthy[peer] += tally.rolledBack[peer];
  }
  const reached = scenario.reaches(tally);
  if (!reached) missed++;
  console.log(
    `${reached ? 'ok ' : 'NOT'} | ${scenario.name} | to reach: ${scenario.target} | reached: ${describe(tally)} | threshold rules roll back: ${describePeers(tally)}`,
  );
}
if (healthy.runs > 0) {
  const share = (rolledBack: number): string => percent(rolledBack / healthy.runs);
  const least = Math.min(healthy.Argo, healthy.Flagger) / Math.max(1, healthy.windlass);
  console.log(
    `\nhealthy runs rolled back (${healthy.runs}, hosts that differ among them): windlass ${share(healthy.windlass)}, ` +
      `Argo's rule ${share(healthy.Argo)}, Flagger's ${share(healthy.Flagger)}; the better of them at least ${least.toFixed(0)} times as often`,
  );
}
console.log(`\n${businessBounds(BUSINESS_SHARE)}`);
console.log(
  `\njudging an hour of 5 checks: ${(judgeMs / Math.max(1, judged)).toFixed(1)} ms; whole bench ${((performance.now() - started) / 1000).toFixed(0)} s`,
);
process.exitCode = missed > 0 ? 1 : 0;
