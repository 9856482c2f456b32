/** Plain http is for this machine, and for hosts that the configuration names in one place. */
import { findSection } from '../../providers/host/hosts.ts';
import { registryUrls } from '../../providers/registry/registries.ts';
import type { ConfigPath } from '../mistakes/mistake.ts';
import { listProviderParts } from '../normalise/list-provider-parts.ts';
import { repositoryOf } from '../normalise/normalise-product.ts';
import type { ConfigFile } from '../schema/installation-schema.ts';
import type { RuleFinding, RuleInput } from './check-rules.ts';

/** Reports plain http to other machines that `insecure_hosts` does not name, and an API that links cannot reach. */
export function checkUrls({ config }: RuleInput): RuleFinding[] {
  return [...checkApiUrl(config), ...checkPlainHttp(config)];
}

/** `0.0.0.0` is where a server listens, not where a person's browser finds it. */
function checkApiUrl({ api }: ConfigFile): RuleFinding[] {
  if (api.url !== undefined || !/^(?:0\.0\.0\.0|\[::\]):/.test(api.listen)) return [];
  const expected = 'url beside it, the address under which people reach the API: links are built on it';
  return [{ path: ['api', 'listen'], at: 'value', expected, found: api.listen, about: [['api', 'url']] }];
}

function checkPlainHttp(config: ConfigFile): RuleFinding[] {
  return collectUrls(config).flatMap(({ path, url }) => {
    if (url === undefined || !url.startsWith('http://')) return [];
    const host = new URL(url).hostname;
    if (isLoopback(host) || config.insecure_hosts.includes(host)) return [];
    return [
      {
        path,
        at: 'value' as const,
        expected: 'https://, since this is not on this machine',
        found: `plain http to ${host}`,
        hint: `If the network between is private, add ${host} to insecure_hosts at the top of the file.`,
        about: [['insecure_hosts']],
      },
    ];
  });
}

/** `localhost` and names below it, 127.0.0.0/8 and ::1. */
export function isLoopback(host: string): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i.test(host);
}

function collectUrls(config: ConfigFile): { path: ConfigPath; url: string | undefined }[] {
  const { api } = config;
  const urls: { path: ConfigPath; url: string | undefined }[] = [
    { path: ['web_ui_url'], url: config.web_ui_url },
    { path: ['api', 'url'], url: api.url },
    { path: ['api', 'oidc', 'issuer'], url: api.oidc?.issuer },
    { path: ['api', 'oidc', 'jwks_url'], url: api.oidc?.jwks_url },
    ...api.cors.map((url, index) => ({ path: ['api', 'cors', index], url })),
  ];
  for (const part of listProviderParts(config)) {
    urls.push(...part.urls.map(({ path, value }) => ({ path, url: value })));
  }
  for (const [name, product] of Object.entries(config.products)) {
    const at = (...path: ConfigPath): ConfigPath => ['products', name, ...path];
    const host = findSection(product);
    const repository = typeof product.repository === 'string' ? at('repository') : at('repository', 'url');
    urls.push(
      { path: repository, url: repositoryOf(product).url },
      { path: at('state', 'repository'), url: product.state.repository },
      ...registryUrls(product.registries).map(({ path, url }) => ({ path: at('registries', ...path), url })),
      { path: at(host?.name ?? '', 'api_url'), url: host?.section.api_url },
    );
    for (const [environment, { url }] of Object.entries(product.environments)) {
      urls.push({ path: at('environments', environment, 'url'), url });
    }
  }
  return urls;
}
