import { describe, expect, it } from 'vitest';
import { mayDo, mayStart } from '../../src/release/commands/permissions.ts';
import { loadGood, mistakesOf, WHOLE, warningsOf } from './support/config-file.ts';

const OWN = `${WHOLE.replace('dee: { roles: [qa, product_manager] }', 'dee: { roles: [qa, product_manager] }\n  eve: { roles: [security_officer] }')}
    policy: { major: { go_live_approvals: [ceo, security_officer] } }
roles:
  security_officer: { may: [hold, abort, start_gates], claims: [sec-team, security] }
  qa: { may: [hold] }
`;

describe('roles of people', () => {
  it('have any name; one of the team’s own may what it is given, and decides where the policy says', () => {
    const { permissions, people, products } = loadGood(OWN);
    if (!permissions) throw new Error('no permissions');
    expect(people.find(({ name }) => name === 'eve')?.roles).toEqual(['security_officer']);
    expect(products['shop']?.policy.major.goLiveApprovals).toEqual(['ceo', 'security_officer']);
    const may = (['hold', 'abort', 'resume', 'rollback'] as const).map((name) =>
      mayDo(permissions, name, ['security_officer']),
    );
    expect(may).toEqual([true, true, false, false]);
    const starts = (['gates', 'release'] as const).map((what) =>
      mayStart(permissions, what, ['security_officer']),
    );
    expect(starts).toEqual([true, false]);
  });

  it('that are known keep what they may, unless the file says all of it', () => {
    const { permissions } = loadGood(OWN);
    if (!permissions) throw new Error('no permissions');
    expect(mayDo(permissions, 'hold', ['qa'])).toBe(true);
    expect(mayDo(permissions, 'retry', ['qa'])).toBe(false);
    expect(mayDo(permissions, 'retry', ['operator'])).toBe(true);
  });

  it('are named before they are used, and the nearest name is offered', () => {
    const found = mistakesOf((raw, shop) => {
      raw.people.dee.roles = ['qa', 'product_manger'];
      raw.people.cy.deputies = [{ for: 'security', from: '2026-12-01', until: '2026-12-02' }];
      shop.policy = { minor: { staging_sign_off: ['tester'] } };
    });
    expect(found.map((mistake) => mistake.split(': ')[0])).toEqual([
      'people.cy.deputies[0].for',
      'people.dee.roles[1]',
      'products.shop.policy.minor.staging_sign_off[0]',
    ]);
    expect(found[0]).toContain('a role: ceo, engineering_lead');
  });

  it('never let a viewer act, nor decide', () => {
    const found = mistakesOf((raw, shop) => {
      raw.roles = { viewer: { may: ['hold'] } };
      shop.policy = { minor: { staging_sign_off: ['viewer'] } };
    });
    expect(found).toEqual([
      'products.shop.policy.minor.staging_sign_off[0]: a role that may decide (a viewer only looks)',
      'roles.viewer.may: no such key: a viewer only looks',
    ]);
  });

  it('are no words that could be something else in a link, a log or a signed text', () => {
    const names = ['Security', 'sec team', '../ceo', 'ceo,qa', ''];
    for (const name of names) {
      const found = mistakesOf((raw) => {
        raw.people.dee.roles = ['qa', 'product_manager', name];
      });
      expect(found, name).toEqual([
        'people.dee.roles[2]: the name of a role: lower-case letters, digits and underscores, such as security_officer (at most 30)',
      ]);
    }
  });

  it('warn where nobody could give a command any more', () => {
    const found = warningsOf((raw) => {
      raw.roles = { release_manager: { may: ['hold', 'start_release'] } };
    });
    expect(found).toEqual(['roles: a role that may edit_notes']);
  });
});
