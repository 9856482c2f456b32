import { createHash } from 'node:crypto';
import type { Command, CommandName, SignedCommand } from '../../contracts/commands.ts';
import { signCommand, verifySigned } from '../../integrations/signing/signing.ts';
import type { ApprovalGate } from '../../release/approvals.ts';
import { COMMANDS, isPlain, type PlainCommandName } from '../../release/commands/command-table.ts';
import { mayDo } from '../../release/commands/permissions.ts';
import { refuseAnswer } from '../../release/commands/refusals.ts';
import { refuseCommand, refuseGate } from '../../release/commands/refuse-command.ts';
import { openGate } from '../../release/record/record.ts';
import type { PersonRole, ProductSettings, Severity } from '../../release/settings.ts';
import { nameRole } from '../../release/views/words.ts';
import type { Principal } from '../auth/principal.ts';
import { whoHas } from '../auth/principal.ts';
import { type ApiDeps, permissionsOf } from '../deps.ts';
import type { FlowKind } from '../flows.ts';
import type { CurrentRelease } from '../gateway.ts';
import { ApiProblem, conflict, forbidden, notFound } from '../problem.ts';
import { chooseRole, refuseByRules } from './choose-role.ts';
import { describeEnded, type Ended, keysCountSince } from './request-key.ts';

/** What a person wants, as a route has read it. */
export interface CommandWish {
  name: CommandName;
  product: string;
  /** Which of the product's flows; its release, where nothing is said. */
  kind?: FlowKind;
  gate?: string;
  comment?: string;
  role?: PersonRole;
  severity?: Severity;
  extendMs?: number;
  /** Which incident it is about, by its id. */
  incidentId?: string;
  /** What a new incident is about: while one of this key is open, it is that one. `over`: its source says so. */
  incidentKey?: string;
  over?: true;
  changelog?: string;
  notes?: string;
  /** What the person was shown: refused when something else is waiting by now. */
  subject?: string;
  /** The Idempotency-Key: the same key gives the same command, and the same answer. */
  key?: string;
}

/** What the sender is told once Temporal has accepted the signal. */
export interface CommandAnswer {
  accepted: true;
  command: CommandName;
  product: string;
  releaseId: string;
  person: string;
  role?: PersonRole;
  gate?: string;
  /** Which flow it went to, where that was not asked for. */
  kind?: string;
  nonce: string;
  issuedAt: string;
  validUntil: string;
  /** Set where the same request came before, to a release that is over: nothing was sent now. */
  ended?: Ended;
}

/** Commands other than approvals are for now: after a day they are for a situation that is gone. */
const VALID_MS = 24 * 60 * 60_000;

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
  const product = findProduct(deps, wish.product);
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
  const command: Command = {
    nonce,
    name: wish.name,
    product: wish.product,
    releaseId: current.record.releaseId,
    ...(gate === undefined ? {} : { gate: gate.key, subject: gate.subject }),
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
    validUntil: new Date(now.getTime() + (gate ? product.approvals.validForMs : VALID_MS)).toISOString(),
  };
  await deps.gateway.signal(current, wish.name, signCommand(command, requireSigner(deps)));
  return describe(command);
}

/** What a command says of the incident that it is about. */
export function aboutIncident({ incidentId, incidentKey, over }: CommandWish) {
  return {
    ...(incidentId === undefined ? {} : { incidentId }),
    ...(incidentKey === undefined ? {} : { incidentKey }),
    ...(over === undefined ? {} : { over }),
  };
}

/** @throws ApiProblem 404. */
export function findProduct(deps: ApiDeps, name: string): ProductSettings {
  const { products } = deps.installation;
  const product = Object.hasOwn(products, name) ? products[name] : undefined;
  if (product) return product;
  throw notFound(
    `There is no product "${name}".`,
    `known products: ${Object.keys(products).join(', ') || 'none'}`,
  );
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
    const refused = refuseCommand(record, wish.name) ?? refuseAnswer(record, wish.name, wish.incidentId);
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
    `${principal.name} ${what} that "${gate.key}" asks for: ${gate.required.map(nameRole).join(', ')}.`,
    hintFor(deps, gate, principal),
  );
}

