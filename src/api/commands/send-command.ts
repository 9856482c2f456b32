import type { Command } from '../../contracts/commands.ts';
import { signCommand } from '../../integrations/signing/signing.ts';
import type { ApprovalGate } from '../../release/approvals.ts';
import { COMMANDS, isPlain, type PlainCommandName } from '../../release/commands/command-table.ts';
import { mayDo } from '../../release/commands/permissions.ts';
import { nameQuestion } from '../../release/commands/question.ts';
import { refuseAnswer } from '../../release/commands/refusals.ts';
import { refuseCommand, refuseGate, refuseLate } from '../../release/commands/refuse-command.ts';
import { describeApprovers, listRoles } from '../../release/policy/approvers.ts';
import { COMMAND_VALID_MS } from '../../release/policy/default-times.ts';
import { openGate } from '../../release/record/record.ts';
import type { PersonRole } from '../../release/settings.ts';
import { nameRole } from '../../release/views/words.ts';
import type { Principal } from '../auth/principal.ts';
import { whoHas } from '../auth/principal.ts';
import { type ApiDeps, permissionsOf } from '../deps.ts';
import type { CurrentRelease } from '../gateway.ts';
import { ApiProblem, conflict, forbidden, notFound } from '../problem.ts';
import { chooseRole, refuseByRules } from './choose-role.ts';
import type { CommandAnswer, CommandWish } from './command-wish.ts';
import { findProduct, requireProduct } from './find-product.ts';
import { refuseUnknown } from './refuse-unknown.ts';
import { answerEarlier, describeCommand, findEarlier, makeNonce } from './repeat-command.ts';

/**
 * Checks, signs and sends one person's command. Nothing is sent unless everything that can be known beforehand is
 * right; nothing is answered before Temporal has accepted the signal.
 * @throws ApiProblem 403, 404, 409, 422, 503.
 */
export async function sendCommand(
  deps: ApiDeps,
  principal: Principal,
  wish: CommandWish,
): Promise<CommandAnswer> {
  requireProduct(deps, wish.product);
  checkComment(wish);
  if (isPlain(wish.name)) checkPermission(deps, principal, wish.name);
  const current = await deps.gateway.readCurrent(wish.product, wish.kind);
  if (!current) {
    throw notFound(
      `There is no ${wish.kind ?? 'release'} of ${wish.product}.`,
      `start one: windlass release ${wish.product}`,
    );
  }
  const nonce = makeNonce(deps, principal, wish);
  const earlier = wish.key === undefined ? undefined : await findEarlier(deps, current, nonce);
  if (earlier) return await answerEarlier(deps, earlier, wish, current);
  const role = checkState(deps, principal, current, wish);
  const now = deps.clock();
  const gate = openGate(current.record, wish.gate ?? '');
  const answers = nameQuestion(current.record, wish.name);
  const command: Command = {
    nonce,
    name: wish.name,
    product: wish.product,
    releaseId: current.record.releaseId,
    ...(gate === undefined ? {} : { gate: gate.key, subject: gate.subject }),
    ...(answers === undefined ? {} : { answers }),
    person: principal.name,
    ...(role === undefined ? {} : { role }),
    ...(wish.comment === undefined ? {} : { reason: wish.comment }),
    ...(wish.severity === undefined ? {} : { severity: wish.severity }),
    ...(wish.extendMs === undefined ? {} : { extendMs: wish.extendMs }),
    ...aboutIncident(wish),
    ...(wish.changelog === undefined ? {} : { changelog: wish.changelog }),
    ...(wish.notes === undefined ? {} : { notes: wish.notes }),
    issuedAt: now.toISOString(),
    delivery: Buffer.from(deps.random(8)).toString('hex'),
    validUntil: new Date(
      now.getTime() + (gate ? findProduct(deps, wish.product).approvals.validForMs : COMMAND_VALID_MS),
    ).toISOString(),
  };
  await refuseUnknown(deps, wish.kind ?? 'release', command, current);
  await deps.gateway.signal(current, wish.name, signCommand(command, requireSigner(deps)));
  return describeCommand(command);
}

