/**
 * A second, independent way to make traffic, with other habits than `traffic.ts`, so that what the judge reaches does not
 * hang on how one generator thinks: latencies are gamma or Weibull or of two kinds of request, and correlated within
 * a minute through the queue; saturation is the utilisation of a queue, of which latency also suffers; requests arrive
 * by a Poisson process whose rate wanders; the candidate may get a tenth of the traffic; percentiles are
 * interpolated or by nearest rank; samples are some seconds late. The judge was not tuned on it.
 */
import type { Sample } from '../../src/release/verdict/check.ts';
import { binomial, normal, poisson, type Random } from './random.ts';
import { activeTroubles, type Loss, type Nature, type Trouble } from './traffic.ts';

const START = Date.parse('2026-05-17T22:00:00Z');

/** What one run's system is like: drawn anew in every run. */
interface System {
  latency: 'gamma' | 'weibull' | 'bimodal';
  shape: number;
  scaleMs: number;
  /** Load of the queue when nothing is wrong, 0 to 1, and how strongly latency suffers of it. */
  utilisation: number;
  queueing: number;
  /** Standard deviation and memory of the log rate's wandering, common to both groups. */
  wander: number;
  memory: number;
  /** Measurement noise of the utilisation: standard deviation and memory of its logarithm. */
  gaugeNoise: number;
  gaugeMemory: number;
  interpolated: boolean;
  lateMs: number;
}

function drawSystem(random: Random): System {
  const between = (low: number, high: number): number => low + (high - low) * random();
  return {
    latency: (['gamma', 'weibull', 'bimodal'] as const)[Math.floor(random() * 3)]!,
    shape: between(1.2, 4),
    scaleMs: Math.exp(between(Math.log(5), Math.log(400))),
    utilisation: between(0.2, 0.6),
    queueing: between(0, 0.5),
    wander: between(0, 0.15),
    memory: between(0.5, 0.95),
    gaugeNoise: between(0.01, 0.05),
    gaugeMemory: between(0, 0.7),
    interpolated: random() < 0.5,
    lateMs: Math.floor(between(0, 20_000)),
  };
}

/** One run, as `simulate` of `traffic.ts`: the same troubles and losses upon another kind of system. */
export function simulateOther(
  random: Random,
  nature: Nature,
  troubles: readonly Trouble[],
  loss: Loss,
  minutes: number,
): { baseline: Sample[]; candidate: Sample[] } {
  const system = drawSystem(random);
  const hosts = { baseline: drawHost(random, nature, system), candidate: drawHost(random, nature, system) };
  const result = { baseline: [] as Sample[], candidate: [] as Sample[] };
  const phase = random();
  let wander = 0;
  for (let minute = 0; minute < minutes; minute++) {
    wander = system.memory * wander + Math.sqrt(1 - system.memory ** 2) * system.wander * normal(random);
    const day = 1 + nature.drift * Math.sin(2 * Math.PI * (phase + minute / 300));
    for (const group of ['baseline', 'candidate'] as const) {
      const factors = activeTroubles(troubles, group, minute);
      const late = group === 'candidate' ? system.lateMs : 0;
      const time = new Date(START + minute * 60_000 + late).toISOString();
      const values = measureOther(random, nature, system, hosts[group], factors, day * Math.exp(wander));
      for (const [check, value, requests] of values) {
        if (loss.gaps !== undefined && random() < loss.gaps) continue;
        if (group === 'candidate' && loss.absent?.includes(check)) continue;
        const isNan = group === 'candidate' && loss.nan !== undefined && random() < loss.nan;
        result[group].push({
          time,
          check,
          group,
          value: isNan ? null : value,
          ...(requests === undefined ? {} : { requests }),
        });
      }
    }
  }
  return result;
}

interface OtherHost {
  errors: number;
  latency: number;
  saturation: number;
  business: number;
  gauge: number;
}

function drawHost(random: Random, nature: Nature, system: System): OtherHost {
  const factor = (): number => Math.max(0.5, 1 + nature.hostNoise * normal(random));
  return {
    errors: factor(),
    latency: factor(),
    saturation: factor(),
    business: factor(),
    gauge: system.gaugeNoise * normal(random),
  };
}

function measureOther(
  random: Random,
  nature: Nature,
  system: System,
  host: OtherHost,
  factors: ReturnType<typeof activeTroubles>,
  load: number,
): [string, number, number?][] {
  const requests = Math.max(1, poisson(random, nature.requestsPerMinute * load));
  const chance = Math.min(1, (factors.errorRate ?? nature.errorRate) * factors.errors * host.errors);
  const errors = binomial(random, requests, chance);
  const utilisation = Math.min(0.97, system.utilisation * load);
  const slow = 1 + (system.queueing * utilisation) / (1 - utilisation);
  const latencies = new Float64Array(requests);
  for (let i = 0; i < requests; i++) {
    const drawn = drawOther(random, system);
    const isTail = factors.tail !== 1 && random() < 0.03;
    // The slowest three per cent are another population where the tail is in trouble.
    latencies[i] =
      slow * host.latency * factors.latency * (isTail ? factors.tail * tailOf(random, system) : drawn);
  }
  latencies.sort();
  const { gaugeMemory } = system;
  host.gauge =
    gaugeMemory * host.gauge + Math.sqrt(1 - gaugeMemory ** 2) * system.gaugeNoise * normal(random);
  const at = system.interpolated ? interpolated : nearestRank;
  return [
    ['error_rate', (errors / requests) * 100, requests],
    ['latency_p95', at(latencies, 0.95)],
    ['latency_p99', at(latencies, 0.99)],
    ['saturation', utilisation * host.saturation * factors.saturation * Math.exp(host.gauge)],
    ['orders', poisson(random, nature.businessPerMinute * load * host.business * factors.business)],
  ];
}

function drawOther(random: Random, system: System): number {
  const { scaleMs, shape } = system;
  if (system.latency === 'weibull') return scaleMs * (-Math.log(1 - random())) ** (1 / shape);
  if (system.latency === 'bimodal')
    return scaleMs * Math.exp(0.25 * normal(random)) * (random() < 0.1 ? 4 : 1);
  // Gamma of a whole or half shape: a sum of exponentials.
  let sum = 0;
  for (let i = 0; i < Math.floor(shape); i++) sum -= Math.log(1 - random());
  return scaleMs * (sum + (shape % 1 > 0.5 ? normal(random) ** 2 / 2 : 0));
}

/** A request from the slowest hundredth, roughly: the slowest of sixty. */
function tailOf(random: Random, system: System): number {
  let slowest = 0;
  for (let i = 0; i < 60; i++) slowest = Math.max(slowest, drawOther(random, system));
  return slowest;
}

function nearestRank(ascending: Float64Array, share: number): number {
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)]!;
}

function interpolated(ascending: Float64Array, share: number): number {
  const place = share * (ascending.length - 1);
  const below = Math.floor(place);
  const above = Math.min(ascending.length - 1, below + 1);
  return ascending[below]! + (place - below) * (ascending[above]! - ascending[below]!);
}
