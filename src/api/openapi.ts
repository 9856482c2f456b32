import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { createJsonSchemaTransform } from 'fastify-type-provider-zod';
import type { ApiDeps } from './deps.ts';

/** Describes the routes that follow as OpenAPI 3.1; pages are left out. */
export async function describeApi(app: FastifyInstance, deps: ApiDeps): Promise<void> {
  const transform = createJsonSchemaTransform({ skipList: [] });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Windlass',
        version: '1',
        description:
          'Releases, approvals and what people do about them. Errors are RFC 9457 problem documents.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: deps.installation.api.url }],
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description: 'A token of the configuration, or of the identity provider',
          },
        },
      },
      security: [{ bearer: [] }],
    },
    transform: (input) => {
      const { schema, url } = transform(input as never);
      const open = input.route.config?.open === true;
      const hidden = !url.startsWith('/v1/') && !['/healthz', '/readyz', '/metrics'].includes(url);
      return {
        schema: { ...schema, ...(hidden ? { hide: true } : {}), ...(open ? { security: [] } : {}) },
        url,
      };
    },
    transformObject: (input) =>
      'openapiObject' in input ? nameProblems(input.openapiObject) : input.swaggerObject,
  });
  app.get('/openapi.json', { config: { open: true }, schema: { hide: true } as never }, async () =>
    app.swagger(),
  );
}

/** Problem documents have a media type of their own, which the schemas of routes cannot say. */
function nameProblems<T extends { paths?: object }>(description: T): T {
  const paths = structuredClone(description.paths ?? {}) as Record<string, Record<string, Operation>>;
  for (const operation of Object.values(paths).flatMap((methods) => Object.values(methods))) {
    for (const [status, response] of Object.entries(operation.responses ?? {})) {
      const json = response.content?.['application/json'];
      if (json && /^[45]/.test(status)) response.content = { 'application/problem+json': json };
    }
  }
  return { ...description, paths };
}

interface Operation {
  responses?: Record<string, { content?: Record<string, unknown> }>;
}
