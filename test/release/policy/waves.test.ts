import { expect, it } from 'vitest';
import { planWaves } from '../../../src/release/policy/waves.ts';
import type { EnvironmentSettings } from '../../../src/release/settings.ts';

const environment = (name: string, wave?: number, kind: EnvironmentSettings['kind'] = 'production') =>
  ({ name, kind, ...(wave === undefined ? {} : { wave }) }) as EnvironmentSettings;

const namesOf = (...environments: EnvironmentSettings[]) =>
  planWaves(environments).map((wave) => wave.map(({ name }) => name));

it('puts environments of one wave together, by number and not by place', () => {
  expect(namesOf(environment('us', 10), environment('eu-1', 2), environment('ap', 10))).toEqual([
    ['eu-1'],
    ['us', 'ap'],
  ]);
});

it('takes those without a wave one by one afterwards, in their order, and no stage', () => {
  const dev = environment('dev', undefined, 'staging');
  expect(namesOf(dev, environment('b'), environment('a'), environment('first', 1))).toEqual([
    ['first'],
    ['b'],
    ['a'],
  ]);
  expect(namesOf(dev)).toEqual([]);
});
