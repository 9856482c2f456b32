/** Every secret that is named exists, and the process that needs it may read it. */
import { findSection } from '../../providers/host/hosts.ts';
import type { MetricProvider } from '../../providers/metrics/metric-source.ts';
import { METRIC_SOURCES } from '../../providers/metrics/sources.ts';
import { registrySecrets } from '../../providers/registry/registries.ts';
import { nameProvider } from '../../providers/settings.ts';
import type { SecretReader } from '../installation.ts';
import type { ConfigPath } from '../mistakes/mistake.ts';
import { findNearest } from '../mistakes/nearest.ts';
import { listProviderParts } from '../normalise/list-provider-parts.ts';
import type { ConfigFile } from '../schema/installation-schema.ts';
import type { ProductFile } from '../schema/product-schema.ts';
import type { RuleFinding, RuleInput } from './check-rules.ts';

interface SecretUse {
  path: ConfigPath;
  name: string | undefined;
  /** Who cannot do its work without. None: every process may read it anyway. */
  neededBy: SecretReader[];
}

/** Reports secrets that are named but not declared, and declared ones that their user may not read. */
export function checkSecrets({ config, written }: RuleInput): RuleFinding[] {
  const declared = Object.keys(readDeclared(written));
  return collectSecretUses(config).flatMap(({ path, name, neededBy }) => {
    if (name === undefined) return [];
    if (!declared.includes(name)) return [explainUndeclared(path, name, declared)];
    const readers = config.secrets[name]?.roles ?? [];
    return neededBy
      .filter((reader) => !readers.includes(reader))
      .map((reader) => ({
        path: ['secrets', name, 'roles'],
        at: 'value' as const,
        expected: `${reader} among the roles, since it needs this secret for ${path.join('.')}`,
        found: readers.length === 0 ? 'nobody may read it' : `only ${readers.join(', ')}`,
      }));
  });
}

/** The raw map, so that a secret with a mistake of its own still counts as declared. */
function readDeclared(written: unknown): object {
  const secrets = (written as { secrets?: unknown } | null)?.secrets;
  return typeof secrets === 'object' && secrets !== null ? secrets : {};
}

function explainUndeclared(path: ConfigPath, name: string, declared: string[]): RuleFinding {
  const nearest = findNearest(name, declared);
  return {
    path,
    at: 'value',
    expected: 'the name of a secret that stands under `secrets`',
    // What stands here may be the secret itself, in the wrong place.
    found: 'a name that is not there (not shown: it may be a secret)',
    ...(nearest === undefined ? {} : { nearest }),
    hint: 'Declare it as `secrets: NAME: { env: VARIABLE, roles: [...] }` or with `file:`.',
    about: [['secrets', name]],
  };
}

function collectSecretUses(config: ConfigFile): SecretUse[] {
  const { temporal, api, products } = config;
  const uses: SecretUse[] = [
    { path: ['temporal', 'api_key'], name: temporal.api_key, neededBy: [] },
    { path: ['api', 'signing', 'private_key'], name: api.signing?.private_key, neededBy: ['api'] },
    { path: ['api', 'oidc', 'client_secret'], name: api.oidc?.client_secret, neededBy: ['api'] },
    { path: ['api', 'cookie_key'], name: api.cookie_key, neededBy: ['api'] },
  ];
  temporal.payload_keys.forEach(({ key }, index) => {
    uses.push({ path: ['temporal', 'payload_keys', index, 'key'], name: key, neededBy: [] });
  });
  config.ledger.keys.forEach(({ role, private_key: name }, index) => {
    uses.push({ path: ['ledger', 'keys', index, 'private_key'], name, neededBy: [role] });
  });
  if (typeof temporal.tls === 'object') {
    uses.push({ path: ['temporal', 'tls', 'key'], name: temporal.tls.key, neededBy: [] });
  }
  for (const { secrets, neededBy } of listProviderParts(config)) {
    uses.push(...secrets.map(({ path, value }) => ({ path, name: value, neededBy })));
  }
  return uses.concat(
    Object.entries(products).flatMap(([name, product]) => collectProductSecrets(name, product)),
  );
}

function collectProductSecrets(name: string, product: ProductFile): SecretUse[] {
  const at = (...path: ConfigPath): ConfigPath => ['products', name, ...path];
  const { repository, registries, environments } = product;
  const host = findSection(product);
  const asksHost = Object.values(environments).some(({ checks }) =>
    checks.some(
      ({ source }) => (METRIC_SOURCES[nameProvider(METRIC_SOURCES, source)] as MetricProvider).asksHost,
    ),
  );
  const uses: SecretUse[] = [
    ...registrySecrets(registries).map(({ path, name }) => ({
      path: at('registries', ...path),
      name,
      neededBy: ['release' as const],
    })),
    {
      path: at(host?.name ?? '', 'token'),
      name: host?.section.token,
      neededBy: asksHost ? ['release', 'support'] : ['release'],
    },
  ];
  if (typeof repository === 'object') {
    uses.push({ path: at('repository', 'token'), name: repository.token, neededBy: ['release'] });
    uses.push({
      path: at('repository', 'read_token'),
      name: repository.read_token,
      neededBy: ['writer', 'qa', 'devops'],
    });
  }
  for (const [environment, { secrets }] of Object.entries(environments)) {
    for (const [variable, secret] of Object.entries(secrets)) {
      const path = at('environments', environment, 'secrets', variable);
      uses.push({ path, name: secret, neededBy: ['devops'] });
    }
  }
  return uses;
}
