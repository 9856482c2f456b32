import { createRemoteJWKSet } from 'jose';
import * as client from 'openid-client';
import type { OidcSettings } from '../../config/installation.ts';
import { API_MS } from '../../release/policy/inner-times.ts';
import { unavailable } from '../problem.ts';

/** The identity provider, asked once what it says of itself; its keys are cached. */
export interface OidcProvider {
  /** What signing in on the pages asks and answers with. @throws ApiProblem 503 while the provider does not answer. */
  client(): Promise<client.Configuration>;
  /** For bearer tokens. @throws ApiProblem 503 while the provider does not answer. */
  keys(): Promise<ReturnType<typeof createRemoteJWKSet>>;
}

/** Asks nothing yet. A failed question is asked again by the next one who wants to know. */
export function findOidcProvider(
  settings: OidcSettings,
  secret: (name: string) => string | undefined,
): OidcProvider {
  const found = once(() => discover(settings, secret));
  return {
    client: async () => {
      const configuration = await found();
      const { authorization_endpoint: authorization, token_endpoint: token } = configuration.serverMetadata();
      if (authorization === undefined || token === undefined) throw silent('addresses for signing in');
      return configuration;
    },
    keys: once(async () => {
      const url = settings.jwksUrl ?? (await found()).serverMetadata().jwks_uri;
      if (url === undefined) throw silent('keys');
      return createRemoteJWKSet(new URL(url), {
        timeoutDuration: API_MS.identityProvider,
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

/** The provider's own description, whose issuer must be the one that is configured, with our pins laid over it. */
async function discover(
  settings: OidcSettings,
  secret: (name: string) => string | undefined,
): Promise<client.Configuration> {
  const issuer = new URL(settings.issuer);
  const clientId = settings.clientId ?? settings.audience;
  // The configuration takes plain http only to this machine and to `insecure_hosts`. A provider on https may name no
  // address on plain http: codes and secrets would go there.
  const execute = issuer.protocol === 'http:' ? [client.allowInsecureRequests] : [];
  const timeout = API_MS.identityProvider / 1_000;
  const found = await client
    .discovery(issuer, clientId, undefined, client.None(), { execute, timeout })
    .catch(() => {
      // Without the provider's own words.
      throw silent('keys');
    });
  const { supportsPKCE: _helper, ...described } = found.serverMetadata();
  const ours = settings.clientSecret === undefined ? undefined : secret(settings.clientSecret);
  const configuration = new client.Configuration(
    {
      ...described,
      // Pinned: what the provider would sign with beyond these counts for nothing.
      id_token_signing_alg_values_supported: settings.algorithms,
      ...(settings.jwksUrl === undefined ? {} : { jwks_uri: settings.jwksUrl }),
    },
    clientId,
    { [client.clockTolerance]: API_MS.clockTolerance / 1_000 },
    ours === undefined ? client.None() : client.ClientSecretBasic(ours),
  );
  configuration.timeout = timeout;
  for (const extend of execute) extend(configuration);
  // The signature of an ID token counts, not only the connection on which it came.
  client.enableNonRepudiationChecks(configuration);
  return configuration;
}

function silent(what: string) {
  return unavailable(
    `The identity provider does not tell its ${what}.`,
    'try again; check `api.oidc` if it goes on',
    10,
  );
}
