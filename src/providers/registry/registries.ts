/** Every kind of registry, by the name that `windlass.yaml` knows it by. */
import { z } from 'zod';
import type { ProductSettings } from '../../release/settings.ts';
import { npm } from './npm/kind.ts';
import { docker } from './oci/kind.ts';
import type { Fields, Registry, RegistryContext, RegistryKind } from './registry.ts';
import { script } from './script/kind.ts';

export const REGISTRIES = { npm, docker, script } as const;

/** What the file holds under `registries`, as the schema gives it back. */
export type RegistriesFile = Record<string, { kind?: string }>;

/** The name of a kind, which is the name of a registry too where nothing else is said. */
export type RegistryEffectName = (typeof REGISTRIES)[keyof typeof REGISTRIES]['effects'][number];

export const REGISTRY_EFFECTS: readonly RegistryEffectName[] = Object.values(REGISTRIES).flatMap(
  (kind) => kind.effects,
);

/** The kind of a registry of the file or of the settings; undefined for a name that no kind has. */
export function kindOf(name: string, settings: { kind?: string | undefined } | undefined) {
  const kind = settings?.kind ?? name;
  return Object.hasOwn(REGISTRIES, kind) ? (REGISTRIES as Record<string, RegistryKind>)[kind] : undefined;
}

/** The schema of `registries`: a kind's own name says what it is, any other name says it by `kind`. */
export function registriesSchema(field: Fields): z.ZodType<RegistriesFile, RegistriesFile> {
  const named: Record<string, z.ZodType> = {};
  const anyName: z.ZodObject[] = [];
  for (const [name, kind] of Object.entries(REGISTRIES)) {
    const schema = kind.schema(field);
    const literal = z.literal(name, { error: name });
    named[name] = schema
      .extend({ kind: literal.optional().describe('Only said where the name does not say it.') })
      .describe(`A registry of the kind \`${name}\`: ${kind.title}.`)
      .optional();
    anyName.push(schema.extend({ kind: literal.describe('What it is.') }));
  }
  const other = z.discriminatedUnion('kind', anyName as [z.ZodObject, ...z.ZodObject[]], {
    error: `a registry with its kind (${Object.keys(REGISTRIES).join(', ')}), since the name does not say it`,
  });
  return z.strictObject(named).catchall(other) as unknown as z.ZodType<RegistriesFile, RegistriesFile>;
}

/** From the file to the settings; the kind stays only where the name does not say it. */
export function normaliseRegistries(file: RegistriesFile): ProductSettings['registries'] {
  return Object.fromEntries(
    Object.entries(file).flatMap(([name, entry]) => {
      const kind = kindOf(name, entry);
      if (entry === undefined || kind === undefined) return [];
      const settings = kind.normalise(entry as never);
      return [
        [
          name,
          entry.kind === undefined || entry.kind === name ? settings : { ...settings, kind: entry.kind },
        ],
      ];
    }),
  );
}

/** Names of secrets, by their place below `registries`. */
export function registrySecrets(file: RegistriesFile): { path: string[]; name: string | undefined }[] {
  return collect(file, (kind, entry) => kind.secrets(entry));
}

/** Addresses, by their place below `registries`. */
export function registryUrls(file: RegistriesFile): { path: string[]; url: string | undefined }[] {
  return collect(file, (kind, entry) => kind.urls(entry));
}

function collect<T extends { path: string[] }>(
  file: RegistriesFile,
  ask: (kind: RegistryKind, entry: never) => T[],
): T[] {
  return Object.entries(file).flatMap(([name, entry]) => {
    const kind = kindOf(name, entry);
    if (entry === undefined || kind === undefined) return [];
    return ask(kind, entry as never).map((found) => ({ ...found, path: [name, ...found.path] }));
  });
}

/** Opens a registry of a product; nothing is sent yet. Undefined for a kind that this version does not know. */
export async function openRegistry(context: RegistryContext): Promise<Registry | undefined> {
  return await kindOf(context.name, context.settings)?.open(context);
}
