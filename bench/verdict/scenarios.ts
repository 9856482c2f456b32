/** The scenarios of known truth and what the judge must reach in each. */
import { BUSINESS_SHARE } from './bench-checks.ts';
import { bestFixedPower } from './bound.ts';
import type { Random } from './random.ts';
import { type Loss, type Nature, type Trouble, USUAL } from './traffic.ts';

/** What a scenario's runs amount to. `minutes`: detection times of the failed runs, ascending, from 1. */
export interface Tally {
  runs: number;
  minutes: number[];
  answers: Record<string, number>;
  /** Passes whose reason does not speak of a gap. */
  silentPasses: number;
}

/** One row of the table. */
export interface Scenario {
  name: string;
  nature: Partial<Nature>;
  /** Troubles of one run, which may place them at random. */
  troubles: (random: Random) => Trouble[];
  loss?: Loss;
  /** The target in words, and whether the tally reaches it. */
  target: string;
  reaches: (tally: Tally) => boolean;
}

const always = { group: 'candidate', from: 0, until: Number.POSITIVE_INFINITY } as const;
const none = (): Trouble[] => [];
const LOW = 20;

/** Share of runs that failed by the end of `minute`. */
export function caughtBy(tally: Tally, minute = Number.POSITIVE_INFINITY): number {
  return tally.minutes.filter((at) => at <= minute).length / tally.runs;
}

/** Median minute of detection, of the runs that were caught. */
export function medianMinute(tally: Tally): number {
  return tally.minutes[Math.floor((tally.minutes.length - 1) / 2)] ?? Number.POSITIVE_INFINITY;
}

const falseAtMost =
  (share: number) =>
  (tally: Tally): boolean =>
    caughtBy(tally) <= share;
const caught =
  (share: number, median = Number.POSITIVE_INFINITY, by = Number.POSITIVE_INFINITY) =>
  (tally: Tally): boolean =>
    caughtBy(tally, by) >= share && medianMinute(tally) <= median;

const SPIKE = { errors: 10, latency: 3, saturation: 1.5, business: 0.7 };
const spikeIn =
  (group: 'candidate' | 'both') =>
  (random: Random): Trouble[] => {
    const from = Math.floor(random() * 58);
    return [{ group, from, until: from + 2, ...SPIKE }];
  };

