import { z } from 'zod';
import { checkOrigin, principalOf, verifyBearer } from '../../auth/authenticate.ts';
import type { VerifyOidc } from '../../auth/oidc.ts';
import { readBrowserOidc } from '../../auth/oidc-sign-in.ts';
import type { Principal } from '../../auth/principal.ts';
import {
  cookieName,
  cookieOptions,
  endSession,
  makeLinkCode,
  openSession,
  takeLinkCode,
} from '../../auth/session.ts';
import type { ApiDeps } from '../../deps.ts';
import { renderSignIn } from '../../page/forms.ts';
import { ApiProblem, forbidden } from '../../problem.ts';
import { idempotencyHeaders, problems, time } from '../../schemas/common.ts';
import type { RouteApp } from '../route-app.ts';
import { sitePath } from '../site/site-path.ts';

/** Browser sessions: in by a token or a one-time link, out by a button. */
export function routeSignIn(app: RouteApp, deps: ApiDeps, oidc: VerifyOidc | undefined): void {
  const usedCodes = new Map<string, number>();
  const provider = oidc === undefined ? 'none' : readBrowserOidc(deps) ? 'browser' : 'token';

  app.get(
    '/sign-in',
    {
      config: { open: true, page: true },
      schema: {
        querystring: z.object({ next: sitePath.optional(), code: z.string().max(2_000).optional() }),
      },
    },
    async (request, reply) => {
      const { next = '/', code } = request.query;
      const form = renderSignIn({ next, provider, ...(code === undefined ? {} : { code }) });
      return reply.type('text/html; charset=utf-8').send(form);
    },
  );

  app.post(
    '/sign-in',
    {
      config: {
        open: true,
        page: true,
        rateLimit: { max: deps.limits.signInsPerMinute, timeWindow: 60_000 },
      },
      schema: {
        body: z.object({
          next: sitePath.optional(),
          token: z.string().max(4_096).optional(),
          code: z.string().max(2_000).optional(),
        }),
      },
    },
    async (request, reply) => {
      checkOrigin(request, deps);
      const { next = '/', token, code } = request.body;
      const principal =
        code === undefined ? await readToken(token ?? '', deps, oidc) : takeLinkCode(deps, code, usedCodes);
      if (!principal) {
        const failed =
          code === undefined
            ? 'This token is not known here.'
            : 'This link was used already, or it is too old.';
        return reply
          .code(401)
          .type('text/html; charset=utf-8')
          .send(renderSignIn({ next, provider, failed }));
      }
      return reply
        .setCookie(cookieName(deps), openSession(deps, principal), cookieOptions(deps))
        .redirect(next, 303);
    },
  );

  app.post(
    '/sign-out',
    { config: { page: true }, schema: { body: z.object({ csrf: z.string().optional() }) } },
    async (request, reply) => {
      const cookie = request.cookies[cookieName(deps)];
      if (cookie !== undefined) await endSession(deps, cookie);
      const { maxAge: _age, ...options } = cookieOptions(deps);
      return reply.clearCookie(cookieName(deps), options).redirect('/sign-in', 303);
    },
  );

  app.post(
    '/v1/sign-in-links',
    {
      schema: {
        summary: 'A link that signs you in on the page, once, within five minutes',
        description:
          'Opening it signs nobody in: the button on the page does, so a mail scanner cannot use it up.',
        tags: ['people'],
        headers: idempotencyHeaders,
        response: { 201: z.object({ url: z.string(), expiresAt: time }), ...problems },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      if (principal.via !== 'token') {
        throw forbidden(
          'Only people with a token of their own can have a link.',
          'sign in on the page instead',
        );
      }
      const { code, expiresAt } = makeLinkCode(deps, principal.name);
      const url = `${deps.installation.api.url}/sign-in?code=${encodeURIComponent(code)}`;
      return reply.code(201).send({ url, expiresAt });
    },
  );
}

/** `undefined` when it is nobody's; other problems, such as a provider that is away, are told. */
async function readToken(
  token: string,
  deps: ApiDeps,
  oidc: VerifyOidc | undefined,
): Promise<Principal | undefined> {
  try {
    return await verifyBearer(token, deps, oidc);
  } catch (error) {
    if (error instanceof ApiProblem && error.problem.status === 401) return undefined;
    throw error;
  }
}
