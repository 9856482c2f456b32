/**
 * Reads checks as people write them, in `windlass.yaml`'s own form (already parsed from YAML or JSON), and fills in
 * defaults. All mistakes are reported at once. Keys may be written `snake_case` or `camelCase`.
 */
import type { MetricCheck } from '../check.ts';
import { isObject } from './check-words.ts';
import { type CheckMistake, readCheck } from './read-check.ts';

/** What was read. `checks` is empty if there is any mistake. */
export interface ReadChecks {
  checks: MetricCheck[];
  mistakes: CheckMistake[];
}

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
    readCheck(item, name, `${where}[${name ?? i}]`, options.withRequests, mistakes),
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
