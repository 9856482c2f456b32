/**
 * An exact group-sequential test that a rate of events is higher on one side (Lan and DeMets' alpha spending on the
 * conditional binomial).
 *
 * Given that a minute saw `k` events in both groups, the worse side's share of them is binomial with the known chance
 * q = exposure / total exposure while the rates are equal, whatever the common rate is. So the distribution of the
 * running sum of that share, among the paths that have not been called a regression yet, can be carried along
 * exactly: convolved with each minute's binomial, and cut where the error rate that may be spent by then is reached.
 * Nothing is lost to an inequality (Ville's bound of an e-process is not tight), and the chance of ever crossing is
 * what was spent. What it lacks is memory of when a change began: `count-evidence.ts` has that.
 *
 * Large counts are carried on a coarser grid, with the normal distribution in place of the binomial.
 */
import { logGamma, normalCdf, round4 } from './numbers.ts';

/** What is carried from minute to minute. */
export interface SpendingTest {
  /** Events that one cell of `mass` stands for: 1, 2, 4, … */
  unit: number;
  /** Sum, in units, that the first cell of `mass` stands for. */
  low: number;
  /** Chance, under equal rates, of each running sum that has not crossed yet. */
  mass: number[];
  /** Events on the worse side, and their variance under equal rates, in what `mass` already holds. */
  sum: number;
  variance: number;
  /** Error rate spent so far. */
  spent: number;
  /** What waits for the next look: events on the worse side, on both, and the expected number on the worse side. */
  waiting: { worse: number; both: number; expected: number };
  /** Whether the boundary was crossed at the latest look. */
  crossed: boolean;
}

/** Cells kept at most: ten standard deviations, at least sixteen cells each. */
const MOST_CELLS = 160;
const WIDTH = 10;
/** Chance in the lower tail that is moved up into the lowest cell kept, which only makes crossing likelier. */
const TAIL = 1e-6;
/** Within so many standard deviations a step is computed. */
const REACH = 6.5;

/** Nothing seen yet. */
export function startSpendingTest(): SpendingTest {
  return {
    unit: 1,
    low: 0,
    mass: [1],
    sum: 0,
    variance: 0,
    spent: 0,
    waiting: { worse: 0, both: 0, expected: 0 },
    crossed: false,
  };
}

/**
 * Takes in a minute: `worse` of `both` events on the side that may have got worse, where equal rates give each event
 * the chance `share` to be there. `allowance`: error rate that may be spent by now, in all (not decreasing); `dispersion`:
 * variance in units of the binomial's, at least 1.
 */
export function addToSpendingTest(
  test: SpendingTest,
  minute: { worse: number; both: number; share: number },
  allowance: number,
  dispersion: number,
): SpendingTest {
  const waiting = {
    worse: test.waiting.worse + minute.worse,
    both: test.waiting.both + minute.both,
    expected: test.waiting.expected + minute.both * minute.share,
  };
  if (waiting.both === 0) return test;
  const share = waiting.expected / waiting.both;
  const stepVariance = dispersion * waiting.both * share * (1 - share);
  const variance = test.variance + stepVariance;
  let grid: Grid = { unit: test.unit, low: test.low, mass: test.mass };
  while ((WIDTH * Math.sqrt(variance)) / grid.unit > MOST_CELLS) grid = coarsen(grid);
  // A step narrower than the cells would be blurred by them: it waits for more.
  if (grid.unit > 1 && stepVariance < (1.5 * grid.unit) ** 2) return { ...test, waiting };

  const step =
    grid.unit === 1 && dispersion === 1
      ? binomialStep(waiting.both, share)
      : normalStep(waiting.expected, Math.sqrt(stepVariance), grid.unit);
  grid = convolve(grid, step);
  const cut = cutTop(grid, allowance - test.spent);
  const sum = test.sum + waiting.worse;
  const boundary = (cut.boundary - 0.5) * grid.unit + 0.5;
  return {
    ...trimBottom(cut.grid),
    sum,
    variance: round4(variance),
    spent: test.spent + cut.spent,
    waiting: { worse: 0, both: 0, expected: 0 },
    crossed: allowance > test.spent && sum >= boundary,
  };
}

interface Grid {
  unit: number;
  low: number;
  mass: number[];
}

/** Chances of an increase by `low`, `low` + 1, … units. */
interface Step {
  low: number;
  mass: number[];
}

function coarsen(grid: Grid): Grid {
  const low = Math.floor(grid.low / 2);
  const mass: number[] = [];
  grid.mass.forEach((chance, i) => {
    const cell = Math.floor((grid.low + i) / 2) - low;
    mass[cell] = (mass[cell] ?? 0) + chance;
  });
  return { unit: grid.unit * 2, low, mass };
}

function binomialStep(trials: number, chance: number): Step {
  const spread = REACH * Math.sqrt(trials * chance * (1 - chance)) + 8;
  const low = Math.max(0, Math.floor(trials * chance - spread));
  const high = Math.min(trials, Math.ceil(trials * chance + spread));
  // From the first by the ratio of neighbours: the chance of one more hit.
  let term = Math.exp(
    logGamma(trials + 1) -
      logGamma(low + 1) -
      logGamma(trials - low + 1) +
      low * Math.log(chance) +
      (trials - low) * Math.log1p(-chance),
  );
  const mass: number[] = [];
  for (let hits = low; hits <= high; hits++) {
    mass.push(term);
    term *= ((trials - hits) / (hits + 1)) * (chance / (1 - chance));
  }
  return { low, mass };
}

function normalStep(mean: number, deviation: number, unit: number): Step {
  const low = Math.floor((mean - REACH * deviation) / unit);
  const high = Math.ceil((mean + REACH * deviation) / unit);
  const below = (cell: number): number => normalCdf(((cell - 0.5) * unit - mean) / deviation);
  const mass: number[] = [];
  let before = below(low);
  for (let cell = low; cell <= high; cell++) {
    const after = below(cell + 1);
    mass.push(after - before);
    before = after;
  }
  return { low, mass };
}

function convolve(grid: Grid, step: Step): Grid {
  const mass = new Array<number>(grid.mass.length + step.mass.length - 1).fill(0);
  for (let i = 0; i < grid.mass.length; i++)
    for (let j = 0; j < step.mass.length; j++) mass[i + j]! += grid.mass[i]! * step.mass[j]!;
  return { unit: grid.unit, low: grid.low + step.low, mass };
}

/** Cuts off as much of the top as may be spent. `boundary`: the lowest sum, in units, that was cut off. */
function cutTop(grid: Grid, budget: number): { grid: Grid; spent: number; boundary: number } {
  let spent = 0;
  let kept = grid.mass.length;
  while (kept > 0 && spent + grid.mass[kept - 1]! <= budget) spent += grid.mass[--kept]!;
  return { grid: { ...grid, mass: grid.mass.slice(0, kept) }, spent, boundary: grid.low + kept };
}

/** Moves the lower tail up into the lowest cell that is kept, and rounds to what is worth keeping. */
function trimBottom(grid: Grid): Grid {
  let tail = 0;
  let first = 0;
  while (first < grid.mass.length - 1 && tail + grid.mass[first]! <= TAIL) tail += grid.mass[first++]!;
  const mass = grid.mass.slice(first).map(round4);
  mass[0] = round4(mass[0]! + tail);
  return { unit: grid.unit, low: grid.low + first, mass };
}
