import { createHash } from 'node:crypto';
import type { Bump } from '../../release/settings.ts';
import type { ReleaseRequest } from '../../release/values.ts';
import { nameRole, releasePath } from '../../release/views/words.ts';
import type { Principal } from '../auth/principal.ts';
import { whoHas } from '../auth/principal.ts';
import { type ApiDeps, permissionsOf } from '../deps.ts';
import type { FlowKind } from '../flows.ts';
import { flowWorkflowId, recordKind } from '../flows.ts';
import { GatewayProblem, type StartedFlow } from '../gateway.ts';
import { conflict, forbidden } from '../problem.ts';
import { findProduct, keyReused } from './send-command.ts';

export interface StartWish {
  product: string;
  /** A release, where nothing is said. */
  kind?: FlowKind;
  /** What the flow's input has besides the request. */
  more?: object;
  bump?: Bump | 'auto';
  version?: string;
  via: ReleaseRequest['via'];
  key?: string;
}

export interface StartAnswer {
  accepted: true;
  product: string;
  kind: string;
  releaseId: string;
  workflowId: string;
  url: string;
}

/**
 * Starts a release, or another flow, in the person's name.
 * @throws ApiProblem 403, 404, 409 (one of the kind is in flight), 422 (the key was used for something else), 503.
 */
export async function startRelease(
  deps: ApiDeps,
  principal: Principal,
  wish: StartWish,
): Promise<StartAnswer> {
  const product = findProduct(deps, wish.product);
  const kind = wish.kind ?? 'release';
  checkStarter(deps, principal, kind);
  const now = deps.clock();
  const suffix = makeSuffix(deps, principal, wish);
  const asked = describeWish(wish);
  const again = (started: StartedFlow | undefined): StartAnswer | undefined => {
    // Our own request, sent again: the day may have changed since, the suffix has not.
    if (wish.key === undefined || !started?.releaseId?.endsWith(`-${suffix}`)) return undefined;
    if (started.asked !== undefined && started.asked !== asked) throw keyReused();
    return answer(deps, product.name, kind, started.releaseId);
  };
  // What was started under this key may have ended by now: it is not to be started again.
  const earlier =
    wish.key === undefined ? undefined : again(await deps.gateway.readStarted(product.name, kind));
  if (earlier) return earlier;
  const request: ReleaseRequest = {
    releaseId: `${product.name}-${now.toISOString().slice(0, 10).replaceAll('-', '')}-${suffix}`,
    product: product.name,
    bump: wish.bump ?? 'auto',
    ...(wish.version === undefined ? {} : { version: wish.version }),
    requestedBy: principal.name,
    requestedAt: now.toISOString(),
    via: wish.via,
  };
  try {
    await deps.gateway.start(kind, request, { more: wish.more ?? {}, asked });
    return answer(deps, product.name, kind, request.releaseId);
  } catch (error) {
    if (!(error instanceof GatewayProblem) || error.kind !== 'in_flight') throw error;
    const ours = again(error.running);
    if (ours) return ours;
    const running = error.running?.releaseId;
    throw conflict(
      'in-flight',
      `A ${kind} of ${product.name} is in flight: ${running ?? 'its id is not known'}, since ${error.running?.startedAt ?? 'a time not known'}.`,
      'wait for it to end, or abort it; one product has one release at a time',
      { releaseId: running, startedAt: error.running?.startedAt, url: releaseUrl(deps, product.name, kind) },
    );
  }
}

/** @throws ApiProblem 403. */
export function checkStarter(deps: ApiDeps, principal: Principal, kind: FlowKind = 'release'): void {
  const starters = permissionsOf(deps).starts[recordKind(kind)];
  if (starters.some((role) => principal.roles.includes(role))) return;
  const people = whoHas(deps.installation, starters, deps.clock());
  throw forbidden(
    `${principal.name} may not start a ${kind}: it takes ${starters.map(nameRole).join(' or ')}.`,
    people.length > 0 ? `ask ${people.join(', ')}` : 'ask somebody with that role',
  );
}

/** The page of a product's release, under the API's public address. */
export function releaseUrl(deps: ApiDeps, product: string, kind: FlowKind = 'release'): string {
  return `${deps.installation.api.url}${releasePath(product, kind)}`;
}

function answer(deps: ApiDeps, product: string, kind: FlowKind, releaseId: string): StartAnswer {
  const workflowId = flowWorkflowId(product, kind);
  return { accepted: true, product, kind, releaseId, workflowId, url: releaseUrl(deps, product, kind) };
}

function makeSuffix(deps: ApiDeps, principal: Principal, wish: StartWish): string {
  if (wish.key === undefined) return Buffer.from(deps.random(3)).toString('hex');
  const parts = [wish.key, principal.name, wish.product, wish.kind ?? 'release'];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 6);
}

/** A digest of what is asked for, by which the same key with another content is noticed. */
function describeWish(wish: StartWish): string {
  const parts = [wish.bump ?? 'auto', wish.version ?? '', wish.more ?? {}];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
