import { z } from 'zod';
import { API_MS } from '../../../release/policy/inner-times.ts';
import type { OidcProvider } from '../../auth/oidc-provider.ts';
import { beginSignIn, CALLBACK_PATH, endSignIn, readBrowserOidc } from '../../auth/oidc-sign-in.ts';
import { cookieName, cookieOptions, isHttps, openSession } from '../../auth/session.ts';
import type { ApiDeps } from '../../deps.ts';
import { renderSignIn } from '../../page/forms.ts';
import { ApiProblem } from '../../problem.ts';
import type { RouteApp } from '../route-app.ts';
import { sitePath } from '../site/site-path.ts';

const COOKIE = 'windlass-sign-in';

/** To the identity provider and back. Without a client of ours there, there are no such routes. */
export function routeOidcSignIn(app: RouteApp, deps: ApiDeps, provider: OidcProvider | undefined): void {
  const settings = readBrowserOidc(deps);
  if (!settings || !provider) return;
  const config = {
    open: true,
    page: true,
    rateLimit: { max: deps.limits.signInsPerMinute, timeWindow: 60_000 },
  };
  const options = {
    httpOnly: true,
    // The provider's answer is a navigation from another site: Strict would lose the cookie.
    sameSite: 'lax' as const,
    secure: isHttps(deps),
    path: '/sign-in',
  };

  app.get(
    '/sign-in/provider',
    { config, schema: { querystring: z.object({ next: sitePath.optional() }) } },
    async (request, reply) => {
      const { url, cookie } = await beginSignIn(deps, settings, provider, request.query.next ?? '/');
      return reply
        .setCookie(COOKIE, cookie, { ...options, maxAge: API_MS.signIn / 1_000 })
        .redirect(url, 303);
    },
  );

  app.get(
    CALLBACK_PATH,
    {
      config,
      schema: {
        querystring: z.object({
          code: z.string().max(2_000).optional(),
          state: z.string().max(200).optional(),
          iss: z.string().max(500).optional(),
        }),
      },
    },
    async (request, reply) => {
      const { code, state, iss } = request.query;
      // An answer counts once, whatever comes of it.
      reply.clearCookie(COOKIE, options);
      try {
        const { principal, next } = await endSignIn(deps, settings, provider, {
          ...(code === undefined ? {} : { code }),
          ...(state === undefined ? {} : { state }),
          ...(iss === undefined ? {} : { iss }),
          cookie: request.cookies[COOKIE],
        });
        return await reply
          .setCookie(cookieName(deps), openSession(deps, principal), cookieOptions(deps))
          .redirect(next, 303);
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.problem.status !== 401) throw error;
        return reply
          .code(401)
          .type('text/html; charset=utf-8')
          .send(renderSignIn({ next: '/', provider: 'browser', failed: error.problem.detail }));
      }
    },
  );
}
