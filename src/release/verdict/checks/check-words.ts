/** The words in which people write checks: keys, kinds and directions, with the spellings that are understood. */
import type { CheckDirection, CheckKind } from '../check.ts';

export const KINDS: Record<string, CheckKind> = {
  ratio: 'ratio',
  rate: 'ratio',
  error_rate: 'ratio',
  errors: 'ratio',
  percent: 'ratio',
  percentage: 'ratio',
  sample: 'sample',
  samples: 'sample',
  latency: 'sample',
  duration: 'sample',
  percentile: 'sample',
  saturation: 'sample',
  gauge: 'sample',
  value: 'sample',
  probe: 'sample',
  count: 'count',
  counter: 'count',
  business: 'count',
  business_count: 'count',
  issues: 'count',
};

export const DIRECTIONS: Record<string, CheckDirection> = {
  lower_is_better: 'lower_is_better',
  lower: 'lower_is_better',
  increase: 'lower_is_better',
  higher_is_better: 'higher_is_better',
  higher: 'higher_is_better',
  decrease: 'higher_is_better',
  either: 'either',
  both: 'either',
};

/** Every key of a check, with the other spellings that are understood. */
const KEYS: Record<string, readonly string[]> = {
  name: ['check', 'metric'],
  kind: ['type'],
  direction: [],
  compare: [],
  limit: ['absolute_limit', 'absolute'],
  gross_limit: ['gross'],
  breaches: ['n'],
  of: ['m'],
  hysteresis: [],
  relative_limit: ['relative', 'max_ratio'],
  criticality: [],
  critical: [],
  minimum_samples: ['min_samples', 'minimum_data', 'min_data', 'minimum_points'],
  minimum_requests: ['min_requests'],
  minimum_coverage: ['min_coverage'],
  host_noise: [],
  // What monitoring needs and the judge does not.
  source: [],
  severity: [],
  description: [],
  unit: [],
};

/** What a word for a kind means, or undefined for one that is none. */
export function kindNamed(word: unknown): CheckKind | undefined {
  const key = typeof word === 'string' ? snakeCase(word.trim().replaceAll(' ', '_')) : '';
  return Object.hasOwn(KINDS, key) ? KINDS[key] : undefined;
}

/** Whether something is a map of keys. */
export const isObject = (input: unknown): input is Record<string, unknown> =>
  typeof input === 'object' && input !== null && !Array.isArray(input);

/** `minSamples` and `min-samples` as `min_samples`. */
export const snakeCase = (key: string): string =>
  key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/-/g, '_');

/** The keys of a check as the table has them, whatever spelling was written; `wrong` is told of every other. */
export function normaliseKeys(
  input: Record<string, unknown>,
  wrong: (key: string, message: string) => void,
): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [written, value] of Object.entries(input)) {
    if (value === undefined) continue;
    const key = snakeCase(written);
    const known = Object.hasOwn(KEYS, key) ? key : Object.keys(KEYS).find((one) => KEYS[one]!.includes(key));
    if (known === undefined)
      wrong(written, `is not a key of a check; the keys are ${Object.keys(KEYS).join(', ')}`);
    else if (Object.hasOwn(fields, known)) wrong(written, `says again what \`${known}\` says`);
    else fields[known] = value;
  }
  return fields;
}

/** What a check counts, by its name, where nobody says. `withRequests`: the checks whose series have requests. */
export function inferKind(name: string, withRequests: ReadonlySet<string> | undefined): CheckKind {
  if (withRequests?.has(name)) return 'ratio';
  if (/latency|p\d\d|saturation|cpu|memory|heap|queue|duration|probe/i.test(name)) return 'sample';
  if (/error|fail|ratio|percent|availability|success/i.test(name)) return 'ratio';
  return /count|orders?|sign_?ups?|business|checkouts?|purchases?|issues|sales|conversions?/i.test(name)
    ? 'count'
    : 'sample';
}

/** Which way is better, by the name of a check, where nobody says. */
export function inferDirection(
  name: string,
  kind: CheckKind,
  isProbe: boolean,
  isIssues: boolean,
): CheckDirection {
  if (isProbe || /success|availability|uptime/i.test(name)) return 'higher_is_better';
  if (kind === 'count')
    return isIssues || /error|fail|issue|crash|timeout|retr(y|ies)/i.test(name)
      ? 'lower_is_better'
      : 'higher_is_better';
  return /throughput|revenue|conversion/i.test(name) ? 'higher_is_better' : 'lower_is_better';
}
