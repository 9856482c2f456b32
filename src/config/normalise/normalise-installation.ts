/** The whole file as the program sees it: `Installation`, with the environment's say laid over it. */
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHANNELS, type Channel } from '../../providers/channel/channels.ts';
import { type Places, readEntry, readSections } from '../../providers/settings.ts';
import { STORES } from '../../providers/store/stores.ts';
import type { ProductSettings } from '../../release/settings.ts';
import type { EnvironmentValues } from '../environment.ts';
import type {
  ApiSettings,
  Installation,
  LedgerSettings,
  Person,
  SecretSettings,
  TemporalSettings,
} from '../installation.ts';
import { SECRET_READERS } from '../installation.ts';
import type { ConfigFile } from '../schema/installation-schema.ts';
import { listProviderParts } from './list-provider-parts.ts';
import { normaliseProduct } from './normalise-product.ts';
import { normalisePermissions, normaliseRoleClaims, rolesOfPerson } from './normalise-roles.ts';
import { compact, resolvePath, withoutSlash } from './paths.ts';

/** Names of secrets that the environment brings along, when the file names none for the purpose. */
const ENVIRONMENT_API_KEY = 'temporal_api_key';
const ENVIRONMENT_TLS_KEY = 'temporal_tls_key';

/** Makes an `Installation` of a checked file. `file` must be absolute: relative paths start from its folder. */
export function normaliseInstallation(
  config: ConfigFile,
  file: string,
  environment: EnvironmentValues,
): Installation {
  const base = resolvePath(file, '..');
  const places: Places = { resolve: (path) => resolvePath(base, path) };
  const temporal = normaliseTemporal(config, environment, base);
  const products = Object.entries(config.products).map(
    ([name, product]) =>
      [name, { ...normaliseProduct(name, product, base), ...normaliseRetention(config) }] as const,
  );
  return {
    file,
    temporal,
    store: readEntry(STORES, config.store, places),
    workFolder:
      config.work_folder === undefined
        ? ownWorkFolder(file, environment)
        : resolvePath(base, config.work_folder),
    workers: {
      shutdownGraceMs: config.workers.shutdown_grace,
      isolateScripts: config.workers.isolate_scripts,
    },
    ...compact({ webUiUrl: config.web_ui_url && withoutSlash(config.web_ui_url) }),
    api: normaliseApi(config),
    permissions: normalisePermissions(config.roles),
    ledger: normaliseLedger(config),
    people: Object.entries(config.people).map(([name, person]) =>
      normalisePerson(name, person, config.roles),
    ),
    channels: normaliseChannels(config, places),
    ...readSections(CHANNELS, config),
    secrets: normaliseSecrets(config, environment, temporal, base),
    products: Object.fromEntries(products),
    warnings: [],
  };
}

/** Beside no repository, which the folder of the configuration most often is: what a checkout finds above it would count. */
function ownWorkFolder(file: string, { cacheFolder }: EnvironmentValues): string {
  const own = createHash('sha256').update(file).digest('hex').slice(0, 16);
  return join(cacheFolder ?? join(tmpdir(), 'windlass'), 'work', own);
}

function normaliseTemporal(
  config: ConfigFile,
  environment: EnvironmentValues,
  base: string,
): TemporalSettings {
  const { address, namespace, tls, api_key, payload_keys, sealed_payloads } = config.temporal;
  const own = typeof tls === 'object' ? tls : {};
  const path = (value: string | undefined) => value && resolvePath(base, value);
  const certificates = compact({
    serverName: environment.temporalTlsServerName ?? own.server_name,
    caFile: environment.temporalTlsCaFile ?? path(own.ca_file),
    certificateFile: environment.temporalTlsCertificateFile ?? path(own.certificate_file),
    key: environment.temporalTlsKeyFile === undefined ? own.key : ENVIRONMENT_TLS_KEY,
  });
  const usesTls = environment.temporalTls ?? (tls !== false || Object.keys(certificates).length > 0);
  return {
    ...compact({ address: environment.temporalAddress ?? address }),
    namespace: environment.temporalNamespace ?? namespace,
    ...(usesTls ? { tls: certificates } : {}),
    ...compact({ apiKey: api_key ?? (environment.hasTemporalApiKey ? ENVIRONMENT_API_KEY : undefined) }),
    sealedPayloads: sealed_payloads,
    payloadKeys: payload_keys.map(({ key_id, key }) => ({ keyId: key_id, key })),
  };
}

