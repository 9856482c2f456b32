import { expect, it } from 'vitest';
import { listConcerns, listTakenBack } from '../../src/release/concerns.ts';
import type { ReleaseSwitches } from '../../src/release/settings.ts';

const switches = { requireQualityGates: true, rollbackOnFailure: true } as ReleaseSwitches;

it('a version that can go back by one switch has no risks of its own', () => {
  expect(listConcerns({ migrationsBackwardCompatible: true, release: switches }, '1.2.0')).toEqual([]);
});

it('each thing that stands in the way of going back is a risk that approvers are told', () => {
  const release = { ...switches, requireQualityGates: false, rollbackOnFailure: false };
  const told = listConcerns({ migrationsBackwardCompatible: false, release }, undefined);
  expect(told).toEqual([
    expect.stringMatching(/migrations are not backward compatible.*loses every write since/),
    expect.stringMatching(/load and profiling gates are advisory/),
    expect.stringMatching(/not rolled back by itself/),
    expect.stringMatching(/no earlier version/),
  ]);
});

it('what was rolled back comes first: the version itself, or what it contains', () => {
  expect(listTakenBack([], '1.3.0')).toEqual([]);
  expect(listTakenBack(['1.3.0'], '1.3.0')).toEqual(['1.3.0 was rolled back before: say why it is good now']);
  expect(listTakenBack(['1.3.0', '1.3.1'], '1.3.2')).toEqual([
    'it contains 1.3.0, 1.3.1, which was rolled back: make sure that the cause is mended',
  ]);
});
