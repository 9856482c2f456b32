/** Which keys the schema knows at a place, read from the JSON Schema that is generated from it. */
import type { ConfigPath } from './mistake.ts';

/** The parts of JSON Schema (draft 7) that the generated schema uses. */
export interface JsonSchema {
  type?: string;
  description?: string;
  default?: unknown;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
  propertyNames?: JsonSchema;
  items?: JsonSchema | JsonSchema[];
  additionalItems?: JsonSchema;
  anyOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  not?: JsonSchema;
}

/** The keys that may stand at a path, over all alternatives of a choice. */
export function keysAt(schema: JsonSchema, path: ConfigPath): string[] {
  const found = schemasAt(schema, path).flatMap(({ properties }) =>
    Object.entries(properties ?? {}).filter(([, inner]) => inner.not === undefined),
  );
  return [...new Set(found.map(([key]) => key))];
}

function schemasAt(schema: JsonSchema, path: ConfigPath): JsonSchema[] {
  const choices = schema.anyOf ? schema.anyOf.flatMap((choice) => schemasAt(choice, [])) : [schema];
  const [part, ...rest] = path;
  if (part === undefined) return choices;
  return choices.flatMap((choice) => {
    const inner = stepInto(choice, part);
    return inner === undefined ? [] : schemasAt(inner, rest);
  });
}

function stepInto(schema: JsonSchema, part: string | number): JsonSchema | undefined {
  if (typeof part === 'number') return Array.isArray(schema.items) ? schema.additionalItems : schema.items;
  const property = schema.properties?.[part];
  if (property !== undefined) return property;
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

/**
 * Where below a place a key is known, as a dotted path: people who write `auto_trigger` beside `release` get
 * `release.auto_trigger`. Looks two levels down, and says nothing if it is known in several places.
 */
export function findDeeper(schema: JsonSchema, path: ConfigPath, key: string): string | undefined {
  const found = keysAt(schema, path).flatMap((outer) => {
    const inner = keysAt(schema, [...path, outer]);
    const here = inner.includes(key) ? [`${outer}.${key}`] : [];
    const below = inner.filter((middle) => keysAt(schema, [...path, outer, middle]).includes(key));
    return [...here, ...below.map((middle) => `${outer}.${middle}.${key}`)];
  });
  return found.length === 1 ? found[0] : undefined;
}
