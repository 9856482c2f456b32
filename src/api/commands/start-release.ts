import { createHash } from 'node:crypto';
import type { Bump } from '../../release/names.ts';
import { API_MS } from '../../release/policy/inner-times.ts';
import { makeReleaseId } from '../../release/record/release-id.ts';
import type { ProductSettings } from '../../release/settings.ts';
import type { ReleaseRequest } from '../../release/values.ts';
import { nameRole, releasePath } from '../../release/views/words.ts';
import type { Principal } from '../auth/principal.ts';
import { whoHas } from '../auth/principal.ts';
import { type ApiDeps, permissionsOf } from '../deps.ts';
import type { FlowKind } from '../flows.ts';
import { flowWorkflowId, recordKind } from '../flows.ts';
import { GatewayProblem, type StartedFlow } from '../gateway.ts';
import { ApiProblem, conflict, forbidden, unavailable } from '../problem.ts';
import { checkApprovers } from './check-approvers.ts';
import { findProduct, requireStartable } from './find-product.ts';
import { keyReused } from './repeat-command.ts';
import { describeEnded, type Ended, keysCountSince } from './request-key.ts';

export interface StartWish {
  product: string;
  /** A release, where nothing is said. */
  kind?: FlowKind;
  /** What the flow's input has besides the request. */
  more?: object;
  bump?: Bump | 'auto';
  version?: string;
  /** Not before this instant does it reach production; ISO 8601. */
  deployAt?: string;
  via: ReleaseRequest['via'];
  /** Who asked at another place, in whose name this is done. */
  askedThrough?: string[];
  key?: string;
  /** The key is what is asked for, for want of another: once what it began has ended, the same is asked for anew. */
  keyIsContent?: true;
}

