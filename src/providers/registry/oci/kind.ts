/** A container registry, as far as the configuration needs to know it; `open.ts` talks to one. */
import { z } from 'zod';
import type { Fields, RegistryContext } from '../registry.ts';
import type { OciRepository } from './registry.ts';

export interface OciSettings {
  /** `registry.example:5000/team/shop`, without tag or digest. */
  repository: string;
  insecure: boolean;
  username?: string;
  password?: string;
  /** Moving tags that follow the release: `latest`, and `{major}` and `{major}.{minor}` filled in. */
  movingTags: string[];
}

/** A product's image repository, with what is needed to reach it. */
export interface ImageRegistry {
  context: RegistryContext;
  settings: OciSettings;
  repository: OciRepository;
}

function schema(field: Fields) {
  return z.strictObject({
    repository: field
      .text(
        /^[a-z0-9][a-z0-9.-]*(?::\d{1,5})?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+$/,
        'registry/name without tag or digest, such as registry.example:5000/team/shop',
      )
      .describe('Registry and name, without tag or digest.'),
    insecure: z.boolean().prefault(false).describe('Plain http.'),
    username: field.line.optional().describe('User name.'),
    password: field.secretName.optional().describe('Password or token.'),
    moving_tags: z
      .array(
        field.text(
          /^(?:[A-Za-z0-9_]|\{major\}|\{minor\})(?:[A-Za-z0-9._-]|\{major\}|\{minor\}){0,127}$/,
          'an image tag such as latest, {major} or {major}.{minor}',
        ),
      )
      .prefault([])
      .describe('Tags that follow the release, moved last: `latest`, `{major}`, `{major}.{minor}`.'),
  });
}

type OciFile = z.output<ReturnType<typeof schema>>;

export const docker = {
  title: 'an image registry',
  effects: ['image', 'image-tag', 'image-moving-tag'],
  makes: 'image',
  schema,
  normalise: (file: OciFile) => ({
    repository: file.repository,
    insecure: file.insecure,
    ...(file.username === undefined ? {} : { username: file.username }),
    ...(file.password === undefined ? {} : { password: file.password }),
    movingTags: file.moving_tags,
  }),
  secrets: (file: OciFile) => [{ path: ['password'], name: file.password }],
  urls: () => [],
  open: async (context: RegistryContext) => (await import('./open.ts')).openOci(context),
} as const;
