/** The JSON Schema of `windlass.yaml`, generated from the schema that checks it. */
import { z } from 'zod';
import type { JsonSchema } from './mistakes/schema-keys.ts';
import { installationSchema } from './schema/installation-schema.ts';

/** Draft 7, which editors' YAML language servers know best. Describes the file as written, not as loaded. */
export function generateJsonSchema(): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(installationSchema, { io: 'input', target: 'draft-7' });
  return { $schema, title: 'windlass.yaml', ...schema } as JsonSchema;
}