function normaliseRetention({ store: { retention } }: ConfigFile): Pick<ProductSettings, 'retention'> {
  if (retention === undefined) return {};
  return { retention: compact({ keepVersions: retention.keep_versions, keepForMs: retention.keep_for }) };
}

function normaliseLedger({ ledger }: ConfigFile): LedgerSettings {
  return {
    keep: ledger.keep,
    keys: ledger.keys.map(({ key_id, role, public_key, private_key, not_after }) => ({
      keyId: key_id,
      role,
      publicKey: public_key,
      ...compact({ privateKey: private_key, notAfter: not_after }),
    })),
  };
}

function normaliseApi({ api, roles }: ConfigFile): ApiSettings {
  const colon = api.listen.lastIndexOf(':');
  return {
    host: api.listen.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(api.listen.slice(colon + 1)),
    url: withoutSlash(api.url ?? `http://${api.listen}`),
    trustProxy: api.trust_proxy,
    ...compact({
      signing: api.signing && { keyId: api.signing.key_id, privateKey: api.signing.private_key },
    }),
    verifyKeys: api.verify_keys.map((key) =>
      compact({ keyId: key.key_id, publicKey: key.public_key.trim(), notAfter: key.not_after }),
    ),
    ...compact({
      oidc:
        api.oidc &&
        compact({
          issuer: api.oidc.issuer,
          audience: api.oidc.audience,
          algorithms: api.oidc.algorithms as string[],
          rolesClaim: api.oidc.roles_claim,
          roleClaims: normaliseRoleClaims(roles),
          nameClaim: api.oidc.name_claim,
          jwksUrl: api.oidc.jwks_url,
          clientId: api.oidc.client_id,
          clientSecret: api.oidc.client_secret,
          scopes: [...new Set(['openid', ...api.oidc.scopes])],
        }),
    }),
    cors: api.cors.map(withoutSlash),
    ...compact({ cookieKey: api.cookie_key }),
  };
}

function normalisePerson(
  name: string,
  person: ConfigFile['people'][string],
  roles: ConfigFile['roles'],
): Person {
  return {
    name,
    displayName: person.display_name ?? name,
    ...compact({ email: person.email }),
    roles: rolesOfPerson(name, person.roles, roles),
    ...compact({ tokenSha256: person.token_sha256 }),
    deputies: person.deputies,
  };
}

function normaliseChannels(config: ConfigFile, places: Places): Record<string, Channel[]> {
  const channels = Object.entries(config.channels).map(
    ([name, ways]) => [name, ways.map((way) => readEntry(CHANNELS, way, places))] as const,
  );
  return { ceo: [], team: [], on_call: [], ...Object.fromEntries(channels) };
}

/**
 * Every process speaks to Temporal and to the store, so the secrets for these may be read by every role,
 * whatever `roles` says; all others only by the roles that are named.
 */
function normaliseSecrets(
  config: ConfigFile,
  environment: EnvironmentValues,
  temporal: TemporalSettings,
  base: string,
): Record<string, SecretSettings> {
  const storeSecrets = listProviderParts(config)
    .filter(({ neededBy }) => neededBy.length === 0)
    .flatMap(({ secrets }) => secrets.map(({ value }) => value));
  const payloadKeys = temporal.payloadKeys.map(({ key }) => key);
  const shared = [temporal.apiKey, temporal.tls?.key, ...payloadKeys, ...storeSecrets];
  const secrets: Record<string, SecretSettings> = {};
  for (const [name, secret] of Object.entries(config.secrets)) {
    secrets[name] = {
      source: secret.env === undefined ? { file: resolvePath(base, secret.file!) } : { env: secret.env },
      readers: shared.includes(name) ? [...SECRET_READERS] : [...new Set(secret.roles)],
    };
  }
  if (temporal.apiKey === ENVIRONMENT_API_KEY && secrets[ENVIRONMENT_API_KEY] === undefined) {
    secrets[ENVIRONMENT_API_KEY] = { source: { env: 'TEMPORAL_API_KEY' }, readers: [...SECRET_READERS] };
  }
  if (environment.temporalTlsKeyFile !== undefined) {
    const source = { file: environment.temporalTlsKeyFile };
    secrets[ENVIRONMENT_TLS_KEY] = { source, readers: [...SECRET_READERS] };
  }
  return secrets;
}
