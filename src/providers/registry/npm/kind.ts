/** The npm registry, as far as the configuration needs to know it; `open.ts` talks to one. */
import { z } from 'zod';
import type { Fields, RegistryContext } from '../registry.ts';
import type { NpmConnection } from './connection.ts';

/** Who may see a package. */
export const NPM_ACCESS = ['public', 'restricted'] as const;

export type NpmAccess = (typeof NPM_ACCESS)[number];

export interface NpmSettings {
  url: string;
  access: NpmAccess;
  token?: string;
  /** The first publish of a package moves `latest` whatever is asked; config must consent to it. */
  allowFirstPublish: boolean;
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
    access: z
      .enum(NPM_ACCESS)
      .prefault('restricted')
      .describe('Who may see the package. Unscoped packages are always `public`.'),
    token: field.secretName.optional().describe('Token that may publish.'),
    allow_first_publish: z
      .boolean()
      .prefault(false)
      .describe("Consent to a package's very first publish, which moves `latest` at once."),
  });
}

type NpmFile = z.output<ReturnType<typeof schema>>;

export const npm = {
  title: 'an npm registry',
  effects: ['npm-package', 'npm-dist-tag', 'npm-staging-tag', 'npm-deprecation'],
  makes: 'package',
  schema,
  normalise: (file: NpmFile) => ({
    url: file.url.replace(/\/+$/, ''),
    access: file.access,
    ...(file.token === undefined ? {} : { token: file.token }),
    allowFirstPublish: file.allow_first_publish,
  }),
  secrets: (file: NpmFile) => [{ path: ['token'], name: file.token }],
  urls: (file: NpmFile) => [{ path: ['url'], url: file.url }],
  open: async (context: RegistryContext) => (await import('./open.ts')).openNpm(context),
} as const;
