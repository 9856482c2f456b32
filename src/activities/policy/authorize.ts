import type { Authorization, ReleaseActivities } from '../../contracts/activities.ts';
import type { Command, SignedCommand } from '../../contracts/commands.ts';
import { verifySigned } from '../../integrations/signing/signing.ts';
import { type ApprovalGate, applyDecision, type GateKey, refuseDecision } from '../../release/approvals.ts';
import { describeHold, findHold, holdsEnd } from '../../release/calendar/deploy-windows.ts';
import { listGoLive } from '../../release/policy/approval-rules.ts';
import { describeApprovers } from '../../release/policy/approvers.ts';
import { FREEZE_OVERRIDE_ROLES } from '../../release/policy/policy.ts';
import {
  type Approver,
  type EnvironmentSettings,
  type ProductSettings,
  RELEASE_TYPES,
} from '../../release/settings.ts';
import { type SubjectParts, subjectOf } from '../../release/subject.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct } from '../deps.ts';
import { fail } from '../fail.ts';

/** What a protected step is about to do. Digests are `sha256:<hex>`. */
interface Acts {
  product: string;
  releaseId: string;
  version: string;
  /** Where it is deployed to; nothing is said of what is published for all of them. */
  environment?: string;
  /** What is published. */
  bytes?: string | string[];
  /** What is deployed, and the commit whose scripts do it. */
  deploys?: { commit: string; artifact?: string | undefined; image?: string | undefined };
}

/**
 * Refuses a protected step unless the right people approved exactly this, by signatures of the API. What is
 * required comes from this worker's own configuration: a workflow that anybody could have started proves nothing.
 * `acts` is what the step is about to do; it must be what was approved.
 */
export function authorize(
  deps: ActivityDeps,
  authorization: Authorization | undefined,
  acts: Acts,
  now: Date = new Date(),
): void {
  const product = findProduct(deps, acts.product);
  const parts = authorization?.parts;
  if (!authorization || !parts) {
    // What type of release it is, only the approvals would say.
    if (RELEASE_TYPES.every((type) => listGoLive(product, { type }).length === 0)) return;
    throw notAuthorized(`${acts.version} comes without any approval`);
  }
  if (parts.product !== acts.product || parts.version !== acts.version) {
    throw notAuthorized(`the approvals are for ${parts.product} ${parts.version}`);
  }
  if (acts.deploys) refuseOthers(parts, acts.deploys);
  const approved = [parts.artifact, parts.image, ...(parts.files ?? [])];
  const other = [acts.bytes ?? []].flat().find((digest) => !approved.includes(digest));
  if (other !== undefined) {
    throw notAuthorized(
      `the approvals are for other bytes (${parts.artifact}) than those at hand (${other})`,
    );
  }
  const environments = acts.environment === undefined ? undefined : [acts.environment];
  const { releaseId } = acts;
  const about = { authorization, releaseId, environments };
  const { required, gate, refused } = collectGoLive(deps, product, about, now);
  if (required.length === 0) return;
  if (gate.status !== 'approved') {
    const given = gate.decisions.map((d) => `${d.person} (${d.role})`).join(', ') || 'nobody';
    const why = refused.length === 0 ? '' : `; of one that does not count: ${refused[0]}`;
    throw notAuthorized(
      `${describeApprovers(required).join(', ')} must approve; valid approvals are from ${given}${why}`,
    );
  }
}

/** Which of the decisions count for a protected step now, and whose are needed, by this worker's own configuration. */
export function reviewAuthorization(deps: ActivityDeps): ReleaseActivities['reviewAuthorization'] {
  return async ({ product: name, releaseId, authorization, environments }) => {
    const product = findProduct(deps, name);
    const { required, gate, refused } = collectGoLive(
      deps,
      product,
      { authorization, releaseId, environments },
      new Date(),
    );
    return { required: [...required], counts: gate.decisions.map(({ nonce }) => nonce), refused };
  };
}

/** What go-live needs of this type of release, and which of the decisions count for it. */
function collectGoLive(
  deps: ActivityDeps,
  product: ProductSettings,
  about: { authorization: Authorization; releaseId: string; environments: string[] | undefined },
  now: Date,
) {
  const { authorization, releaseId, environments } = about;
  const { type, changes } = authorization.parts;
  const required = listGoLive(product, { type, environments, changes });
  const key = type === 'hotfix' ? 'hotfix' : 'go_live';
  const asked = {
    product,
    authorization,
    releaseId,
    key,
    required,
    signed: authorization.decisions,
  } as const;
  return { required, ...collectDecisions(deps, asked, now) };
}