export interface StartAnswer {
  accepted: true;
  product: string;
  kind: string;
  releaseId: string;
  workflowId: string;
  url: string;
  /** Set where the same request began it before and it is over: nothing was started now. */
  ended?: Ended;
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
  const kind = wish.kind ?? 'release';
  // Going back must be possible as long as anything is known of the product.
  const product =
    kind === 'rollback' ? findProduct(deps, wish.product) : requireStartable(deps, wish.product);
  checkStarter(deps, principal, kind);
  const now = deps.clock();
  const deployAt = checkTime(wish.deployAt, now);
  if (deployAt !== undefined) checkReaches(product, kind);
  const asked = describeWish(wish);
  const { suffix, started } = await findStarted(deps, principal, wish);
  const again = async (found: StartedFlow | undefined): Promise<StartAnswer | undefined> => {
    if (wish.key === undefined || !isOfSuffix(found, suffix)) return undefined;
    if (found.asked !== undefined && found.asked !== asked) throw keyReused();
    const before = answer(deps, product.name, kind, found.releaseId);
    return found.open
      ? before
      : { ...before, ended: await describeEnded(deps, product.name, found.releaseId) };
  };
  // What was started under this key may have ended by now: it is not to be started again.
  const earlier = await again(started);
  if (earlier) return earlier;
  checkApprovers(deps, product, principal, wish);
  const request: ReleaseRequest = {
    releaseId: makeReleaseId(product.name, now.toISOString(), suffix),
    product: product.name,
    bump: wish.bump ?? 'auto',
    ...(wish.version === undefined ? {} : { version: wish.version }),
    requestedBy: principal.name,
    requestedAt: now.toISOString(),
    ...(deployAt === undefined ? {} : { deployAt }),
    via: wish.via,
    ...(wish.askedThrough === undefined ? {} : { askedThrough: wish.askedThrough }),
  };
  const nonce = Buffer.from(deps.random(8)).toString('hex');
  try {
    await noteStart(deps, kind, request, nonce);
    const { runId } = await deps.gateway.start(kind, request, { more: wish.more ?? {}, asked });
    await noteBegun(deps, request, runId);
    return answer(deps, product.name, kind, request.releaseId);
  } catch (error) {
    if (!(error instanceof GatewayProblem) || error.kind !== 'in_flight') throw error;
    await noteNotStarted(deps, request, nonce);
    const ours = await again(error.running);
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

/** The time in one form. @throws ApiProblem 400 for one that is over, or too far away. */
function checkTime(written: string | undefined, now: Date): string | undefined {
  if (written === undefined) return undefined;
  const at = Date.parse(written);
  if (at > now.getTime() && at - now.getTime() <= API_MS.latestStart) return new Date(at).toISOString();
  throw new ApiProblem({
    status: 400,
    code: 'time-not-possible',
    title: 'Not a time to wait for',
    detail: `${written} is ${at > now.getTime() ? 'more than 90 days away' : 'over already'}; nothing was started.`,
    hint: 'give a time from now on, such as 2026-12-01T22:00:00Z, or none to go as soon as it is approved',
  });
}

/** @throws ApiProblem 400 where nothing would ever wait: it must not be taken for a promise. */
function checkReaches(product: ProductSettings, kind: FlowKind): void {
  const production = product.environments.filter((environment) => environment.kind === 'production');
  const reached = production.some(({ name }) => kind === 'release' || kind === `deployment-${name}`);
  if (reached) return;
  throw new ApiProblem({
    status: 400,
    code: 'time-not-possible',
    title: 'Nothing waits for a time',
    detail: `This ${kind} of ${product.name} does not reach production, and only that waits; nothing was started.`,
    hint: 'start it at the time that you mean, or leave the time out',
  });
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

/** What this very request began before, and the end of the id of what it is to begin now. */
async function findStarted(
  deps: ApiDeps,
  principal: Principal,
  wish: StartWish,
): Promise<{ suffix: string; started?: StartedFlow }> {
  if (wish.key === undefined) return { suffix: Buffer.from(deps.random(3)).toString('hex') };
  const all = await deps.gateway.listStarted(wish.product, wish.kind ?? 'release', keysCountSince(deps));
  for (let times = 0; ; times++) {
    const suffix = makeSuffix(principal, wish, times);
    const started = all.find((one) => isOfSuffix(one, suffix));
    if (!started) return { suffix };
    if (started.open || !wish.keyIsContent) return { suffix, started };
  }
}

/** The day may have changed since a request came first, the suffix has not. */
function isOfSuffix(
  found: StartedFlow | undefined,
  suffix: string,
): found is StartedFlow & { releaseId: string } {
  return found?.releaseId?.endsWith(`-${suffix}`) ?? false;
}

/** Before it begins, so that no worker does anything for what nobody asked for. */
async function noteStart(
  deps: ApiDeps,
  kind: FlowKind,
  { product, releaseId, requestedBy: by, via }: ReleaseRequest,
  nonce: string,
): Promise<void> {
  try {
    await deps.ledger?.append(product, { fact: 'started', releaseId, kind, by, via, nonce });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw unavailable(
      `The ${kind} was not started: it could not be written into the ledger. ${why}`,
      'retry later',
    );
  }
}

/** It runs already: without this note nobody can tell it from another run of its id, but it goes on. */
async function noteBegun(
  deps: ApiDeps,
  { product, releaseId }: ReleaseRequest,
  runId: string,
): Promise<void> {
  await deps.ledger?.append(product, { fact: 'begun', releaseId, runId }).catch(() => undefined);
}

/** Its id must be of no use to anybody else; another copy of the API may have begun it meanwhile, by a start of its own. */
async function noteNotStarted(
  deps: ApiDeps,
  { product, releaseId }: ReleaseRequest,
  nonce: string,
): Promise<void> {
  await deps.ledger?.append(product, { fact: 'ended', releaseId, outcome: 'not_started', nonce });
}

/** `times`: how often the same was asked for before, and is over. */
function makeSuffix(principal: Principal, wish: StartWish, times: number): string {
  const again = times === 0 ? [] : [times];
  const parts = [wish.key, principal.name, wish.product, wish.kind ?? 'release', ...again];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 6);
}

/** A digest of what is asked for, by which the same key with another content is noticed. */
function describeWish(wish: StartWish): string {
  const parts = [
    wish.bump ?? 'auto',
    wish.version ?? '',
    wish.more ?? {},
    ...(wish.deployAt === undefined ? [] : [wish.deployAt]),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
