import type { Authorization } from '../contracts/activities.ts';
import type { Command } from '../contracts/commands.ts';
import { verifySigned } from '../integrations/signing/signing.ts';
import { type ApprovalGate, applyDecision, refuseDecision } from '../release/approvals.ts';
import type { PersonRole, ProductSettings, ReleaseType } from '../release/settings.ts';
import { subjectOf } from '../release/subject.ts';
import type { ActivityDeps } from './deps.ts';
import { findProduct } from './deps.ts';
import { fail } from './fail.ts';

/**
 * Refuses a protected step unless the right people approved exactly this, by signatures of the API. What is
 * required comes from this worker's own configuration: a workflow that anybody could have started proves nothing.
 * `acts` is what the step is about to do; it must be what was approved.
 */
export function authorize(
  deps: ActivityDeps,
  authorization: Authorization | undefined,
  acts: { product: string; releaseId: string; version: string; bytes?: string },
  now: Date = new Date(),
): void {
  const product = findProduct(deps, acts.product);
  const parts = authorization?.parts;
  if (!authorization || !parts) {
    const required = product.policy.patch.goLiveApprovals;
    if (required.length === 0) return;
    throw notAuthorized(`${acts.version} comes without any approval`);
  }
  if (parts.product !== acts.product || parts.version !== acts.version) {
    throw notAuthorized(`the approvals are for ${parts.product} ${parts.version}`);
  }
  if (acts.bytes !== undefined && acts.bytes !== parts.artifact && acts.bytes !== parts.image) {
    throw notAuthorized(
      `the approvals are for other bytes (${parts.artifact}) than those at hand (${acts.bytes})`,
    );
  }
  const required = requiredRoles(product, parts.type);
  if (required.length === 0) return;
  const { gate, refused } = collectDecisions(deps, product, authorization, required, acts.releaseId, now);
  if (gate.status !== 'approved') {
    const given = gate.decisions.map((d) => `${d.person} (${d.role})`).join(', ') || 'nobody';
    const why = refused.length === 0 ? '' : `; of one that does not count: ${refused[0]}`;
    throw notAuthorized(`${required.join(', ')} must approve; valid approvals are from ${given}${why}`);
  }
}

function requiredRoles(product: ProductSettings, type: ReleaseType): PersonRole[] {
  return product.policy[type].goLiveApprovals;
}

function collectDecisions(
  deps: ActivityDeps,
  product: ProductSettings,
  authorization: Authorization,
  required: PersonRole[],
  releaseId: string,
  now: Date,
): { gate: ApprovalGate; refused: string[] } {
  const refused: string[] = [];
  const key = authorization.parts.type === 'hotfix' ? 'hotfix' : 'go_live';
  let gate: ApprovalGate = {
    key,
    title: '',
    subject: subjectOf(authorization.parts),
    required,
    requestedBy: authorization.requestedBy,
    authors: authorization.authors,
    onePersonManyRoles: product.approvals.onePersonManyRoles,
    openedAt: now.toISOString(),
    status: 'open',
    decisions: [],
    reminders: 0,
  };
  for (const signed of authorization.decisions) {
    const checked = verifySigned(signed, deps.installation.api.verifyKeys, now);
    if (!('nonce' in checked)) {
      refused.push(checked.refused);
      continue;
    }
    const command: Command = checked;
    if (command.name !== 'approve' || command.product !== product.name || command.releaseId !== releaseId)
      continue;
    if (!holdsRole(deps, command)) continue;
    const decision = {
      nonce: command.nonce,
      gate: command.gate ?? '',
      decision: 'approve' as const,
      person: command.person,
      role: command.role ?? ('viewer' as const),
      subject: command.subject ?? '',
      at: command.issuedAt,
      validUntil: command.validUntil,
      signed,
    };
    if (decision.gate !== key || refuseDecision(gate, decision) !== undefined) continue;
    gate = applyDecision(gate, decision);
  }
  return { gate, refused };
}

/** With people in the configuration, a role counts only if this worker's configuration gives it to the person. */
function holdsRole(deps: ActivityDeps, command: Command): boolean {
  if (deps.installation.api.oidc) return true;
  const person = deps.installation.people.find((candidate) => candidate.name === command.person);
  if (!person || command.role === undefined) return false;
  const { role } = command;
  const deputised = person.deputies.some(
    (d) =>
      d.for === role && command.issuedAt.slice(0, 10) >= d.from && command.issuedAt.slice(0, 10) <= d.until,
  );
  return person.roles.includes(role) || deputised;
}

function notAuthorized(why: string) {
  return fail('NotAuthorized', {
    what: `not authorized: ${why}`,
    changed: 'nothing',
    next: 'have the right people approve through the API; an approval may have expired or been for another plan',
  });
}