/** Exactly what was approved: nothing else, and nothing of it left out. */
function refuseOthers(parts: SubjectParts, deploys: NonNullable<Acts['deploys']>): void {
  if (deploys.commit !== parts.commit) {
    throw notAuthorized(`the approvals are for the commit ${parts.commit}, not ${deploys.commit || 'none'}`);
  }
  // Of a product with images only, the image stands for the artifact as well.
  const artifact = parts.artifact === parts.image ? undefined : parts.artifact;
  for (const [approved, given] of [
    [artifact, deploys.artifact],
    [parts.image, deploys.image],
  ]) {
    if (approved === given) continue;
    throw notAuthorized(
      `the approvals are for other bytes (${approved ?? 'none'}) than those at hand (${given ?? 'none'})`,
    );
  }
}

/** An instance that comes after the first belongs to a deployment that has begun: so long it may go on in a freeze. */
const BEGUN_MS = 3_600_000;

/**
 * Refuses to begin a change in a freeze of the environment or outside of its windows, by this worker's own
 * configuration. What was begun before is finished: an environment is not left in between over the holidays.
 */
export function refuseFrozen(
  deps: ActivityDeps,
  environment: EnvironmentSettings,
  authorization: Authorization | undefined,
  acts: { product: string; releaseId: string; instance?: number },
  now: Date = new Date(),
): void {
  const { freezes, windows } = environment;
  const calendar = { freezes, windows };
  const hold = findHold(calendar, now.getTime());
  if (!hold) return;
  const hasBegun = acts.instance !== undefined && acts.instance > 1;
  if (hasBegun && !findHold(calendar, now.getTime() - BEGUN_MS)) return;
  if (authorization && isOverridden(deps, authorization, acts, now)) return;
  throw fail('NotAuthorized', {
    what: describeHold(hold, environment.name, holdsEnd(calendar, now.getTime())),
    changed: 'nothing',
    next: `wait until it is over, or have ${FREEZE_OVERRIDE_ROLES.join(', ')} approve freeze_override with a reason`,
  });
}

function isOverridden(
  deps: ActivityDeps,
  authorization: Authorization,
  acts: { product: string; releaseId: string },
  now: Date,
): boolean {
  const asked = {
    product: findProduct(deps, acts.product),
    authorization,
    releaseId: acts.releaseId,
    key: 'freeze_override',
    required: FREEZE_OVERRIDE_ROLES,
    signed: authorization.freezeOverrides ?? [],
  } as const;
  return collectDecisions(deps, asked, now).gate.status === 'approved';
}

/** The gate as the signatures alone make it; what a workflow says of it proves nothing. */
function collectDecisions(
  deps: ActivityDeps,
  asked: {
    product: ProductSettings;
    authorization: Authorization;
    releaseId: string;
    key: GateKey;
    required: readonly Approver[];
    signed: readonly SignedCommand[];
  },
  now: Date,
): { gate: ApprovalGate; refused: string[] } {
  const { product, authorization, key } = asked;
  const refused: string[] = [];
  let gate: ApprovalGate = {
    key,
    title: '',
    subject: subjectOf(authorization.parts),
    required: [...asked.required],
    requestedBy: authorization.requestedBy,
    authors: authorization.authors,
    onePersonManyRoles: product.approvals.onePersonManyRoles,
    ...(product.approvals.solo ? { solo: true } : {}),
    openedAt: now.toISOString(),
    status: 'open',
    decisions: [],
    reminders: 0,
  };
  for (const signed of asked.signed) {
    const checked = verifySigned(signed, deps.installation.api.verifyKeys, now);
    if (!('nonce' in checked)) {
      refused.push(checked.refused);
      continue;
    }
    const command: Command = checked;
    const isOther = command.product !== product.name || command.releaseId !== asked.releaseId;
    if (command.name !== 'approve' || isOther) continue;
    if (!holdsRole(deps, command)) {
      refused.push(`${command.person} does not have the role ${command.role ?? '(none)'} any more`);
      continue;
    }
    const decision = {
      nonce: command.nonce,
      gate: command.gate ?? '',
      decision: 'approve' as const,
      person: command.person,
      role: command.role ?? ('viewer' as const),
      subject: command.subject ?? '',
      ...(command.reason === undefined ? {} : { reason: command.reason }),
      at: command.issuedAt,
      validUntil: command.validUntil,
      signed,
    };
    if (decision.gate !== key) continue;
    const why = refuseDecision(gate, decision);
    if (why !== undefined) {
      refused.push(why);
      continue;
    }
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
