/**
 * Reads checks as people write them, in `windlass.yaml`'s own form (already parsed from YAML or JSON), and fills in
 * defaults. All mistakes are reported at once. Keys may be written `snake_case` or `camelCase`.
 */
import {
  type CheckDirection,
  type CheckKind,
  type Criticality,
  defaultRelativeLimit,
  type MetricCheck,
} from './check.ts';

/** Something that a person must correct: where, and what to write instead. */
export interface CheckMistake {
  /** `checks[2].direction`. */
  where: string;
  message: string;
}

/** What was read. `checks` is empty if there is any mistake. */
export interface ReadChecks {
  checks: MetricCheck[];
  mistakes: CheckMistake[];
}

const KINDS: Record<string, CheckKind> = {
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

const DIRECTIONS: Record<string, CheckDirection> = {
  lower_is_better: 'lower_is_better',
  lower: 'lower_is_better',
  increase: 'lower_is_better',
  higher_is_better: 'higher_is_better',
  higher: 'higher_is_better',
  decrease: 'higher_is_better',
  either: 'either',
  both: 'either',
};

const CRITICALITIES: readonly Criticality[] = ['critical', 'normal', 'advisory'];

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

const isObject = (input: unknown): input is Record<string, unknown> =>
  typeof input === 'object' && input !== null && !Array.isArray(input);

const snakeCase = (key: string): string =>
  key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/-/g, '_');

/** What helps to read checks that say little. `withRequests`: the checks whose series have requests; ratios. */
export interface ReadOptions {
  withRequests?: ReadonlySet<string>;
  /** Which of several lists of checks is meant: the name of the environment that holds it. */
  environment?: string;
}

/**
 * Reads a list of checks, a map from name to check, or an object that holds either under `checks` at any depth of
 * objects (`environments: { production: { checks } }`).
 */
export function readChecks(input: unknown, options: ReadOptions = {}): ReadChecks {
  const places = findChecks(input, '').filter(
    ({ where }) => options.environment === undefined || where.split('.').includes(options.environment),
  );
  if (places.length === 0)
    return {
      checks: [],
      mistakes: [{ where: '(top)', message: 'holds no checks: write a list of them under `checks:`' }],
    };
  if (places.length > 1)
    return {
      checks: [],
      mistakes: [
        {
          where: '(top)',
          message: `holds several lists of checks (${places.map((place) => place.where).join(', ')}): say which environment is meant`,
        },
      ],
    };
  const mistakes: CheckMistake[] = [];
  const { where, items } = places[0]!;
  const checks = items.map(({ item, name }, i) =>
    readCheck(item, name, `${where}[${name ?? i}]`, options, mistakes),
  );
  checks.forEach((check, i) => {
    if (check.name !== '' && checks.findIndex((other) => other.name === check.name) < i)
      mistakes.push({ where: `${where}[${i}].name`, message: `is used twice: ${check.name}` });
  });
  if (items.length === 0) mistakes.push({ where, message: 'is empty: at least one check is needed' });
  return mistakes.length > 0 ? { checks: [], mistakes } : { checks, mistakes };
}

interface Place {
  where: string;
  items: { item: unknown; name?: string }[];
}

/** Everything called `checks`, or the input itself if it is a list. */
function findChecks(input: unknown, path: string): Place[] {
  if (path === '' && Array.isArray(input))
    return [{ where: 'checks', items: input.map((item) => ({ item })) }];
  const entries: [string, unknown][] = Array.isArray(input)
    ? input.map((item, i) => [
        isObject(item) && typeof item['name'] === 'string' ? item['name'] : String(i),
        item,
      ])
    : isObject(input)
      ? Object.entries(input)
      : [];
  return entries.flatMap(([key, value]): Place[] => {
    const where = path === '' ? key : `${path}.${key}`;
    if (key === 'checks' && Array.isArray(value)) return [{ where, items: value.map((item) => ({ item })) }];
    if (key === 'checks' && isObject(value))
      return [{ where, items: Object.entries(value).map(([name, item]) => ({ item, name })) }];
    return findChecks(value, where);
  });
}

/** Requests in each group without which two ratios are not compared. */
const FEWEST_REQUESTS = 50;

/** Requests of which one failure is expected at the limit: fewer could not tell that it is kept. */
function fewestAgainst(limitPercent: number | undefined, direction: CheckDirection): number {
  if (limitPercent === undefined) return FEWEST_REQUESTS;
  const failures = direction === 'higher_is_better' ? 100 - limitPercent : limitPercent;
  return failures <= 0 ? FEWEST_REQUESTS : Math.min(FEWEST_REQUESTS, Math.ceil(100 / failures));
}

/** Reads one check, adding to `mistakes`. */
function readCheck(
  input: unknown,
  givenName: string | undefined,
  where: string,
  options: ReadOptions,
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
  const kind = choose('kind', KINDS, inferKind(checkName, options));
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

function normaliseKeys(
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

function inferKind(name: string, options: ReadOptions): CheckKind {
  if (options.withRequests?.has(name)) return 'ratio';
  if (/latency|p\d\d|saturation|cpu|memory|heap|queue|duration|probe/i.test(name)) return 'sample';
  if (/error|fail|ratio|percent|availability|success/i.test(name)) return 'ratio';
  return /count|orders?|sign_?ups?|business|checkouts?|purchases?|issues|sales|conversions?/i.test(name)
    ? 'count'
    : 'sample';
}

function inferDirection(name: string, kind: CheckKind, isProbe: boolean, isIssues: boolean): CheckDirection {
  if (isProbe || /success|availability|uptime/i.test(name)) return 'higher_is_better';
  if (kind === 'count')
    return isIssues || /error|fail|issue|crash|timeout|retr(y|ies)/i.test(name)
      ? 'lower_is_better'
      : 'higher_is_better';
  return /throughput|revenue|conversion/i.test(name) ? 'higher_is_better' : 'lower_is_better';
}

type ReadNumber = (key: string, low: number, high: number, whole: boolean) => number | undefined;

function readLimit(
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
function readRelativeLimit(
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
