/**
 * Simulated request-level traffic of known truth: every request has a latency and may fail; a minute's percentiles
 * are computed from that minute's requests, as a metrics system would. Five checks a minute for two groups.
 */
import type { Sample } from '../../src/release/verdict/check.ts';
import { binomial, normal, poisson, type Random } from './random.ts';

/** What the hosts and their traffic are like when nothing is wrong. */
export interface Nature {
  requestsPerMinute: number;
  errorRate: number;
  medianLatencyMs: number;
  /** Spread of the logarithm of a request's latency. */
  latencySpread: number;
  /** Share of requests with a heavy (Pareto) tail, and its exponent: the smaller the heavier. */
  tailShare: number;
  tailExponent: number;
  /** Level of saturation in per cent, spread of its logarithm, and how much a minute depends on the last. */
  saturation: number;
  saturationSpread: number;
  saturationMemory: number;
  /** Business events a minute when nothing is wrong, and their variance in units of their mean. */
  businessPerMinute: number;
  businessClumping: number;
  /** Every host's own fixed factors are drawn with this standard deviation. */
  hostNoise: number;
  /** How far traffic, latency and saturation of both groups swing over the day (0.3: up to 30 %). */
  drift: number;
  /** Standard deviation of how much the whole system (both groups) is slower or faster in a minute. */
  commonNoise: number;
}

export const USUAL: Nature = {
  requestsPerMinute: 600,
  errorRate: 0.005,
  medianLatencyMs: 80,
  latencySpread: 0.5,
  tailShare: 0.02,
  tailExponent: 2.5,
  saturation: 50,
  saturationSpread: 0.04,
  saturationMemory: 0.5,
  businessPerMinute: 60,
  businessClumping: 1,
  hostNoise: 0,
  drift: 0,
  commonNoise: 0.02,
};

/** What is different in one group from one minute on until another: factors, 1 for nothing. */
export interface Trouble {
  group: 'candidate' | 'both';
  from: number;
  until: number;
  errors?: number;
  /** An error rate of its own, where the usual one is zero. */
  errorRate?: number;
  latency?: number;
  /** Only the slowest requests (about 3 %) are slower by this factor: p99 moves, p95 hardly. */
  tail?: number;
  saturation?: number;
  business?: number;
}

/** How the measurements suffer on their way. */
export interface Loss {
  /** Share of samples that never arrive, in both groups. */
  gaps?: number;
  /** Share of the candidate's samples that are NaN. */
  nan?: number;
  /** Checks whose samples never arrive in the candidate. */
  absent?: string[];
}

export const CHECK_NAMES = ['error_rate', 'latency_p95', 'latency_p99', 'saturation', 'orders'] as const;

const START = Date.parse('2026-03-02T10:00:00Z');

/** One run: both groups' samples, minute by minute. */
export function simulate(
  random: Random,
  nature: Nature,
  troubles: readonly Trouble[],
  loss: Loss,
  minutes: number,
): { baseline: Sample[]; candidate: Sample[] } {
  const hosts = { baseline: drawHost(random, nature), candidate: drawHost(random, nature) };
  const result = { baseline: [] as Sample[], candidate: [] as Sample[] };
  const phase = random();
  for (let minute = 0; minute < minutes; minute++) {
    const time = new Date(START + minute * 60_000).toISOString();
    const day = 1 + nature.drift * Math.sin(2 * Math.PI * (phase + minute / 240));
    const common = day * Math.exp(nature.commonNoise * normal(random));
    for (const group of ['baseline', 'candidate'] as const) {
      const values = measure(
        random,
        nature,
        hosts[group],
        activeTroubles(troubles, group, minute),
        day,
        common,
      );
      for (const [check, value, requests] of values) {
        if (loss.gaps !== undefined && random() < loss.gaps) continue;
        if (group === 'candidate' && loss.absent?.includes(check)) continue;
        const isNan = group === 'candidate' && loss.nan !== undefined && random() < loss.nan;
        result[group].push({
          time,
          check,
          group,
          value: isNan ? Number.NaN : value,
          ...(requests === undefined ? {} : { requests }),
        });
      }
    }
  }
  return result;
}

