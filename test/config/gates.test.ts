import { describe, expect, it } from 'vitest';
import { change, loadGood, mistakesOf } from './support/config-file.ts';

const gatesOf = (gates: object, policy: object = {}) =>
  mistakesOf((_, shop) => {
    shop.gates = gates;
    shop.policy = policy;
  });

describe('gates of one’s own', () => {
  it('join the release types that they are required for, in the order of the file', () => {
    const text = change((_, shop) => {
      shop.gates = {
        security: { script: ['ops/scan', '--strict'], timeout: '20m', report: 'reports/scan.sarif' },
        licences: { script: 'ops/licences', required_for: ['major'], needs: ['security'], advisory: true },
      };
    });
    const { gates, policy } = loadGood(text).products['shop']!;
    expect(gates).toEqual({
      security: {
        script: { run: ['ops/scan', '--strict'], timeoutMs: 1_800_000 },
        timeoutMs: 1_200_000,
        report: 'reports/scan.sarif',
      },
      licences: {
        script: { run: ['ops/licences'], timeoutMs: 1_800_000 },
        requiredFor: ['major'],
        needs: ['security'],
        advisory: true,
      },
    });
    expect(policy.major.gates).toEqual([
      'tests',
      'regression',
      'load',
      'profiling',
      'container',
      'security',
      'licences',
    ]);
    expect(policy.patch.gates).toEqual(['tests', 'regression', 'load', 'security']);
    expect(policy.hotfix.gates).toEqual(['tests', 'smoke']);
  });

  it('need a script, a free name and gates that exist', () => {
    expect(
      gatesOf({
        securty: { title: 'Security' },
        build: { script: 'x' },
        manual_smoke: { script: 'x' },
        licences: { script: 'x', needs: ['licences', 'test'] },
      }),
    ).toEqual([
      'products.shop.gates.securty: a script for securty',
      'products.shop.gates.build: another name: the build is no gate, it always happens',
      'products.shop.gates.manual_smoke: another name: people pass this one, see `policy.TYPE.manual_smoke`',
      'products.shop.gates.licences.needs[0]: another gate than itself',
      'products.shop.gates.licences.needs[1]: the name of a gate',
    ]);
  });

  it('never skip the tests, whatever is said of them', () => {
    const nothing = 'this key not to be there: nothing skips the tests or the build';
    expect(gatesOf({ tests: { advisory: true, skippable: true, required_for: ['major'] } }).sort()).toEqual([
      `products.shop.gates.tests.advisory: ${nothing}`,
      `products.shop.gates.tests.required_for: ${nothing}`,
      `products.shop.gates.tests.skippable: ${nothing}`,
    ]);
  });

  it('must be able to start: a circle is named, for each release type that has it', () => {
    const found = gatesOf({
      security: { script: 'x', needs: ['regression'] },
      tests: { needs: ['security'] },
      regression: { needs: ['tests'] },
    });
    expect(found).toEqual([
      'products.shop.gates: gates of which each can start in a major release',
      'products.shop.gates: gates of which each can start in a minor release',
      'products.shop.gates: gates of which each can start in a patch release',
    ]);
  });

  it('are not lost by a list of the policy that forgets them, and no list names what is none', () => {
    expect(gatesOf({ security: { script: 'x' } }, { patch: { gates: ['tests', 'lod'] } })).toEqual([
      'products.shop.policy.patch.gates: security among the gates: it is required for a patch release',
      'products.shop.policy.patch.gates[1]: the name of a gate',
    ]);
    expect(
      gatesOf({ security: { script: 'x', required_for: ['major'] } }, { patch: { gates: ['tests'] } }),
    ).toEqual([]);
  });

  it.each(['../scan.json', '/etc/passwd', '.git/config'])('keep no report from %s', (report) => {
    expect(gatesOf({ security: { script: 'x', report } })).toHaveLength(1);
  });
});
