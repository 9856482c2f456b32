import { describe, expect, it } from 'vitest';
import {
  describeGate,
  findCircle,
  listRequiredGates,
  nameGate,
  planGates,
} from '../../../src/release/policy/gates.ts';
import { resolvePolicy } from '../../../src/release/policy/policy.ts';
import type { ProductSettings } from '../../../src/release/settings.ts';

type Known = Pick<ProductSettings, 'gates' | 'scripts' | 'release'>;

const script = (run: string) => ({ run: [run] as [string], timeoutMs: 1_000 });

function productWith(gates: ProductSettings['gates'], requireQualityGates = true): Known {
  return {
    scripts: { test: script('ops/test'), e2e: script('ops/e2e'), load: script('ops/load') },
    release: { requireQualityGates } as ProductSettings['release'],
    ...(gates === undefined ? {} : { gates }),
  };
}

const needsOf = (product: Known, names: string[]) =>
  Object.fromEntries(planGates(product, names).map(({ name, needs }) => [name, needs]));

describe('the order of the gates', () => {
  it('is that of the list for those that say nothing: each waits for the one before', () => {
    expect(needsOf(productWith(undefined), ['tests', 'regression', 'load'])).toEqual({
      tests: [],
      regression: ['tests'],
      load: ['regression'],
    });
  });

  it('lets a gate of one’s own start at once, and another when its needs have ended', () => {
    const gates = {
      security: { script: script('a') },
      licences: { script: script('b'), needs: ['security'] },
    };
    expect(needsOf(productWith(gates), ['tests', 'regression', 'security', 'licences'])).toEqual({
      tests: [],
      regression: ['tests'],
      security: [],
      licences: ['security'],
    });
  });

  it('takes a known gate out of the line where the product says what it needs', () => {
    const gates = { regression: { needs: [] }, load: { needs: ['tests'] } };
    expect(needsOf(productWith(gates), ['tests', 'regression', 'load', 'profiling'])).toEqual({
      tests: [],
      regression: [],
      load: ['tests'],
      profiling: ['tests'],
    });
  });

  it('counts no need that is no gate of this release', () => {
    const gates = { security: { needs: ['load'] } };
    expect(needsOf(productWith(gates), ['tests', 'security'])['security']).toEqual([]);
  });

  it('sees gates that wait for each other', () => {
    const gates = [
      { name: 'a', needs: [] },
      { name: 'b', needs: ['a', 'd'] },
      { name: 'c', needs: ['b'] },
      { name: 'd', needs: ['c'] },
    ];
    expect(findCircle(gates)).toEqual(['b', 'd', 'c', 'b']);
    expect(findCircle(gates.slice(0, 1))).toBeUndefined();
  });
});

describe('which gates a release type has', () => {
  it('is what each gate says of itself; a hotfix has only those that name it', () => {
    const gates = { security: {}, licences: { requiredFor: ['major' as const, 'hotfix' as const] } };
    expect(listRequiredGates('patch', gates)).toEqual(['tests', 'regression', 'load', 'security']);
    expect(listRequiredGates('hotfix', gates)).toEqual(['tests', 'smoke', 'licences']);
    expect(resolvePolicy({}, gates).hotfix.gates).toEqual(['tests', 'smoke', 'licences']);
  });

  it('may differ from the table for known gates, but never for the tests', () => {
    const gates = { load: { requiredFor: [] }, tests: { requiredFor: [] } };
    expect(listRequiredGates('minor', gates)).toEqual(['tests', 'regression', 'container']);
  });
});

describe('a gate', () => {
  it('runs its own script, or the product’s, under the time limit that it names', () => {
    expect(describeGate(productWith({ load: { timeoutMs: 7 } }), 'load').script).toEqual({
      run: ['ops/load'],
      timeoutMs: 7,
    });
    expect(describeGate(productWith({ load: { script: script('x') } }), 'load')).toMatchObject({
      script: { run: ['x'] },
      scriptName: 'load',
    });
  });

  it('can be advisory always, or only while quality gates are not required', () => {
    const gates = { audit: { advisory: true }, security: { skippable: true }, licences: {} };
    const advisory = (required: boolean) =>
      Object.keys(gates).filter((name) => describeGate(productWith(gates, required), name).advisory);
    expect(advisory(true)).toEqual(['audit']);
    expect(advisory(false)).toEqual(['audit', 'security']);
  });

  it('cannot be made of the tests: nothing skips them or makes them advisory', () => {
    const product = productWith({ tests: { advisory: true, skippable: true } }, false);
    expect(describeGate(product, 'tests')).toMatchObject({ advisory: false, skippable: false });
  });

  it.each(['constructor', '__proto__', 'toString'])('named %s is an unknown one', (name) => {
    expect(describeGate(productWith({}), name)).toMatchObject({ name, title: name, needs: [] });
    expect(nameGate({ gate: name })).toBe(name);
  });
});
