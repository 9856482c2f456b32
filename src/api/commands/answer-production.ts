/**
 * Incidents and rollbacks are about what runs in production, whether or not a release is still watching it: to the
 * release if it has a deployment there, else to workflows of their own.
 */

import type { Command } from '../../contracts/commands.ts';
import { incidentWorkflowId } from '../../contracts/workflow-ids.ts';
import { signCommand } from '../../integrations/signing/signing.ts';
import { isPlain } from '../../release/commands/command-table.ts';
import { refuseCommand } from '../../release/commands/refuse-command.ts';
import { listOpen, refuseToAnswer } from '../../release/incidents.ts';
import { COMMAND_VALID_MS } from '../../release/policy/default-times.ts';
import type { ReleaseRecord } from '../../release/record/record.ts';
import type { Principal } from '../auth/principal.ts';
import { type ApiDeps, permissionsOf } from '../deps.ts';
import type { FlowKind } from '../flows.ts';
import { type CurrentRelease, GatewayProblem } from '../gateway.ts';
import { type ApiProblem, conflict, notFound } from '../problem.ts';
import { listRunning } from '../read-release.ts';
import type { CommandAnswer, CommandWish } from './command-wish.ts';
import { findProduct, requireProduct } from './find-product.ts';
import { noteIncident } from './note-incident.ts';
import { answerAgain, answerEarlier, findEarlier, makeNonce } from './repeat-command.ts';
import { aboutIncident, checkComment, checkPermission, requireSigner, sendCommand } from './send-command.ts';
import { releaseUrl, type StartAnswer, startRelease } from './start-release.ts';

/** Reports an incident. @throws ApiProblem 403, 404, 503. */
export async function reportIncident(
  deps: ApiDeps,
  principal: Principal,
  wish: CommandWish,
): Promise<CommandAnswer> {
  requireProduct(deps, wish.product);
  checkPermission(deps, principal, 'incident');
  const sent = await findSent(deps, principal, wish);
  if (sent) return await answerEarlier(deps, sent.command, wish, sent);
  const watching = await findWatching(deps, wish);
  if (watching) return await sendCommand(deps, principal, { ...wish, kind: watching.kind });
  const nonce = makeNonce(deps, principal, wish);
  const incidents = { workflowId: incidentWorkflowId(wish.product) };
  const earlier = wish.key === undefined ? undefined : await findEarlier(deps, incidents, nonce);
  if (earlier) return answerAgain(earlier, wish);
  if (wish.incidentId !== undefined) await requireIncident(deps, wish, 'report it without an id');
  // Two copies of the API may do this at once: the incident workflow counts a nonce once.
  const command = describeForIncidents(deps, principal, wish, nonce);
  await noteIncident(deps, wish.product, principal.name, nonce);
  await deps.gateway.reportIncident(wish.product, signCommand(command, requireSigner(deps)));
  return answerFor(command);
}

/**
 * Notes that an incident is over, by its source: it stays open until people, or its deadline, settle it.
 * @throws ApiProblem 403, 404, 409 when none that is open has the key, 503.
 */
export async function reportOver(
  deps: ApiDeps,
  principal: Principal,
  wish: CommandWish & { over: true },
): Promise<CommandAnswer> {
  requireProduct(deps, wish.product);
  checkPermission(deps, principal, 'incident');
  const watching = await findWatching(deps, wish);
  const incidents = watching?.record.incidents ?? (await deps.gateway.readIncidents(wish.product));
  const isOpen = listOpen(incidents).some((one) => one.key !== undefined && one.key === wish.incidentKey);
  if (!isOpen) throw noIncident(wish.product, 'nothing waits for its end');
  if (watching) return await sendCommand(deps, principal, { ...wish, kind: watching.kind });
  const command = describeForIncidents(deps, principal, wish);
  if (await tellIncidents(deps, command)) return answerFor(command);
  throw noIncident(wish.product, 'nothing waits for its end');
}