/** The table of the issue, and two rows of our own for regressions that start late. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'no change, 600/min',
    nature: {},
    troubles: none,
    target: '<= 1 % false',
    reaches: falseAtMost(0.01),
  },
  {
    name: 'no change, 20/min',
    nature: { requestsPerMinute: LOW, businessPerMinute: LOW },
    troubles: none,
    target: '<= 1 % false',
    reaches: falseAtMost(0.01),
  },
  ...[600, LOW].flatMap((requestsPerMinute): Scenario[] => {
    const nature = requestsPerMinute === LOW ? { requestsPerMinute, businessPerMinute: LOW } : {};
    return [
      {
        name: `no change, hosts differ by 3 %, ${requestsPerMinute}/min`,
        // The standard deviation of the ratio of two hosts is 3 %.
        nature: { ...nature, hostNoise: 0.03 / Math.SQRT2 },
        troubles: none,
        target: '<= 2 % false',
        reaches: falseAtMost(0.02),
      },
      {
        name: `no change, each host off by 3 %, ${requestsPerMinute}/min`,
        // The harsher reading: 4.2 % between the two.
        nature: { ...nature, hostNoise: 0.03 },
        troubles: none,
        target: '(our own) <= 3 % false',
        reaches: falseAtMost(0.03),
      },
    ];
  }),
  {
    name: 'harmless 2-minute spike in the candidate',
    nature: {},
    troubles: spikeIn('candidate'),
    target: '<= 2 % false',
    reaches: falseAtMost(0.02),
  },
  {
    name: 'the same spike in both',
    nature: {},
    troubles: spikeIn('both'),
    target: '<= 1 % false',
    reaches: falseAtMost(0.01),
  },
  {
    name: 'daily drift in both',
    nature: { drift: 0.4 },
    troubles: none,
    target: '<= 1 % false',
    reaches: falseAtMost(0.01),
  },
  {
    name: 'errors x10, 600/min',
    nature: {},
    troubles: () => [{ ...always, errors: 10 }],
    target: '>= 99 %, median <= 3',
    reaches: caught(0.99, 3),
  },
  {
    name: 'errors x10, 20/min',
    nature: { requestsPerMinute: LOW, businessPerMinute: LOW },
    troubles: () => [{ ...always, errors: 10 }],
    target: '>= 95 % by minute 30',
    reaches: caught(0.95, undefined, 30),
  },
  {
    name: 'errors x2, 600/min',
    nature: {},
    troubles: () => [{ ...always, errors: 2 }],
    target: '>= 99 %, >= 90 % by 25, median <= 15',
    reaches: (tally) => caught(0.99, 15)(tally) && caught(0.9, undefined, 25)(tally),
  },
  {
    name: 'errors 0 -> 1 %, 20/min',
    nature: { requestsPerMinute: LOW, businessPerMinute: LOW, errorRate: 0 },
    troubles: () => [{ ...always, errorRate: 0.01 }],
    target: '>= 65 %',
    reaches: caught(0.65),
  },
  {
    name: 'p99 doubled, 600/min',
    nature: {},
    troubles: () => [{ ...always, tail: 2 }],
    target: '>= 99 %, median <= 10',
    reaches: caught(0.99, 10),
  },
  {
    name: 'latency +30 %, 600/min',
    nature: {},
    troubles: () => [{ ...always, latency: 1.3 }],
    target: '>= 99 %, median <= 10',
    reaches: caught(0.99, 10),
  },
  {
    name: 'saturation +20 %, 600/min',
    nature: {},
    troubles: () => [{ ...always, saturation: 1.2 }],
    target: '>= 99 %, median <= 10',
    reaches: caught(0.99, 10),
  },
  {
    name: 'errors x10 from minute 30, 600/min',
    nature: {},
    troubles: () => [{ ...always, from: 30, errors: 10 }],
    target: '(our own) >= 99 %, median <= 37',
    reaches: caught(0.99, 37),
  },
  {
    name: 'latency +50 % from minute 30, 600/min',
    nature: {},
    troubles: () => [{ ...always, from: 30, latency: 1.5 }],
    target: '(our own) >= 99 %, median <= 40',
    reaches: caught(0.99, 40),
  },
  {
    name: 'business count -15 %, 20 a minute',
    nature: { requestsPerMinute: LOW, businessPerMinute: LOW },
    troubles: () => [{ ...always, business: 0.85 }],
    target: '(our own) >= 0.85 of the power of the best test of fixed length',
    reaches: caught(0.85 * bestFixedPower(LOW, 0.85, 60, BUSINESS_SHARE)),
  },
  {
    name: 'critical errors absent',
    nature: {},
    troubles: none,
    loss: { absent: ['error_rate'] },
    target: 'never a pass: missing, held',
    reaches: (tally) => (tally.answers['missing, held'] ?? 0) + tally.minutes.length === tally.runs,
  },
  {
    name: 'critical errors absent while truly x10',
    nature: {},
    troubles: () => [{ ...always, errors: 10 }],
    loss: { absent: ['error_rate'] },
    target: 'never a pass: missing, held',
    reaches: (tally) => (tally.answers['missing, held'] ?? 0) + tally.minutes.length === tally.runs,
  },
  {
    name: 'errors x10 with the same gaps and NaN',
    nature: {},
    troubles: () => [{ ...always, errors: 10 }],
    loss: { gaps: 0.3, nan: 0.2 },
    target: '(our own) >= 99 %, median <= 10',
    reaches: caught(0.99, 10),
  },
  {
    name: '30 % gaps in both, 20 % NaN in the candidate',
    nature: {},
    troubles: none,
    loss: { gaps: 0.3, nan: 0.2 },
    target: 'pass that states the gap, or inconclusive',
    reaches: (tally) => tally.minutes.length === 0 && tally.silentPasses === 0,
  },
];

/** A scenario's whole nature. */
export function natureOf(scenario: Scenario, varied: Partial<Nature> = {}): Nature {
  return { ...USUAL, ...varied, ...scenario.nature };
}
