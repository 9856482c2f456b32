import { describe, expect, it } from 'vitest';
import {
  type ApprovalRule,
  explainGoLive,
  listGoLive,
  listRisks,
  nameRisk,
  RULE_TYPES,
} from '../../../src/release/policy/approval-rules.ts';
import { DEFAULT_POLICY } from '../../../src/release/policy/policy.ts';
import type { ProductSettings } from '../../../src/release/settings.ts';

const TYPES = [...RULE_TYPES];

describe('whose approval go-live needs', () => {
  it('is the list by release type where no rule holds', () => {
    expect(listGoLive(product([]), { type: 'minor' })).toEqual(['ceo', 'engineering_lead']);
    expect(explainGoLive(product([]), { type: 'minor' })).toEqual([]);
  });

  it('is more where the release changes what a rule names, and says why', () => {
    const rules = product([
      { name: 'database', when: { types: TYPES, migrations: true }, require: ['dba'] },
      {
        name: 'money',
        when: { types: TYPES, paths: ['src/billing/**', 'src/tax/**'] },
        require: ['reviewers', 'reviewers'],
      },
    ]);
    const changes = { migrations: true, 'path src/billing/**': false, 'path src/tax/**': false };
    expect(listGoLive(rules, { type: 'minor', changes })).toEqual(['ceo', 'engineering_lead', 'dba']);
    expect(explainGoLive(rules, { type: 'minor', changes })).toEqual([
      'The rule "database" asks for dba: it changes migrations',
    ]);
    const taxes = { ...changes, migrations: false, 'path src/tax/**': true };
    expect(explainGoLive(rules, { type: 'minor', changes: taxes })).toEqual([
      'The rule "money" asks for 2 of reviewers: it changes src/tax/**',
    ]);
    expect(listGoLive(rules, { type: 'hotfix', changes })).toEqual(['on_call']);
  });

  it('is more where nobody looked whether it changes it', () => {
    const rule = { name: 'supply', when: { types: TYPES, dependencies: true }, require: ['security'] };
    expect(listRisks(rule).map(nameRisk)).toEqual(['dependencies']);
    for (const changes of [undefined, {}, { migrations: false }]) {
      expect(listGoLive(product([rule]), { type: 'patch', changes })).toContain('security');
    }
    expect(explainGoLive(product([rule]), { type: 'patch' })).toEqual([
      'The rule "supply" asks for security: whether it changes dependencies is not known',
    ]);
  });

  it('is by environment: of a release all that it reaches, of a deployment the one', () => {
    const rule = { name: 'payments', when: { types: TYPES, environments: ['eu'] }, require: ['dpo'] };
    const rules = product([rule]);
    expect(listGoLive(rules, { type: 'minor' })).toContain('dpo');
    expect(listGoLive(rules, { type: 'minor', environments: ['us'] })).not.toContain('dpo');
    expect(listGoLive(rules, { type: 'minor', environments: ['eu'] })).toContain('dpo');
    expect(explainGoLive(rules, { type: 'minor' })).toEqual([
      'The rule "payments" asks for dpo: it reaches eu',
    ]);
  });

  it('asks nobody twice for the same: the most that list and rules ask of a role', () => {
    const rules = product([
      { name: 'always', when: { types: TYPES }, require: ['engineering_lead', 'engineering_lead'] },
      { name: 'too', when: { types: TYPES }, require: ['engineering_lead', ['qa', 'ceo']] },
    ]);
    expect(listGoLive(rules, { type: 'minor' })).toEqual([
      'ceo',
      'engineering_lead',
      'engineering_lead',
      ['qa', 'ceo'],
    ]);
  });
});

function product(rules: ApprovalRule[]) {
  const environments = ['eu', 'us'].map((name) => ({ name, kind: 'production' }));
  return { policy: DEFAULT_POLICY, approvals: { rules }, environments } as unknown as ProductSettings;
}
