import { type createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import type { OidcSettings } from '../../config/installation.ts';
import { API_MS } from '../../release/policy/inner-times.ts';
import { unauthenticated, unavailable } from '../problem.ts';
import type { OidcProvider } from './oidc-provider.ts';
import type { Principal } from './principal.ts';

/** Checks a bearer token of the identity provider. @throws ApiProblem 401, or 503 when its keys cannot be had. */
export type VerifyOidc = (token: string) => Promise<Principal>;

/** Verifies against pinned issuer, audience and algorithms. */
export function createOidcVerifier(
  settings: OidcSettings,
  provider: OidcProvider,
  clock: () => Date,
): VerifyOidc {
  return async (token) => {
    const claims = await verifyToken(token, settings, await provider.keys(), clock());
    return toPrincipal(claims, settings);
  };
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
      clockTolerance: API_MS.clockTolerance / 1_000,
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

/** Who the claims of a token that was verified are about. @throws ApiProblem 401 where they name nobody. */
export function toPrincipal(claims: JWTPayload, settings: OidcSettings): Principal {
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
  const roles = Object.entries(settings.roleClaims)
    .filter(([, values]) => values.some((value) => listed.includes(value)))
    .map(([role]) => role);
  return {
    name,
    displayName: name,
    roles,
    via: 'oidc',
    ...(claims.exp === undefined ? {} : { expiresAt: claims.exp * 1_000 }),
  };
}
