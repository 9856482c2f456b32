import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { ApiProblem, unauthenticated } from '../problem.ts';
import type { VerifyOidc } from './oidc.ts';
import { type Principal, rolesAt } from './principal.ts';
import { sameText } from './sealed.ts';
import { cookieName, readSession } from './session.ts';
import { findByToken } from './static-tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set for every route that is not `open`. */
    principal: Principal | undefined;
  }
  interface FastifyContextConfig {
    /** Answers anybody. Without it, a route answers only people who are known: deny by default. */
    open?: boolean;
    /** A page: people who are not signed in are sent to the sign-in page. */
    page?: boolean;
  }
}

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/** Makes every route that is not marked `open` ask who is there, and every form prove where it comes from. */
export function requirePeople(app: FastifyInstance, deps: ApiDeps, oidc: VerifyOidc | undefined): void {
  app.decorateRequest('principal', undefined);
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404 || request.routeOptions.config.open) return;
    try {
      request.principal = await identify(request, deps, oidc);
    } catch (error) {
      const isPage = request.routeOptions.config.page && request.method === 'GET';
      if (!isPage || !(error instanceof ApiProblem) || error.problem.status !== 401) throw error;
      return reply.redirect(`/sign-in?next=${encodeURIComponent(request.url)}`, 303);
    }
  });
  // Before validation, which leaves out of the body what a route does not know.
  app.addHook('preValidation', async (request) => {
    if (request.principal?.via !== 'session' || SAFE_METHODS.includes(request.method)) return;
    checkOrigin(request, deps);
    const given =
      request.headers['x-csrf-token'] ?? (request.body as Record<string, unknown> | undefined)?.['csrf'];
    if (typeof given !== 'string' || !sameText(given, request.principal.csrf ?? '')) throw foreignForm();
  });
}

/** The person of a route that is not open. */
export function principalOf(request: FastifyRequest): Principal {
  if (!request.principal) throw unauthenticated('Nobody is signed in.');
  return request.principal;
}

/** Who sends this request: a bearer token wins over a cookie, and a bad one is never made good by a cookie. */
export async function identify(
  request: FastifyRequest,
  deps: ApiDeps,
  oidc: VerifyOidc | undefined,
): Promise<Principal> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const [, token] = /^Bearer ([\x21-\x7e]+)$/i.exec(authorization) ?? [];
    if (token === undefined) throw unauthenticated('The Authorization header is not "Bearer TOKEN".');
    return await verifyBearer(token, deps, oidc);
  }
  const cookie = request.cookies[cookieName(deps)];
  if (cookie === undefined) throw unauthenticated('The request says nothing about who sends it.');
  const principal = await readSession(deps, cookie);
  if (!principal) throw unauthenticated('The session has ended. Sign in again.');
  return principal;
}

/** @throws ApiProblem 401. */
export async function verifyBearer(
  token: string,
  deps: ApiDeps,
  oidc: VerifyOidc | undefined,
): Promise<Principal> {
  const person = findByToken(deps.installation, token);
  if (person) {
    return {
      name: person.name,
      displayName: person.displayName,
      roles: rolesAt(person, deps.clock()),
      via: 'token',
    };
  }
  if (oidc && token.split('.').length === 3) return await oidc(token);
  throw unauthenticated('The token is not known here.');
}

/** A cookie comes along with whatever page sends the browser here; these two headers tell which page it was. */
export function checkOrigin(request: FastifyRequest, deps: ApiDeps): void {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw foreignForm();
  const { origin } = request.headers;
  if (origin === undefined) return;
  const own = [new URL(deps.installation.api.url).origin, `${request.protocol}://${request.host}`];
  if (!own.includes(origin)) throw foreignForm();
}

function foreignForm(): ApiProblem {
  return new ApiProblem({
    status: 403,
    code: 'csrf',
    title: 'Not from our page',
    detail: 'The form does not come from this site, or it is older than the session.',
    hint: 'open the page again and press the button there',
  });
}
