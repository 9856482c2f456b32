/**
 * Signing in by the identity provider in a browser: OpenID Connect's authorization code flow with PKCE (RFC 7636).
 * What a sign-in needs to come back to stands in a short-lived cookie, so that any copy of the API can end it.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { OidcSettings } from '../../config/installation.ts';
import type { ApiDeps } from '../deps.ts';
import { unauthenticated, unavailable } from '../problem.ts';
import { readIdToken } from './oidc.ts';
import { type OidcProvider, PROVIDER_LIMIT_MS } from './oidc-provider.ts';
import type { Principal } from './principal.ts';
import { sameText, seal, unseal } from './sealed.ts';

export const CALLBACK_PATH = '/sign-in/callback';

/** How long somebody may take at the provider. */
export const ATTEMPT_MS = 10 * 60_000;

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
  const secret = () => Buffer.from(deps.random(32)).toString('base64url');
  const attempt = {
    state: secret(),
    nonce: secret(),
    verifier: secret(),
    next,
    expires: deps.clock().getTime() + ATTEMPT_MS,
  };
  const url = new URL((await provider.endpoints()).authorization);
  const asked = {
    response_type: 'code',
    client_id: settings.clientId,
    redirect_uri: redirectUri(deps),
    scope: settings.scopes.join(' '),
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: createHash('sha256').update(attempt.verifier).digest('base64url'),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
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
  const { code, state = '', iss, cookie = '' } = answer;
  const attempt = attemptSchema.safeParse(unseal(cookie, 'oidc', deps.cookieKey));
  const now = deps.clock();
  if (!attempt.success || attempt.data.expires <= now.getTime() || !sameText(attempt.data.state, state)) {
    throw unauthenticated('This answer belongs to no sign-in of this browser, or it took too long.');
  }
  // RFC 9207: an answer of another provider must not be taken for ours.
  if (iss !== undefined && iss !== settings.issuer) throw unauthenticated('Another provider has answered.');
  if (code === undefined) throw unauthenticated('The identity provider did not sign you in.');
  const { nonce, verifier, next } = attempt.data;
  const token = await redeem(deps, settings, (await provider.endpoints()).token, code, verifier);
  return { principal: await readIdToken(token, settings, provider, { nonce, now }), next };
}

/** The ID token for a code. */
async function redeem(
  deps: ApiDeps,
  settings: BrowserOidc,
  endpoint: string,
  code: string,
  verifier: string,
): Promise<string> {
  const { clientId, clientSecret } = settings;
  const secret = clientSecret === undefined ? undefined : deps.secret(clientSecret);
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri(deps),
    code_verifier: verifier,
    ...(secret === undefined ? { client_id: clientId } : {}),
  });
  let response: Response;
  let said: unknown;
  try {
    response = await fetch(endpoint, {
      method: 'POST',
      headers: secret === undefined ? {} : { authorization: `Basic ${basic(clientId, secret)}` },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(PROVIDER_LIMIT_MS),
    });
    said = await response.json();
  } catch {
    throw unavailable('The identity provider does not answer.', 'sign in again in a moment', 10);
  }
  const token = (said as { id_token?: unknown } | null)?.id_token;
  if (response.ok && typeof token === 'string') return token;
  if (response.status >= 500) {
    throw unavailable('The identity provider cannot sign anybody in now.', 'try again in a moment', 10);
  }
  deps.log('warn', 'the identity provider took no code', { status: response.status });
  throw unauthenticated('The identity provider did not accept the sign-in.');
}

/** RFC 6749, section 2.3.1: both are form-encoded before they are joined. */
function basic(clientId: string, secret: string): string {
  const encode = (text: string) => new URLSearchParams({ x: text }).toString().slice(2);
  return Buffer.from(`${encode(clientId)}:${encode(secret)}`).toString('base64');
}

function redirectUri(deps: ApiDeps): string {
  return `${deps.installation.api.url}${CALLBACK_PATH}`;
}