interface Host {
  errors: number;
  latency: number;
  saturation: number;
  business: number;
  /** Where the saturation's own wandering stands. */
  wander: number;
}

function drawHost(random: Random, nature: Nature): Host {
  const factor = (): number => Math.exp(nature.hostNoise * normal(random));
  return {
    errors: factor(),
    latency: factor(),
    saturation: factor(),
    business: factor(),
    wander: nature.saturationSpread * normal(random),
  };
}

type Factors = Required<Pick<Trouble, 'errors' | 'latency' | 'tail' | 'saturation' | 'business'>> & {
  errorRate?: number;
};

/** The factors that are at work in a group in a minute. */
export function activeTroubles(troubles: readonly Trouble[], group: string, minute: number): Factors {
  const factors: Factors = { errors: 1, latency: 1, tail: 1, saturation: 1, business: 1 };
  for (const trouble of troubles) {
    if (minute < trouble.from || minute >= trouble.until) continue;
    if (trouble.group !== 'both' && trouble.group !== group) continue;
    factors.errors *= trouble.errors ?? 1;
    factors.latency *= trouble.latency ?? 1;
    factors.tail *= trouble.tail ?? 1;
    factors.saturation *= trouble.saturation ?? 1;
    factors.business *= trouble.business ?? 1;
    if (trouble.errorRate !== undefined) factors.errorRate = trouble.errorRate;
  }
  return factors;
}

function measure(
  random: Random,
  nature: Nature,
  host: Host,
  factors: Factors,
  day: number,
  common: number,
): [string, number, number?][] {
  const requests = Math.max(1, poisson(random, nature.requestsPerMinute * day));
  const errorRate = Math.min(1, (factors.errorRate ?? nature.errorRate) * factors.errors * host.errors);
  const errors = binomial(random, requests, errorRate);
  const slowness = nature.medianLatencyMs * host.latency * factors.latency * common;
  const latencies = new Float64Array(requests);
  for (let i = 0; i < requests; i++) latencies[i] = slowness * drawLatency(random, nature, factors.tail);
  latencies.sort();
  // An autoregressive wander of the saturation around its level, of constant spread.
  const memory = nature.saturationMemory;
  host.wander =
    memory * host.wander + Math.sqrt(1 - memory * memory) * nature.saturationSpread * normal(random);
  const saturation = nature.saturation * host.saturation * factors.saturation * day * Math.exp(host.wander);
  return [
    ['error_rate', (errors / requests) * 100, requests],
    ['latency_p95', percentile(latencies, 0.95)],
    ['latency_p99', percentile(latencies, 0.99)],
    ['saturation', saturation],
    [
      'orders',
      drawBusiness(random, nature, nature.businessPerMinute * host.business * factors.business * day),
    ],
  ];
}

/** Log-normal with a share of Pareto; `tail` multiplies the slowest three per cent. */
function drawLatency(random: Random, nature: Nature, tail: number): number {
  const heavy = random() < nature.tailShare;
  const body = normal(random);
  const base = Math.exp(nature.latencySpread * body);
  const value = heavy ? 2 * base * (1 - random()) ** (-1 / nature.tailExponent) : base;
  return tail !== 1 && (heavy || body > 1.9) ? value * tail : value;
}

/** Poisson, or clumped: a Poisson number of clumps of a fixed size. */
function drawBusiness(random: Random, nature: Nature, mean: number): number {
  const clump = nature.businessClumping;
  return clump <= 1 ? poisson(random, mean) : Math.round(poisson(random, mean / clump) * clump);
}

/** Nearest-rank percentile of ascending numbers. */
function percentile(ascending: Float64Array, share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.ceil(share * ascending.length) - 1)]!;
}
