import { describe, expect, it } from 'vitest';
import type { ApprovalGate, Decision } from '../../src/release/approvals.ts';
import {
  applyDecision,
  missingRoles,
  NOT_KNOWN,
  nameMissing,
  refuseDecision,
} from '../../src/release/approvals.ts';
import type { PersonRole } from '../../src/release/settings.ts';

describe('an approval gate', () => {
  it('is open until each required role has approved', () => {
    const once = applyDecision(gate(), decision('ada', 'ceo'));
    expect(once.status).toBe('open');
    expect(missingRoles(once)).toEqual(['engineering_lead']);
    expect(applyDecision(once, decision('ben', 'engineering_lead')).status).toBe('approved');
  });

  it('is closed by one rejection, whoever approved before', () => {
    const once = applyDecision(gate(), decision('ada', 'ceo'));
    const rejected = applyDecision(once, { ...decision('ben', 'engineering_lead'), decision: 'reject' });
    expect(rejected.status).toBe('rejected');
    expect(refuseDecision(rejected, decision('cleo', 'ceo'))).toMatch(/not open any more: it was rejected/);
  });

  it('does not let one person fill two roles, unless configuration says so', () => {
    const once = applyDecision(gate(), decision('ada', 'ceo'));
    expect(refuseDecision(once, decision('ada', 'engineering_lead'))).toMatch(
      /ada has decided .* already, as ceo/,
    );
    const lenient = { ...once, onePersonManyRoles: true };
    expect(refuseDecision(lenient, decision('ada', 'engineering_lead'))).toBeUndefined();
    expect(refuseDecision(lenient, decision('ada', 'ceo'))).toMatch(/already/);
  });

  it.each(['go_live', 'hotfix', 'freeze_override'] as const)('asks for four eyes at %s', (key) => {
    const single = { ...gate(), key, required: ['ceo'] as PersonRole[], requestedBy: 'ada' };
    const why = { gate: key, reason: 'it cannot wait' };
    expect(refuseDecision(single, { ...decision('ada', 'ceo'), ...why })).toMatch(
      /cannot be its only approver/,
    );
    const other = { ...decision('zoe', 'ceo'), ...why };
    expect(refuseDecision(single, other)).toBeUndefined();
  });

  it.each(['go_live', 'hotfix', 'freeze_override'] as const)(
    'takes the requester alone at %s where the product is one person’s',
    (key) => {
      const single = { ...gate(), key, required: ['ceo'] as PersonRole[], requestedBy: 'ada', solo: true };
      const own = { ...decision('ada', 'ceo'), gate: key, reason: 'it cannot wait' };
      expect(refuseDecision(single, own)).toBeUndefined();
      expect(applyDecision(single, own).status).toBe('approved');
    },
  );

  it('lets nobody through a freeze without a reason', () => {
    const freeze = { ...gate(), key: 'freeze_override' as const, required: ['ceo'] as PersonRole[] };
    expect(refuseDecision(freeze, { ...decision('ada', 'ceo'), reason: ' ' })).toMatch(/needs a reason/);
    expect(refuseDecision(freeze, { ...decision('ada', 'ceo'), decision: 'reject' })).toBeUndefined();
  });

  it('counts the author of a hotfix like the person who asked for it', () => {
    const hotfix = {
      ...gate(),
      key: 'hotfix' as const,
      required: ['on_call'] as PersonRole[],
      authors: ['ben'],
    };
    expect(refuseDecision(hotfix, decision('ben', 'on_call'))).toMatch(/cannot be its only approver/);
  });

  it('takes two people where nobody knows who asked: a schedule that was fired by hand', () => {
    const lenient = { ...gate(), authors: [NOT_KNOWN], onePersonManyRoles: true };
    const once = applyDecision(lenient, decision('ada', 'ceo'));
    expect(refuseDecision(once, decision('ada', 'engineering_lead'))).toMatch(
      /not known who asked .* ada cannot be its only approver: it takes two people/,
    );
    expect(refuseDecision(once, decision('ben', 'engineering_lead'))).toBeUndefined();
    // The person who wrote it is neither of the two.
    const written = { ...once, authors: [NOT_KNOWN, 'ben'] };
    expect(refuseDecision(written, decision('ben', 'engineering_lead'))).toMatch(/cannot be its only/);
    // One approval is all that it takes: no second person could give another, and nobody is shut out.
    const single = { ...lenient, required: ['ceo'] as PersonRole[] };
    expect(refuseDecision(single, decision('ada', 'ceo'))).toBeUndefined();
    expect(refuseDecision({ ...once, solo: true }, decision('ada', 'engineering_lead'))).toBeUndefined();
  });

  it('lets the requester approve as one of several, in whichever order', () => {
    const requested = { ...gate(), requestedBy: 'ada' };
    const first = applyDecision(requested, decision('ada', 'ceo'));
    expect(refuseDecision(first, decision('ben', 'engineering_lead'))).toBeUndefined();
    const last = applyDecision(requested, decision('ben', 'engineering_lead'));
    expect(refuseDecision(last, decision('ada', 'ceo'))).toBeUndefined();
  });

  it('takes a number of people with one role, each of them once', () => {
    const two = { ...gate(), required: ['reviewers', 'reviewers'] };
    for (const onePersonManyRoles of [false, true]) {
      const once = applyDecision({ ...two, onePersonManyRoles }, decision('ada', 'reviewers'));
      expect(nameMissing(once)).toEqual(['1 more of reviewers']);
      expect(refuseDecision(once, decision('ada', 'reviewers'))).toMatch(/ada has decided/);
      expect(applyDecision(once, decision('ben', 'reviewers')).status).toBe('approved');
    }
  });

  it('takes one of several roles, and never one person as two of several people', () => {
    const either = { ...gate(), required: [['qa', 'operator']] };
    expect(applyDecision(either, decision('ada', 'operator')).status).toBe('approved');
    expect(refuseDecision(either, decision('ada', 'ceo'))).toMatch(/asks for qa or operator, not for ceo/);
    const [one = []] = either.required;
    const two = { ...either, required: [one, one], onePersonManyRoles: true };
    const once = applyDecision(two, decision('ada', 'operator'));
    expect(refuseDecision(once, decision('ada', 'qa'))).toMatch(/ada has decided .* already, as operator/);
    expect(refuseDecision(once, decision('ben', 'operator'))).toBeUndefined();
  });

  it('refuses a decision about another plan, for another role, or for no gate', () => {
    expect(refuseDecision(gate(), { ...decision('ada', 'ceo'), subject: 'sha256:other' })).toMatch(
      /another plan/,
    );
    expect(refuseDecision(gate(), decision('dora', 'qa'))).toMatch(
      /asks for ceo, engineering_lead, not for qa/,
    );
    expect(refuseDecision(undefined, decision('ada', 'ceo'))).toMatch(/no gate "go_live"/);
  });
});

function gate(): ApprovalGate {
  return {
    key: 'go_live',
    title: 'Ready for production?',
    subject: 'sha256:plan',
    required: ['ceo', 'engineering_lead'],
    requestedBy: 'cleo',
    authors: [],
    onePersonManyRoles: false,
    openedAt: '2026-11-21T10:00:00.000Z',
    status: 'open',
    decisions: [],
    reminders: 0,
  };
}

function decision(person: string, role: PersonRole): Decision {
  return {
    nonce: `${person}/${role}`,
    gate: 'go_live',
    decision: 'approve',
    person,
    role,
    subject: 'sha256:plan',
    at: '2026-11-21T10:05:00.000Z',
    validUntil: '2026-11-22T10:05:00.000Z',
    signed: { signed: '', keyId: '', signature: '' },
  };
}
