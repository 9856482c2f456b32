import { createRemoteJWKSet } from 'jose';
import { z } from 'zod';
import type { OidcSettings } from '../../config/installation.ts';
import { unavailable } from '../problem.ts';

/** What the identity provider says of itself, asked once; and its keys, which `jose` caches. */
export interface OidcProvider {
  /** @throws ApiProblem 503 while the provider does not answer. */
  endpoints(): Promise<{ authorization: string; token: string }>;
  /** @throws ApiProblem 503 while the provider does not answer. */
  keys(): Promise<ReturnType<typeof createRemoteJWKSet>>;
}

export const PROVIDER_LIMIT_MS = 5_000;

const metadataSchema = z.object({
  issuer: z.string(),
  jwks_uri: z.url(),
  authorization_endpoint: z.url().optional(),
  token_endpoint: z.url().optional(),
});

type Metadata = z.output<typeof metadataSchema>;

/** Asks nothing yet. A failed question is asked again by the next one who wants to know. */
export function findOidcProvider(settings: OidcSettings): OidcProvider {
  const metadata = once(() => discover(settings.issuer));
  return {
    endpoints: async () => {
      const { authorization_endpoint: authorization, token_endpoint: token } = await metadata();
      if (authorization === undefined || token === undefined) throw silent('addresses for signing in');
      return { authorization, token };
    },
    keys: once(async () => {
      const url = settings.jwksUrl ?? (await metadata()).jwks_uri;
      return createRemoteJWKSet(new URL(url), {
        timeoutDuration: PROVIDER_LIMIT_MS,
        cooldownDuration: 10_000,
      });
    }),
  };
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask().catch((error: unknown) => {
      answer = undefined;
      throw error;
    });
    return answer;
  };
}

async function discover(issuer: string): Promise<Metadata> {
  try {
    const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const response = await fetch(address, {
      signal: AbortSignal.timeout(PROVIDER_LIMIT_MS),
      redirect: 'error',
    });
    const found = metadataSchema.safeParse(await response.json());
    if (response.ok && found.success && found.data.issuer === issuer && isAsSafe(issuer, found.data)) {
      return found.data;
    }
  } catch {
    // Said below, without the provider's own words.
  }
  throw silent('keys');
}

/** A provider on https must not send codes and secrets over plain http. */
function isAsSafe(issuer: string, found: Metadata): boolean {
  const { protocol } = new URL(issuer);
  return [found.jwks_uri, found.authorization_endpoint, found.token_endpoint].every(
    (url) => url === undefined || [protocol, 'https:'].includes(new URL(url).protocol),
  );
}

function silent(what: string) {
  return unavailable(
    `The identity provider does not tell its ${what}.`,
    'try again; check `api.oidc` if it goes on',
    10,
  );
}
