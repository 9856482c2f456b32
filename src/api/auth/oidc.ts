import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import type { OidcSettings } from '../../config/installation.ts';
import { PERSON_ROLES, type PersonRole } from '../../release/settings.ts';
import { unauthenticated, unavailable } from '../problem.ts';
import type { Principal } from './principal.ts';

/** Checks a bearer token of the identity provider. @throws ApiProblem 401, or 503 when its keys cannot be had. */
export type VerifyOidc = (token: string) => Promise<Principal>;

const CLOCK_TOLERANCE_SECONDS = 30;
const DISCOVERY_LIMIT_MS = 5_000;

/** Verifies against pinned issuer, audience and algorithms; keys are fetched once and cached by `jose`. */
export function createOidcVerifier(settings: OidcSettings, clock: () => Date): VerifyOidc {
  let keys: Promise<ReturnType<typeof createRemoteJWKSet>> | undefined;
  const readKeys = () => {
    keys ??= findKeys(settings).catch((error: unknown) => {
      // The next token asks again.
      keys = undefined;
      throw error;
    });
    return keys;
  };
  return async (token) => {
    const claims = await verifyToken(token, settings, await readKeys(), clock());
    return toPrincipal(claims, settings);
  };
}

async function findKeys(settings: OidcSettings): Promise<ReturnType<typeof createRemoteJWKSet>> {
  const url = settings.jwksUrl ?? (await discover(settings.issuer));
  return createRemoteJWKSet(new URL(url), { timeoutDuration: DISCOVERY_LIMIT_MS, cooldownDuration: 10_000 });
}

async function discover(issuer: string): Promise<string> {
  try {
    const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const response = await fetch(address, {
      signal: AbortSignal.timeout(DISCOVERY_LIMIT_MS),
      redirect: 'error',
    });
    const found = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown };
    if (response.ok && found.issuer === issuer && typeof found.jwks_uri === 'string') return found.jwks_uri;
  } catch {
    // Said below, without the provider's own words.
  }
  throw unavailable(
    'The identity provider does not tell its keys.',
    'try again; check `api.oidc` if it goes on',
    10,
  );
}

async function verifyToken(
  token: string,
  settings: OidcSettings,
  keys: ReturnType<typeof createRemoteJWKSet>,
  now: Date,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: settings.issuer,
      audience: settings.audience,
      algorithms: settings.algorithms,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ['exp', 'iss', 'aud'],
      currentDate: now,
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw unauthenticated('The token has expired.');
    const isFault = error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout);
    if (isFault && error.code !== 'ERR_JOSE_GENERIC') throw unauthenticated('The token is not valid here.');
    throw unavailable('The keys of the identity provider cannot be read.', 'try again in a moment', 10);
  }
}

function toPrincipal(claims: JWTPayload, settings: OidcSettings): Principal {
  const name = claims[settings.nameClaim];
  if (typeof name !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$/.test(name)) {
    throw unauthenticated(`The token does not say who it is for (claim "${settings.nameClaim}").`);
  }
  const claimed = claims[settings.rolesClaim];
  const listed = Array.isArray(claimed)
    ? claimed
    : typeof claimed === 'string'
      ? claimed.split(/[\s,]+/)
      : [];
  const roles = PERSON_ROLES.filter((role): role is PersonRole => listed.includes(role));
  return { name, displayName: name, roles, via: 'oidc' };
}