/** What a command says of the incident that it is about. */
export function aboutIncident({ incidentId, incidentKey, over }: CommandWish) {
  return {
    ...(incidentId === undefined ? {} : { incidentId }),
    ...(incidentKey === undefined ? {} : { incidentKey }),
    ...(over === undefined ? {} : { over }),
  };
}

/** @throws ApiProblem 400. */
export function checkComment(wish: CommandWish): void {
  const goesThroughFreeze = wish.name === 'approve' && wish.gate === 'freeze_override';
  if (!goesThroughFreeze && !COMMANDS[wish.name].needsReason) return;
  if ((wish.comment ?? '').trim() !== '') return;
  throw new ApiProblem({
    status: 400,
    code: 'comment-missing',
    title: 'Say why',
    detail: `"${wish.name}" needs a comment that says why.`,
    hint: 'send "comment" with at least one word',
  });
}

/** @throws ApiProblem 403. */
export function checkPermission(deps: ApiDeps, principal: Principal, name: PlainCommandName): void {
  const permissions = permissionsOf(deps);
  if (mayDo(permissions, name, principal.roles)) return;
  const roles = permissions.commands[name];
  const people = whoHas(deps.installation, roles, deps.clock());
  throw forbidden(
    `${principal.name} may not "${name.replace('_', ' ')}": it takes ${roles.map(nameRole).join(' or ')}.`,
    people.length > 0 ? `ask ${people.join(', ')}` : 'ask somebody with that role',
  );
}

/** The role of a decision. @throws ApiProblem 403, 409. */
function checkState(
  deps: ApiDeps,
  principal: Principal,
  current: CurrentRelease,
  wish: CommandWish,
): PersonRole | undefined {
  const { record } = current;
  if (isPlain(wish.name)) {
    const refused =
      refuseCommand(record, wish.name) ??
      refuseAnswer(record, wish.name, wish.incidentId) ??
      refuseLate(record, wish.name, wish.answers);
    if (refused) throw conflict(refused.code, refused.detail, refused.hint);
    return permissionsOf(deps).commands[wish.name].find((role) => principal.roles.includes(role));
  }
  const refused = refuseGate(record, wish.gate ?? '');
  if (refused) throw conflict(refused.code, refused.detail, refused.hint);
  const gate = openGate(record, wish.gate ?? '')!;
  const role = requireRole(deps, principal, gate, wish.role);
  if (wish.subject !== undefined && wish.subject !== gate.subject) {
    throw conflict(
      'plan-changed',
      'The plan has changed since you were shown it; nothing was decided.',
      'look at the release again, then decide',
      { subject: gate.subject },
    );
  }
  const why = refuseByRules(gate, { decision: wish.name, person: principal.name, role }, deps.clock());
  if (why) throw conflict('not-counted', `It would not count: ${why}.`, hintFor(deps, gate, principal));
  return role;
}

function requireRole(
  deps: ApiDeps,
  principal: Principal,
  gate: ApprovalGate,
  asked: PersonRole | undefined,
): PersonRole {
  const role = chooseRole(gate, principal.roles, asked);
  if (role) return role;
  const what =
    asked === undefined
      ? `has none of the roles`
      : `cannot decide as ${nameRole(asked)}; it takes one of the roles`;
  throw forbidden(
    `${principal.name} ${what} that "${gate.key}" asks for: ${describeApprovers(gate.required, nameRole).join(', ')}.`,
    hintFor(deps, gate, principal),
  );
}

function hintFor(deps: ApiDeps, gate: ApprovalGate, principal: Principal): string {
  const others = whoHas(deps.installation, listRoles(gate.required), deps.clock()).filter(
    (name) => name !== principal.name,
  );
  return others.length > 0
    ? `ask ${others.join(', ')}`
    : `ask somebody with the role ${listRoles(gate.required).map(nameRole).join(' or ')}`;
}

/** @throws ApiProblem 503. */
export function requireSigner(deps: ApiDeps) {
  const key = deps.signer();
  if (key) return key;
  throw new ApiProblem({
    status: 503,
    code: 'no-signing-key',
    title: 'This API cannot sign',
    detail: 'No signing key is configured, so no command can be proven to come from a person.',
    hint: 'set `api.signing` and `api.verify_keys` in windlass.yaml',
    headers: { 'retry-after': '60' },
  });
}
