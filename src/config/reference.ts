/** Every key of `windlass.yaml` as Markdown tables, from the same schema that checks the file. */
import { generateJsonSchema } from './json-schema.ts';
import type { JsonSchema } from './mistakes/schema-keys.ts';

/** The tables of `docs/configuration.md`: one for the top of the file, one for each map of keys below it. */
export function renderReference(): string {
  return renderSection('Top of the file', '', generateJsonSchema());
}

function renderSection(title: string, path: string, schema: JsonSchema): string {
  const entries = Object.entries(schema.properties ?? {}).filter(([, inner]) => inner.not === undefined);
  const rows = entries.map(([key, inner]) => {
    const cells = [
      `\`${key}\``,
      describeType(inner),
      describeDefault(inner, schema.required?.includes(key) ?? false),
      describeMeaning(inner),
    ];
    return `| ${cells.map(escapeCell).join(' | ')} |`;
  });
  const own = [
    `### ${title}`,
    '',
    '| key | value | default | meaning |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
  const below = entries.flatMap(([key, inner]) => {
    const name = path === '' ? key : `${path}.${key}`;
    return findMaps(inner, name).map(([place, map]) => `\n${renderSection(`\`${place}\``, place, map)}`);
  });
  return own + below.join('');
}

/** The maps with keys of their own behind a key: directly, by name, in a list, or as one of several forms. */
function findMaps(schema: JsonSchema, path: string): [string, JsonSchema][] {
  if (schema.properties !== undefined)
    return isScripts(schema) ? [[path, withoutForms(schema)]] : [[path, schema]];
  if (typeof schema.additionalProperties === 'object') {
    return findMaps(schema.additionalProperties, `${path}.NAME`);
  }
  if (schema.items !== undefined && !Array.isArray(schema.items)) return findMaps(schema.items, `${path}[]`);
  return (schema.anyOf ?? []).flatMap((form) => findMaps(form, path));
}

/** Scripts all have the same forms, which the text above the tables explains once. */
function isScripts(schema: JsonSchema): boolean {
  const inner = Object.values(schema.properties ?? {});
  return inner.length > 1 && inner.every((each) => isScript(each));
}

function isScript(schema: JsonSchema): boolean {
  return schema.anyOf?.some((form) => form.properties?.['run'] !== undefined) ?? false;
}

function withoutForms(schema: JsonSchema): JsonSchema {
  const plain = Object.entries(schema.properties ?? {}).map(([key, inner]) => {
    const description = inner.description === undefined ? {} : { description: inner.description };
    return [key, { type: 'script', ...description }] as const;
  });
  return { properties: Object.fromEntries(plain) };
}

function describeType(schema: JsonSchema): string {
  if (schema.type === 'script' || isScript(schema)) return 'script';
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(describeType))].join(' or ');
  if (schema.type === 'array') {
    const items = Array.isArray(schema.items) ? schema.items[0] : schema.items;
    return `list of ${items === undefined ? 'anything' : describeType(items)}`;
  }
  if (schema.type === 'object') return schema.properties === undefined ? 'map by name' : 'map';
  if (schema.type === 'string' && schema.pattern?.includes('ms|s|m|h|d')) return 'length of time';
  const words: Record<string, string> = {
    string: 'text',
    integer: 'whole number',
    number: 'number',
    boolean: 'true or false',
  };
  return words[schema.type ?? ''] ?? 'anything';
}

function describeDefault(schema: JsonSchema, isRequired: boolean): string {
  if (isRequired) return 'required';
  if (schema.default === undefined || schema.type === 'object') return '';
  return `\`${JSON.stringify(schema.default).replace(/^"(.*)"$/, '$1') || "''"}\``;
}

function describeMeaning(schema: JsonSchema): string {
  return schema.description ?? '';
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
