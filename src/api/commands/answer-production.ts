/**
 * Incidents and rollbacks are about what runs in production, whether or not a release is still watching it: to the
 * release if it has a deployment there, else to workflows of their own.
 */
import type { Command } from '../../contracts/commands.ts';
import { incidentWorkflowId } from '../../contracts/workflow-ids.ts';
import { signCommand } from '../../integrations/signing/signing.ts';
import type { ReleaseRecord } from '../../release/record.ts';
import type { Principal } from '../auth/principal.ts';
import type { ApiDeps } from '../deps.ts';
import type { FlowKind } from '../flows.ts';
import { conflict } from '../problem.ts';
import { PERMISSIONS } from './permissions.ts';
import { refuseCommand } from './refuse-command.ts';
import {
  answerAgain,
  type CommandAnswer,
  type CommandWish,
  checkPermission,
  findEarlier,
  findProduct,
  makeNonce,
  requireSigner,
  sendCommand,
} from './send-command.ts';
import { releaseUrl, type StartAnswer, startRelease } from './start-release.ts';

/** How long the report counts, in milliseconds. */
const VALID_MS = 24 * 60 * 60_000;

/** Reports an incident. @throws ApiProblem 403, 404, 503. */
export async function reportIncident(
  deps: ApiDeps,
  principal: Principal,
  wish: CommandWish,
): Promise<CommandAnswer> {
  findProduct(deps, wish.product);
  checkPermission(deps, principal, 'incident');
  const sent = await findSent(deps, principal, wish);
  if (sent) return sent;
  const watching = await findWatching(deps, wish);
  if (watching) return await sendCommand(deps, principal, { ...wish, kind: watching.kind });
  const nonce = makeNonce(deps, principal, wish);
  const incidents = { workflowId: incidentWorkflowId(wish.product) };
  const earlier = wish.key === undefined ? undefined : await findEarlier(deps, incidents, nonce);
  if (earlier) return answerAgain(earlier, wish);
  const now = deps.clock();
  const role = PERMISSIONS.incident.find((one) => principal.roles.includes(one));
  const command: Command = {
    nonce,
    name: 'incident',
    product: wish.product,
    releaseId: incidentWorkflowId(wish.product),
    person: principal.name,
    ...(role === undefined ? {} : { role }),
    ...(wish.comment === undefined ? {} : { reason: wish.comment }),
    ...(wish.severity === undefined ? {} : { severity: wish.severity }),
    issuedAt: now.toISOString(),
    delivery: Buffer.from(deps.random(8)).toString('hex'),
    validUntil: new Date(now.getTime() + VALID_MS).toISOString(),
  };
  // Two copies of the API may do this at once: the incident workflow counts a nonce once.
  await deps.gateway.reportIncident(wish.product, signCommand(command, requireSigner(deps)));
  const { name, product, releaseId, person, issuedAt, validUntil } = command;
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
  wish: CommandWish & { to?: string },
): Promise<CommandAnswer | StartAnswer> {
  const { to, ...command } = wish;
  findProduct(deps, wish.product);
  checkPermission(deps, principal, 'rollback');
  const sent = await findSent(deps, principal, command);
  if (sent) return sent;
  const watching = await findWatching(deps, wish);
  if (watching) {
    const { kind, record } = watching;
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
  return await startRelease(deps, principal, {
    product: wish.product,
    kind: 'rollback',
    via: 'api',
    more: { reason: wish.comment ?? 'no reason given', ...(to === undefined ? {} : { to }) },
    ...(wish.key === undefined ? {} : { key: wish.key }),
  });
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
 * The answer to this very request, if it went to a flow before: that one may have ended since, and what was done by it
 * is not to be done once more by another workflow.
 */
async function findSent(
  deps: ApiDeps,
  principal: Principal,
  wish: CommandWish,
): Promise<CommandAnswer | undefined> {
  if (wish.key === undefined) return undefined;
  for (const kind of listKinds(deps, wish)) {
    const current = await deps.gateway.readCurrent(wish.product, kind);
    const nonce = makeNonce(deps, principal, { ...wish, kind });
    const earlier = current && (await findEarlier(deps, current, nonce));
    if (earlier) return { ...answerAgain(earlier, wish), kind };
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
