import type { ApprovalGate, Decision } from '../../release/approvals.ts';
import { missingRoles, refuseDecision } from '../../release/approvals.ts';
import { listRoles } from '../../release/policy/approvers.ts';
import type { PersonRole } from '../../release/settings.ts';

/**
 * The role in which a person decides: the one that they asked for, else the first required one that they have and
 * that is still missing. `undefined` when they have none of them.
 */
export function chooseRole(
  gate: ApprovalGate,
  roles: readonly PersonRole[],
  asked: PersonRole | undefined,
): PersonRole | undefined {
  if (asked !== undefined)
    return roles.includes(asked) && listRoles(gate.required).includes(asked) ? asked : undefined;
  const held = listRoles(gate.required).filter((role) => roles.includes(role));
  return held.find((role) => missingRoles(gate).includes(role)) ?? held[0];
}

/** Why a decision of this person would not count, by the same rule as the workflow has; `undefined` when it would. */
export function refuseByRules(
  gate: ApprovalGate,
  decision: Pick<Decision, 'decision' | 'person' | 'role'>,
  at: Date,
): string | undefined {
  const now = at.toISOString();
  return refuseDecision(gate, {
    ...decision,
    nonce: '',
    gate: gate.key,
    subject: gate.subject,
    // Whether there is one is looked at where the decision is sent.
    reason: 'not given yet',
    at: now,
    validUntil: now,
    signed: { signed: '', keyId: '', signature: '' },
  });
}
