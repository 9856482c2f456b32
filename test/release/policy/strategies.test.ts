import { expect, it } from 'vitest';
import { rehearse, STRATEGY_NAMES, usesSlots } from '../../../src/release/policy/strategies.ts';

it('knows which strategies move traffic between slots', () => {
  expect(STRATEGY_NAMES.filter(usesSlots)).toEqual(['blue-green', 'canary']);
});

it('rehearses a canary without its soaks, as near to it as staging can', () => {
  expect(rehearse('canary', true)).toBe('blue-green');
  expect(rehearse('canary', false)).toBe('rolling');
  for (const strategy of ['rolling', 'blue-green', 'immediate'] as const) {
    expect([rehearse(strategy, true), rehearse(strategy, false)]).toEqual([strategy, strategy]);
  }
});
