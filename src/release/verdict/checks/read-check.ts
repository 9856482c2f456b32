import { type CheckDirection, CRITICALITIES, type Criticality, type MetricCheck } from '../check.ts';
import {
  DIRECTIONS,
  inferDirection,
  inferKind,
  isObject,
  KINDS,
  normaliseKeys,
  snakeCase,
} from './check-words.ts';
import { readLimit, readRelativeLimit } from './read-limit.ts';

/** Something that a person must correct: where, and what to write instead. */
export interface CheckMistake {
  /** `checks[2].direction`. */
  where: string;
  message: string;
}

/** Requests in each group without which two ratios are not compared. */
const FEWEST_REQUESTS = 50;

/** Requests of which one failure is expected at the limit: fewer could not tell that it is kept. */
function fewestAgainst(limitPercent: number | undefined, direction: CheckDirection): number {
  if (limitPercent === undefined) return FEWEST_REQUESTS;
  const failures = direction === 'higher_is_better' ? 100 - limitPercent : limitPercent;
  return failures <= 0 ? FEWEST_REQUESTS : Math.min(FEWEST_REQUESTS, Math.ceil(100 / failures));
}

/** Reads one check, adding to `mistakes`. `withRequests`: the checks whose series have requests; ratios. */
export function readCheck(
  input: unknown,
  givenName: string | undefined,
  where: string,
  withRequests: ReadonlySet<string> | undefined,
  mistakes: CheckMistake[],
): MetricCheck {
  const wrong = (key: string, message: string): void => {
    mistakes.push({ where: key === '' ? where : `${where}.${key}`, message });
  };
  if (!isObject(input)) wrong('', 'must be a map of keys such as `name:` and `kind:`');
  const fields = normaliseKeys(isObject(input) ? input : {}, wrong);
  // `limit: { value: 2, breaches: 3, of: 5 }` means the same as the keys side by side.
  const nested = fields['limit'];
  if (isObject(nested)) {
    const { value, ...rest } = normaliseKeys(
      { ...nested, value: undefined, limit: nested['value'] },
      wrong,
    ) as Record<string, unknown>;
    Object.assign(fields, rest);
  }

  const name = givenName ?? fields['name'];
  if (typeof name !== 'string' || !/^[^\p{Cc}]{1,100}$/u.test(name))
    wrong('name', 'must be a text of 1 to 100 characters');
  const checkName = typeof name === 'string' ? name : '';
  const word = (key: string): string | undefined => {
    const value = fields[key];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string') return snakeCase(value.trim().replaceAll(' ', '_'));
    wrong(key, 'must be a word');
    return undefined;
  };
  const number = (key: string, low: number, high: number, whole: boolean): number | undefined => {
    const value = fields[key];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'number' && value >= low && value <= high && (!whole || Number.isInteger(value)))
      return value;
    wrong(
      key,
      `must be ${whole ? 'a whole number' : 'a number'} from ${low} to ${high === Number.MAX_VALUE ? 'any' : high}`,
    );
    return undefined;
  };
  const choose = <T>(key: string, choices: Record<string, T>, fallback: T): T => {
    const given = word(key);
    if (given === undefined) return fallback;
    if (Object.hasOwn(choices, given)) return choices[given]!;
    wrong(
      key,
      `must be one of ${[...new Set(Object.values(choices).map(String))].join(', ')}, not ${JSON.stringify(fields[key])}`,
    );
    return fallback;
  };

  const isProbe = word('kind') === 'probe' || (word('kind') === undefined && /probe/i.test(checkName));
  const isIssues = word('kind') === 'issues';
  const kind = choose('kind', KINDS, inferKind(checkName, withRequests));
  const direction = choose('direction', DIRECTIONS, inferDirection(checkName, kind, isProbe, isIssues));
  const comparesByDefault = isProbe || isIssues ? 'none' : 'baseline';
  const compare = choose('compare', { baseline: 'baseline', none: 'none' } as const, comparesByDefault);
  const criticality = choose(
    'criticality',
    Object.fromEntries(CRITICALITIES.map((one) => [one, one])) as Record<string, Criticality>,
    fields['critical'] === true ? 'critical' : 'normal',
  );
  if (fields['critical'] !== undefined && typeof fields['critical'] !== 'boolean')
    wrong('critical', 'must be true or false');
  const limitValue =
    number('limit', 0, Number.MAX_VALUE, false) ?? (isProbe ? 0.5 : isIssues ? 0 : undefined);
  const limit = limitValue === undefined ? undefined : readLimit(limitValue, kind, direction, number, wrong);
  if (compare === 'none' && limit === undefined)
    wrong('limit', 'is needed where nothing is compared with a baseline (`compare: none`)');
  if (limit !== undefined && direction === 'either')
    wrong('limit', 'needs a direction: write `direction: lower_is_better` or `higher_is_better`');
  return {
    name: checkName,
    kind,
    direction,
    compare,
    ...(limit === undefined ? {} : { limit }),
    relativeLimit: readRelativeLimit(number('relative_limit', 0.01, 1000, false), kind, direction, wrong),
    criticality,
    minimumSamples: number('minimum_samples', 1, 100_000, true) ?? 5,
    minimumRequests:
      number('minimum_requests', 0, Number.MAX_VALUE, false) ??
      (compare === 'none' ? fewestAgainst(limit?.value, direction) : FEWEST_REQUESTS),
    minimumCoverage: number('minimum_coverage', 0, 1, false) ?? 0.3,
    hostNoise: number('host_noise', 0, 1, false) ?? 0.03,
  };
}
