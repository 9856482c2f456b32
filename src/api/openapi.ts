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
      'openapiObject' in input ? refine(input.openapiObject) : input.swaggerObject,
  });
  app.get('/openapi.json', { config: { open: true }, schema: { hide: true } as never }, async () =>
    app.swagger(),
  );
}

/** Media types that are not JSON, by path. */
const TEXTS: Record<string, string> = {
  '/metrics': 'text/plain',
  '/v1/releases/{product}/events': 'text/event-stream',
};

/** Says what the schemas of routes cannot: media types that are not JSON, and bodies that may be left out. */
function refine<T extends { paths?: object }>(description: T): T {
  const paths = structuredClone(description.paths ?? {}) as Record<string, Record<string, Operation>>;
  for (const [path, methods] of Object.entries(paths)) {
    for (const operation of Object.values(methods)) refineOperation(path, operation);
  }
  return { ...description, paths };
}

function refineOperation(path: string, operation: Operation): void {
  for (const [status, response] of Object.entries(operation.responses ?? {})) {
    const json = response.content?.['application/json'];
    const type = /^[45]/.test(status) ? 'application/problem+json' : TEXTS[path];
    if (json && type) response.content = { [type]: json };
  }
  const body = operation.requestBody;
  const choices = body?.content?.['application/json']?.schema?.anyOf ?? [];
  if (body && choices.some((choice) => choice.type === 'null')) body.required = false;
}

interface Operation {
  requestBody?: {
    required?: boolean;
    content?: Record<string, { schema?: { anyOf?: { type?: string }[] } }>;
  };
  responses?: Record<string, { content?: Record<string, unknown> }>;
}
