/** The npm registry, as far as the configuration needs to know it; `open.ts` talks to one. */
import { z } from 'zod';
import type { Fields, RegistryContext } from '../registry.ts';
import type { NpmConnection } from './connection.ts';

/** Who may see a package. */
export const NPM_ACCESS = ['public', 'restricted'] as const;

export type NpmAccess = (typeof NPM_ACCESS)[number];

export interface NpmSettings {
  url: string;
  /** The package's folder below the product's, where it is not the product's own. */
  path?: string;
  access: NpmAccess;
  token?: string;
  /** The first publish of a package moves `latest` whatever is asked; config must consent to it. */
  allowFirstPublish: boolean;
  /** Names of secrets that hold CI's identity, or where it is to be had. */
  trustedPublishing?: { idToken: string } | { requestUrl: string; requestToken: string };
  provenance?: true;
}

/** One npm registry of a product, with what is needed to reach it. */
export interface NpmRegistry {
  context: RegistryContext;
  settings: NpmSettings;
  connection: NpmConnection;
}

function schema(field: Fields) {
  return z.strictObject({
    url: field.url.describe('Address of the registry.'),
    path: z
      .union([z.literal(''), field.repositoryPath], { error: 'a folder of the product, or an empty text' })
      .prefault('')
      .describe(
        "The package's folder below the product's, where one version is of several packages: an entry for each.",
      ),
    access: z
      .enum(NPM_ACCESS)
      .prefault('restricted')
      .describe('Who may see the package. One without a scope can only be `public`, and has to say so.'),
    token: field.secretName
      .optional()
      .describe(
        'Token that may publish, move dist-tags and deprecate; with `trusted_publishing` only the latter two.',
      ),
    trusted_publishing: z
      .union(
        [
          z.strictObject({
            id_token: field.secretName.describe("The job's own token: GitLab's `NPM_ID_TOKEN`."),
          }),
          z.strictObject({
            request_url: field.secretName.describe('The value of `ACTIONS_ID_TOKEN_REQUEST_URL`.'),
            request_token: field.secretName.describe('The value of `ACTIONS_ID_TOKEN_REQUEST_TOKEN`.'),
          }),
        ],
        { error: '{ id_token: SECRET }, or { request_url: SECRET, request_token: SECRET }' },
      )
      .optional()
      .describe('Publishes by the identity of the CI job in which the role `release` runs, not by `token`.'),
    provenance: z
      .boolean()
      .prefault(false)
      .describe(
        "Publishes with a signed statement of where it was built, as npm's `--provenance`; in CI only.",
      ),
    allow_first_publish: z
      .boolean()
      .prefault(false)
      .describe("Consent to a package's very first publish, which moves `latest` at once."),
  });
}

function normaliseTrust(trust: NpmFile['trusted_publishing']): Pick<NpmSettings, 'trustedPublishing'> {
  if (trust === undefined) return {};
  return {
    trustedPublishing:
      'id_token' in trust
        ? { idToken: trust.id_token }
        : { requestUrl: trust.request_url, requestToken: trust.request_token },
  };
}

type NpmFile = z.output<ReturnType<typeof schema>>;

export const npm = {
  title: 'an npm registry',
  effects: ['npm-package', 'npm-dist-tag', 'npm-staging-tag', 'npm-deprecation'],
  makes: 'package',
  schema,
  normalise: (file: NpmFile) => ({
    url: file.url.replace(/\/+$/, ''),
    ...(file.path === '' ? {} : { path: file.path }),
    access: file.access,
    ...(file.token === undefined ? {} : { token: file.token }),
    allowFirstPublish: file.allow_first_publish,
    ...normaliseTrust(file.trusted_publishing),
    ...(file.provenance ? { provenance: true as const } : {}),
  }),
  secrets: (file: NpmFile) => [
    { path: ['token'], name: file.token },
    ...Object.entries(file.trusted_publishing ?? {}).map(([key, name]) => ({
      path: ['trusted_publishing', key],
      name,
    })),
  ],
  urls: (file: NpmFile) => [{ path: ['url'], url: file.url }],
  open: async (context: RegistryContext) => (await import('./open.ts')).openNpm(context),
} as const;
