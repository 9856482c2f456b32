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

  it('are asked for by number, as one of several, and as a group with its members', () => {
    const { products, people } = loadGood(`${WHOLE}
    policy:
      minor:
        go_live_approvals: [ceo, { role: reviewers, count: 2 }, { any_of: [qa, release_manager] }]
roles:
  reviewers: { members: [ben, cy, dee] }
`);
    expect(products['shop']?.policy.minor.goLiveApprovals).toEqual([
      'ceo',
      'reviewers',
      'reviewers',
      ['qa', 'release_manager'],
    ]);
    expect(people.find(({ name }) => name === 'ben')?.roles).toEqual([
      'engineering_lead',
      'on_call',
      'reviewers',
    ]);
  });

  it('are people enough for what is asked for, and members are people: all mistakes at once', () => {
    const found = mistakesOf((raw, shop) => {
      raw.roles = { reviewers: { members: ['ben', 'cyy'] } };
      shop.policy = {
        minor: { go_live_approvals: [{ role: 'reviewers', count: 2 }] },
        major: { go_live_approvals: ['ceo', { role: 'qa', any_of: ['ceo'] }] },
        patch: { go_live_approvals: [{ role: 'qa', count: 0 }] },
      };
    });
    expect(found).toEqual([
      'products.shop.policy: a person of their own for each of 2 of reviewers (go_live_approvals of a minor release)',
      'products.shop.policy.major.go_live_approvals[1]: exactly one of role, any_of',
      'products.shop.policy.patch.go_live_approvals[0].count: a whole number of people (1 to 20)',
      'roles.reviewers.members[1]: the login of a person: ada, ben, cy, dee',
    ]);
    const misspelt = mistakesOf((_, shop) => {
      shop.policy = { minor: { go_live_approvals: [{ any_of: ['qa', 'on_cal'] }, { role: 'seo' }] } };
    });
    expect(misspelt.map((mistake) => mistake.split(':')[0])).toEqual([
      'products.shop.policy.minor.go_live_approvals[0].any_of[1]',
      'products.shop.policy.minor.go_live_approvals[1].role',
    ]);
  });

  it('need no people in the file where the identity provider says who has them', () => {
    const many = (raw: Record<string, unknown>, shop: Record<string, unknown>) => {
      raw['roles'] = { reviewers: { claims: ['platform-reviewers'] } };
      shop['policy'] = { minor: { go_live_approvals: [{ role: 'reviewers', count: 3 }] } };
    };
    expect(mistakesOf(many)).toHaveLength(1);
    const signedIn = mistakesOf((raw, shop) => {
      many(raw, shop);
      raw.api.oidc = { issuer: 'https://id.example.test', audience: 'windlass' };
    });
    expect(signedIn).toEqual([]);
  });

  it('are asked for by rules, by environment and by what changes; a rule’s mistakes come all at once', () => {
    const { products } = loadGood(`${WHOLE}
    migrations: { paths: [db/**] }
    approvals:
      rules:
        - { name: database, when: { migrations: true }, require: [on_call] }
        - { name: all, when: { types: [hotfix], environments: [production] }, require: [{ role: on_call, count: 2 }] }
`);
    expect(products['shop']?.approvals.rules).toEqual([
      {
        name: 'database',
        when: { types: ['major', 'minor', 'patch'], migrations: true },
        require: ['on_call'],
      },
      {
        name: 'all',
        when: { types: ['hotfix'], environments: ['production'] },
        require: ['on_call', 'on_call'],
      },
    ]);
    expect(products['shop']?.migrationPaths).toEqual(['db/**']);
    const rule = { name: 'a', require: ['ceo'] };
    const found = mistakesOf((_, shop) => {
      shop.approvals = {
        rules: [
          { ...rule, when: { environments: ['prodution', 'staging'] } },
          { ...rule, require: ['dbaa'] },
          { ...rule, name: 'b', when: { paths: ['../x', 'db/**'], migrations: false } },
        ],
      };
    });
    expect(found.map((mistake) => mistake.split(':')[0])).toEqual([
      'products.shop.approvals.rules[0].when.environments[0]',
      'products.shop.approvals.rules[0].when.environments[1]',
      'products.shop.approvals.rules[1].name',
      'products.shop.approvals.rules[1].require[0]',
      'products.shop.approvals.rules[2].when.paths[0]',
      'products.shop.approvals.rules[2].when.migrations',
    ]);
    const tooMany = mistakesOf((_, shop) => {
      shop.approvals = { rules: [{ ...rule, require: [{ role: 'qa', count: 3 }] }] };
    });
    expect(tooMany).toEqual([
      'products.shop.approvals.rules: a person of their own for each of ceo, engineering_lead, product_manager, 3 of qa (go-live of a major release under all its approval rules)',
    ]);
  });
});
