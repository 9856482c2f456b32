import { describe, expect, it } from 'vitest';
import { readChecks } from '../../../src/release/verdict/checks/read-checks.ts';

const only = (input: unknown, withRequests?: ReadonlySet<string>) => {
  const { checks, mistakes } = readChecks([input], withRequests ? { withRequests } : {});
  expect(mistakes).toEqual([]);
  return checks[0]!;
};

describe('reading checks', () => {
  it('finds them in a list, a map, under `checks` and deep inside a windlass.yaml', () => {
    const one = { name: 'errors', kind: 'error_rate' };
    const expected = readChecks([one]).checks;
    expect(expected).toHaveLength(1);
    for (const input of [
      { checks: [one] },
      { checks: { errors: { kind: 'ratio' } } },
      { product: 'shop', environments: { production: { checks: [one] } } },
      { environments: [{ name: 'production', monitoring: { checks: [one] } }] },
    ])
      expect(readChecks(input).checks).toEqual(expected);
  });

  it('asks which environment is meant, and takes the one that is named', () => {
    const file = {
      environments: { staging: { checks: [{ name: 'a' }] }, production: { checks: [{ name: 'b' }] } },
    };
    expect(readChecks(file).mistakes[0]!.message).toContain('several lists of checks');
    expect(readChecks(file, { environment: 'production' }).checks[0]!.name).toBe('b');
  });

  it('fills in what is not said, from the kind, the series and the name', () => {
    expect(only({ name: 'error_rate' })).toMatchObject({
      kind: 'ratio',
      direction: 'lower_is_better',
      relativeLimit: 2,
    });
    expect(only({ name: 'anything' }, new Set(['anything'])).kind).toBe('ratio');
    expect(only({ name: 'latency_p99' })).toMatchObject({
      kind: 'sample',
      relativeLimit: 1.2,
      criticality: 'normal',
    });
    expect(only({ name: 'orders' })).toMatchObject({
      kind: 'count',
      direction: 'higher_is_better',
      relativeLimit: 0.85,
    });
    expect(only({ name: 'http_probe' })).toMatchObject({ compare: 'none', limit: { value: 0.5 } });
    expect(only({ name: 'reports', kind: 'issues' })).toMatchObject({ compare: 'none', limit: { value: 0 } });
  });

  it('takes both spellings of keys, limits side by side or nested, and what is only for monitoring', () => {
    const side = only({
      name: 'p99',
      kind: 'latency',
      limit: 500,
      gross_limit: 900,
      breaches: 2,
      of: 4,
      relative_limit: 1.5,
    });
    const nested = only({
      name: 'p99',
      kind: 'latency',
      limit: { value: 500, gross: 900, breaches: 2, of: 4 },
      relativeLimit: 1.5,
      source: { prometheus: { query: 'up' } },
      severity: 'high',
    });
    expect(nested).toEqual(side);
    expect(side.limit).toEqual({ value: 500, gross: 900, breaches: 2, of: 4, hysteresis: 0.1 });
  });

  it('turns a relative limit to the side on which the check gets worse', () => {
    expect(only({ name: 'orders', kind: 'count', relative_limit: 0.8 }).relativeLimit).toBeCloseTo(0.8, 10);
    expect(only({ name: 'orders', kind: 'count', relative_limit: 1.25 }).relativeLimit).toBeCloseTo(0.8, 10);
    expect(only({ name: 'success', kind: 'ratio', relative_limit: 1.5 }).relativeLimit).toBe(1.5);
  });

  it('reports every mistake at once, each with its place', () => {
    const { checks, mistakes } = readChecks({
      checks: [
        { name: 'a', kind: 'banana', limt: 3 },
        { name: 'a', direction: 'sideways', breaches: 9, of: 2, limit: 1 },
        { kind: 'latency', relative_limit: 1.01, minimum_samples: 0.5 },
        { name: 'p', kind: 'sample', compare: 'none' },
        'not a map',
      ],
    });
    expect(checks).toEqual([]);
    expect(mistakes.map((mistake) => mistake.where)).toEqual([
      'checks[0].limt',
      'checks[0].kind',
      'checks[1].direction',
      'checks[1].breaches',
      'checks[2].name',
      'checks[2].relative_limit',
      'checks[2].minimum_samples',
      'checks[3].limit',
      'checks[4]',
      'checks[4].name',
      'checks[1].name',
    ]);
    expect(mistakes[1]!.message).toBe('must be one of ratio, sample, count, not "banana"');
  });

  it('says so where there are no checks at all', () => {
    for (const input of [null, 'text', 7, {}, [], { checks: [] }]) {
      expect(readChecks(input).mistakes).toHaveLength(1);
    }
  });
});