function hintFor(deps: ApiDeps, gate: ApprovalGate, principal: Principal): string {
  const others = whoHas(deps.installation, gate.required, deps.clock()).filter(
    (name) => name !== principal.name,
  );
  return others.length > 0
    ? `ask ${others.join(', ')}`
    : `ask somebody with the role ${gate.required.map(nameRole).join(' or ')}`;
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

/** From the key, so that a repeated request is the same command; without a key, of its own. */
export function makeNonce(deps: ApiDeps, principal: Principal, wish: CommandWish): string {
  if (wish.key === undefined) return Buffer.from(deps.random(16)).toString('hex');
  // Approving and rejecting are one question: a key that was used for the one is not good for the other.
  const asked = wish.name === 'approve' || wish.name === 'reject' ? 'decision' : wish.name;
  const parts = [wish.key, principal.name, wish.product, asked, wish.gate ?? '', wish.kind ?? 'release'];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** A command of this nonce that the release has received. What somebody else planted there does not verify. */
export async function findEarlier(
  deps: ApiDeps,
  current: { workflowId: string; runId?: string },
  nonce: string,
): Promise<Command | undefined> {
  const signed = await deps.gateway.findCommand(current, nonce, keysCountSince(deps));
  if (!signed) return undefined;
  // At the time of its own: it may have expired since, and was sent all the same.
  const issued = new Date(readIssuedAt(signed) ?? deps.clock().getTime());
  const checked = verifySigned(signed, deps.installation.api.verifyKeys, issued);
  return 'nonce' in checked && checked.nonce === nonce ? checked : undefined;
}

function readIssuedAt({ signed }: SignedCommand): number | undefined {
  const { issuedAt } = JSON.parse(signed) as { issuedAt?: unknown };
  const at = typeof issuedAt === 'string' ? Date.parse(issuedAt) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

/** The answer to a command that was sent before: as then, and what became of it where it can have no effect any more. */
export async function answerEarlier(
  deps: ApiDeps,
  earlier: Command,
  wish: CommandWish,
  { record, open }: Pick<CurrentRelease, 'record' | 'open'>,
): Promise<CommandAnswer> {
  const answer = answerAgain(earlier, wish);
  const isHere = earlier.releaseId === record.releaseId && open;
  return isHere ? answer : { ...answer, ended: await describeEnded(deps, wish.product, earlier.releaseId) };
}

/** The answer to a command that was sent before under this key. @throws ApiProblem 422 when it was another one. */
export function answerAgain(earlier: Command, wish: CommandWish): CommandAnswer {
  const same =
    earlier.name === wish.name &&
    earlier.reason === wish.comment &&
    (wish.role === undefined || earlier.role === wish.role) &&
    earlier.severity === wish.severity &&
    earlier.extendMs === wish.extendMs &&
    earlier.incidentId === wish.incidentId &&
    earlier.over === wish.over &&
    earlier.changelog === wish.changelog &&
    earlier.notes === wish.notes;
  if (same) return describe(earlier);
  throw keyReused();
}

/** 422, as the IETF's draft on the Idempotency-Key has it. */
export function keyReused(): ApiProblem {
  return new ApiProblem({
    status: 422,
    code: 'key-reused',
    title: 'Key used for something else',
    detail: 'This Idempotency-Key came with another content before; nothing was sent.',
    hint: 'use a new key for a new request',
  });
}

function describe(command: Command): CommandAnswer {
  return {
    accepted: true,
    command: command.name,
    product: command.product,
    releaseId: command.releaseId,
    person: command.person,
    ...(command.role === undefined ? {} : { role: command.role }),
    ...(command.gate === undefined ? {} : { gate: command.gate }),
    nonce: command.nonce,
    issuedAt: command.issuedAt,
    validUntil: command.validUntil,
  };
}