/** Answers an incident: the release that waits for it, or the workflow of what is long live. @throws ApiProblem. */
export async function dismissIncident(
  deps: ApiDeps,
  principal: Principal,
  wish: CommandWish,
): Promise<CommandAnswer> {
  requireProduct(deps, wish.product);
  checkComment(wish);
  checkPermission(deps, principal, 'dismiss');
  const current = await deps.gateway.readCurrent(wish.product, wish.kind);
  const refused = current && refuseCommand(current.record, 'dismiss');
  if (current && !refused) return await sendCommand(deps, principal, wish);
  await requireIncident(deps, wish, refused?.hint);
  const command = describeForIncidents(deps, principal, wish);
  if (await tellIncidents(deps, command)) return answerFor(command);
  throw noIncident(wish.product, refused?.hint);
}

function noIncident(product: string, hint = 'nothing needs to be dismissed'): ApiProblem {
  return conflict('no-incident', `No incident of ${product} is open.`, hint);
}

/** That the answer is one to an incident of what is long live, and to which. @throws ApiProblem 409. */
async function requireIncident(deps: ApiDeps, wish: CommandWish, hint?: string): Promise<void> {
  const incidents = await deps.gateway.readIncidents(wish.product);
  const open = listOpen(incidents);
  // One that has just been reported may not be taken in yet: the workflow decides then.
  if (incidents.length === 0) return;
  if (open.length === 0 && wish.incidentId === undefined) throw noIncident(wish.product, hint);
  const refused = refuseToAnswer(incidents, wish.incidentId);
  if (refused === undefined) return;
  const sentence = `${refused.charAt(0).toUpperCase()}${refused.slice(1)}`;
  throw conflict('which-incident', sentence, 'name one that is open, with `incident`', {
    incidents: open.map(({ id, severity, summary }) => ({ id, severity, summary })),
  });
}

/** @throws ApiProblem 404 for what is no production environment of the product. */
function requireProduction(product: ReturnType<typeof findProduct>, name: string): void {
  const names = product.environments.filter(({ kind }) => kind === 'production').map((one) => one.name);
  if (names.includes(name)) return;
  throw notFound(
    `${product.name} has no production environment "${name}".`,
    names.length === 0 ? 'it has none at all' : `use one of ${names.join(', ')}`,
  );
}

/** A command to the workflow in which incidents of a long-live version wait. */
function describeForIncidents(
  deps: ApiDeps,
  principal: Principal,
  wish: CommandWish,
  nonce = makeNonce(deps, principal, wish),
): Command {
  const now = deps.clock();
  const { name } = wish;
  const may = isPlain(name) ? permissionsOf(deps).commands[name] : [];
  const role = may.find((one) => principal.roles.includes(one));
  return {
    nonce,
    name,
    product: wish.product,
    releaseId: incidentWorkflowId(wish.product),
    person: principal.name,
    ...(role === undefined ? {} : { role }),
    ...(wish.comment === undefined ? {} : { reason: wish.comment }),
    ...(wish.severity === undefined ? {} : { severity: wish.severity }),
    ...(wish.extendMs === undefined ? {} : { extendMs: wish.extendMs }),
    ...aboutIncident(wish),
    issuedAt: now.toISOString(),
    delivery: Buffer.from(deps.random(8)).toString('hex'),
    validUntil: new Date(now.getTime() + COMMAND_VALID_MS).toISOString(),
  };
}

/** False when no incident waits there. */
async function tellIncidents(deps: ApiDeps, command: Command): Promise<boolean> {
  const workflowId = incidentWorkflowId(command.product);
  try {
    await deps.gateway.signal({ workflowId }, command.name, signCommand(command, requireSigner(deps)));
    return true;
  } catch (error) {
    if (error instanceof GatewayProblem && error.kind === 'not_in_flight') return false;
    throw error;
  }
}

function answerFor(command: Command): CommandAnswer {
  const { name, product, releaseId, person, role, nonce, issuedAt, validUntil } = command;
  return {
    accepted: true,
    command: name,
    product,
    releaseId,
    person,
    ...(role === undefined ? {} : { role }),
    nonce,
    issuedAt,
    validUntil,
  };
}

