/**
 * Series that cannot mean what they say. A share written as a share (0.005) where per cent are meant (0.5) stands for
 * no failed request at all, so that a real regression would be judged as health: such a series gets no verdict.
 */
import type { MetricCheck } from './check.ts';
import type { SeriesSample } from './read-series.ts';

/** Fewer values than this may be small by chance. */
const FEWEST_VALUES = 3;

/**
 * What is wrong with the ratios of one group, in sentences; empty where nothing is. Any failure at all is at least one request,
 * so a value above zero that stands for less than half of one is no percentage of its `requests`. One such value may
 * come from a source that averages; when all of them are such, the unit is wrong.
 */
export function findDoubtfulRatios(
  checks: readonly MetricCheck[],
  samples: readonly SeriesSample[],
): string[] {
  return checks.flatMap((check) => {
    if (check.kind !== 'ratio' || check.direction === 'higher_is_better') return [];
    let largest = { percent: 0, requests: 0 };
    let values = 0;
    for (const { check: name, value, requests } of samples) {
      if (name !== check.name || value === null || !(value > 0) || requests === undefined) continue;
      if ((value / 100) * requests >= 0.5) return [];
      values += 1;
      if (value > largest.percent) largest = { percent: value, requests };
    }
    if (values < FEWEST_VALUES) return [];
    const share = Number(largest.percent.toPrecision(3));
    return [
      `${check.name}: no value stands for even half a failed request (the largest is ${share} % of ${largest.requests} requests). Values must be per cent (0.5 and not 0.005), and \`requests\` the number in the sample's whole interval, not in a second`,
    ];
  });
}
