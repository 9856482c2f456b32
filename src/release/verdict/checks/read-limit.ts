/** What a check must not pass: its absolute limit, and how far it may be from the baseline. */
import { type CheckDirection, type CheckKind, defaultRelativeLimit, type MetricCheck } from '../check.ts';

/** Reads a number of a check by its key, and says so where it is none within the bounds. */
export type ReadNumber = (key: string, low: number, high: number, whole: boolean) => number | undefined;

/** The absolute limit, in the unit of the values (per cent for ratios), with how often it may be passed. */
export function readLimit(
  value: number,
  kind: CheckKind,
  direction: CheckDirection,
  number: ReadNumber,
  wrong: (key: string, message: string) => void,
): NonNullable<MetricCheck['limit']> {
  const higher = direction === 'higher_is_better';
  if (kind === 'ratio' && value > 100) wrong('limit', 'is in per cent: a number from 0 to 100');
  const gross = number('gross_limit', 0, Number.MAX_VALUE, false);
  if (gross !== undefined && (higher ? gross > value : gross < value))
    wrong('gross_limit', `must lie beyond \`limit\` (${value})`);
  const breaches = number('breaches', 1, 1000, true) ?? 3;
  const of = number('of', 1, 1000, true) ?? Math.max(5, breaches);
  if (breaches > of) wrong('breaches', `must not be more than \`of\` (${of})`);
  const defaultGross = defaultGrossLimit(value, kind, higher);
  const chosen = gross ?? defaultGross;
  return {
    value,
    ...(chosen === undefined ? {} : { gross: chosen }),
    breaches,
    of,
    hysteresis: number('hysteresis', 0, 0.9, false) ?? 0.1,
  };
}

/** Three times the limit; a third where higher is better, and for ratios three times the failures. */
function defaultGrossLimit(value: number, kind: CheckKind, higher: boolean): number | undefined {
  if (value === 0 || (higher && kind === 'ratio' && value === 100)) return undefined;
  if (!higher) return kind === 'ratio' ? Math.min(100, 3 * value) : 3 * value;
  return kind === 'ratio' ? Math.max(0, 100 - 3 * (100 - value)) : value / 3;
}

/** The ratio that must be caught, turned to the side on which the check can get worse. */
export function readRelativeLimit(
  given: number | undefined,
  kind: CheckKind,
  direction: CheckDirection,
  wrong: (key: string, message: string) => void,
): number {
  if (given === undefined) return defaultRelativeLimit(kind, direction);
  const size = given < 1 ? 1 / given : given;
  if (size < 1.05) {
    wrong('relative_limit', 'must be a change of at least 5 %, such as 1.2: hosts differ by less than that');
    return defaultRelativeLimit(kind, direction);
  }
  if (given < 1 && direction === 'lower_is_better')
    wrong(
      'relative_limit',
      `is below 1, but lower is better: write what must be caught, such as ${(1 / given).toFixed(2)}`,
    );
  return direction === 'higher_is_better' && kind !== 'ratio' ? 1 / size : size;
}