/** Takes the running version back: the deployment in flight, or the one that is long live. @throws ApiProblem. */
export async function rollBack(
  deps: ApiDeps,
  principal: Principal,
  wish: CommandWish & { from?: string; to?: string; environment?: string },
): Promise<CommandAnswer | StartAnswer> {
  const { from, to, environment, ...command } = wish;
  const product = findProduct(deps, wish.product);
  if (environment !== undefined) requireProduction(product, environment);
  checkPermission(deps, principal, 'rollback');
  const sent = await findSent(deps, principal, command);
  if (sent) return { ...(await answerEarlier(deps, sent.command, command, sent)), kind: sent.kind };
  const watching = await findWatching(deps, wish);
  if (watching) {
    const { kind, record } = watching;
    refuseOther(from, record.plan?.version, 'is watched in production');
    if (environment !== undefined) {
      throw conflict(
        'in-flight',
        `${record.releaseId} is still watching its version in production; it can only go back everywhere.`,
        `roll it back without naming an environment, or wait until it has ended`,
        { releaseId: record.releaseId, url: releaseUrl(deps, wish.product, kind) },
      );
    }
    const before = record.environments.find((environment) => environment.kind === 'production');
    if (to !== undefined && to !== before?.previousVersion) {
      throw conflict(
        'in-flight',
        `${record.releaseId} is still watching its version in production; it can only go back to ${before?.previousVersion ?? 'the version before'}.`,
        'roll that back first (without a version), then go further back when it has ended',
        { releaseId: record.releaseId, url: releaseUrl(deps, wish.product, kind) },
      );
    }
    return { ...(await sendCommand(deps, principal, { ...command, kind })), kind };
  }
  if (from !== undefined) {
    const last = await deps.gateway.readCurrent(wish.product, wish.kind);
    const [runs, ...others] = last === undefined ? [] : await listRunning(deps, last);
    if (others.length === 0) refuseOther(from, runs, 'runs in production');
  }
  const started = await startRelease(deps, principal, {
    product: wish.product,
    kind: 'rollback',
    via: 'api',
    more: {
      reason: wish.comment ?? 'no reason given',
      ...(from === undefined ? {} : { bad: from }),
      ...(to === undefined ? {} : { to }),
      ...(environment === undefined ? {} : { environment }),
    },
    ...(wish.key === undefined ? {} : { key: wish.key }),
  });
  // An incident that waits for this very decision is settled by it. It knows what is to go, so it would do no harm
  // at its deadline either.
  if (environment === undefined) {
    await tellIncidents(deps, describeForIncidents(deps, principal, command)).catch(() => false);
  }
  return started;
}

/** Whoever named what is to go meant exactly that: what somebody else took back meanwhile is not gone further back from. */
function refuseOther(from: string | undefined, runs: string | undefined, how: string): void {
  if (from === undefined || runs === undefined || from === runs) return;
  throw conflict(
    'not-running',
    `${runs} ${how}, not ${from}: there is nothing to roll back.`,
    `look at what runs now; to take that back, name it (--from ${runs})`,
  );
}

/**
 * The flow that has a deployment in production and takes such a command now: the one asked for, else a release, a
 * hotfix, or a deployment that was started alone.
 */
async function findWatching(
  deps: ApiDeps,
  wish: CommandWish,
): Promise<{ kind: FlowKind; record: ReleaseRecord } | undefined> {
  for (const kind of listKinds(deps, wish)) {
    const current = await deps.gateway.readCurrent(wish.product, kind);
    if (current && refuseCommand(current.record, 'rollback') === undefined) {
      return { kind, record: current.record };
    }
  }
  return undefined;
}

/**
 * This very request, if it went to a flow before: that one may have ended since, and what was done by it is not to be
 * done once more by another workflow.
 */
export async function findSent(
  deps: ApiDeps,
  principal: Principal,
  wish: CommandWish,
): Promise<(CurrentRelease & { command: Command; kind: FlowKind }) | undefined> {
  if (wish.key === undefined) return undefined;
  for (const kind of listKinds(deps, wish)) {
    const current = await deps.gateway.readCurrent(wish.product, kind);
    const nonce = makeNonce(deps, principal, { ...wish, kind });
    const earlier = current && (await findEarlier(deps, current, nonce));
    if (earlier) return { ...current, command: earlier, kind };
  }
  return undefined;
}

/** Flows that may have a deployment in production, the one asked for first. */
function listKinds(deps: ApiDeps, wish: CommandWish): Set<FlowKind> {
  const production = findProduct(deps, wish.product).environments.filter((e) => e.kind === 'production');
  return new Set<FlowKind>([
    wish.kind ?? 'release',
    'release',
    'hotfix',
    ...production.map(({ name }): FlowKind => `deployment-${name}`),
  ]);
}
