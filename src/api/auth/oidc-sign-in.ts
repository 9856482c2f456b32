/**
 * Signing in by the identity provider in a browser: OpenID Connect's authorization code flow with PKCE (RFC 7636).
 * What a sign-in needs to come back to stands in a short-lived cookie, so that any copy of the API can end it.
 */

import * as client from 'openid-client';
import { z } from 'zod';
import type { OidcSettings } from '../../config/installation.ts';
import { API_MS } from '../../release/policy/inner-times.ts';
import type { ApiDeps } from '../deps.ts';
import { type ApiProblem, unauthenticated, unavailable } from '../problem.ts';
import { toPrincipal } from './oidc.ts';
import type { OidcProvider } from './oidc-provider.ts';
import type { Principal } from './principal.ts';
import { seal, unseal } from './sealed.ts';

export const CALLBACK_PATH = '/sign-in/callback';

const attemptSchema = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  next: z.string(),
  expires: z.number(),
});

/** An installation whose provider knows these pages as a client. */
export type BrowserOidc = OidcSettings & { clientId: string };

/** The settings, if people can sign in by the provider on the pages. */
export function readBrowserOidc({ installation }: ApiDeps): BrowserOidc | undefined {
  const { oidc } = installation.api;
  return oidc?.clientId === undefined ? undefined : { ...oidc, clientId: oidc.clientId };
}

/** Where to send the browser, and what its cookie must keep meanwhile. @throws ApiProblem 503. */
export async function beginSignIn(
  deps: ApiDeps,
  settings: BrowserOidc,
  provider: OidcProvider,
  next: string,
): Promise<{ url: string; cookie: string }> {
  const attempt = {
    state: client.randomState(),
    nonce: client.randomNonce(),
    verifier: client.randomPKCECodeVerifier(),
    next,
    expires: deps.clock().getTime() + API_MS.signIn,
  };
  const url = client.buildAuthorizationUrl(await provider.client(), {
    redirect_uri: redirectUri(deps),
    scope: settings.scopes.join(' '),
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: 'S256',
  });
  return { url: url.href, cookie: seal(attempt, 'oidc', deps.cookieKey) };
}

/**
 * Who came back from the provider, and where they wanted to go.
 * @throws ApiProblem 401 when the answer belongs to no sign-in of this browser or proves nothing, 503 when the
 * provider is away.
 */
export async function endSignIn(
  deps: ApiDeps,
  settings: BrowserOidc,
  provider: OidcProvider,
  answer: { code?: string; state?: string; iss?: string; cookie: string | undefined },
): Promise<{ principal: Principal; next: string }> {
  const { cookie = '', ...parameters } = answer;
  const attempt = attemptSchema.safeParse(unseal(cookie, 'oidc', deps.cookieKey));
  if (!attempt.success || attempt.data.expires <= deps.clock().getTime()) {
    throw unauthenticated('This answer belongs to no sign-in of this browser, or it took too long.');
  }
  if (parameters.code === undefined) throw unauthenticated('The identity provider did not sign you in.');
  const { nonce, verifier, state, next } = attempt.data;
  const back = new URL(redirectUri(deps));
  for (const [name, value] of Object.entries(parameters)) back.searchParams.set(name, value);
  const configuration = await provider.client();
  const claims = await client
    .authorizationCodeGrant(configuration, back, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
    })
    .then((tokens) => tokens.claims())
    .catch((error: unknown) => {
      throw explainRefusal(deps, error);
    });
  if (claims === undefined) throw unauthenticated('The identity provider did not say who you are.');
  return { principal: toPrincipal(claims, settings), next };
}

/** A provider that is away is another thing than one that refuses, and than an answer that proves nothing. */
function explainRefusal(deps: ApiDeps, error: unknown): ApiProblem {
  const { code, cause, status } = error as { code?: string; cause?: unknown; status?: number };
  const answered = cause instanceof Response ? cause.status : status;
  const isAway = error instanceof TypeError || code === 'OAUTH_TIMEOUT' || (answered ?? 0) >= 500;
  if (isAway) {
    return unavailable('The identity provider cannot sign anybody in now.', 'sign in again in a moment', 10);
  }
  // Its kind alone: what the provider says may hold the code.
  deps.log('warn', 'a sign-in by the identity provider was refused', { code, status: answered });
  return unauthenticated(
    'The answer of the identity provider does not belong to this sign-in, or was refused.',
  );
}

function redirectUri(deps: ApiDeps): string {
  return `${deps.installation.api.url}${CALLBACK_PATH}`;
}
