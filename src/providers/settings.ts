/**
 * What a provider brings to `windlass.yaml`, apart from its client: the configuration is checked and read without
 * loading any. Secrets and addresses are said as data, so that one rule each looks after those of every provider.
 */
import type { z } from 'zod';

export type Keys = z.core.$ZodLooseShape;

/** What stands under some keys once the schema has passed it. */
export type Entry<K extends Keys> = z.output<z.ZodObject<K>>;

export interface ProviderSettings<K extends Keys = Keys, Settings extends object = object> {
  /** Its keys of an entry. The one that is named as the provider is in its seam's map decides; others go with it. */
  keys: K;
  /** Keys that name a secret, by the way from the entry: `s3.secret_access_key`. */
  secrets?: readonly string[];
  /** Keys with an address that is spoken to, likewise. */
  urls?: readonly string[];
  /** A section beside the entries that this provider cannot do without. */
  section?: ProviderSection;
  /** The entry as the program sees it: lengths of time in milliseconds, paths absolute. */
  read(entry: Entry<K>, places: Places): Settings;
}

export interface ProviderSection<S extends Keys = Keys> {
  /** One optional key with the section's schema. */
  shape: S;
  secrets?: readonly string[];
  urls?: readonly string[];
  /** What is missing without it, in words: `a \`mail\` section …`. */
  missing: string;
}

export interface Places {
  /** Makes a path of this machine absolute. */
  resolve(path: string): string;
}

type Providers = Readonly<Record<string, ProviderSettings>>;
type Intersect<U> = (U extends unknown ? (u: U) => void : never) extends (i: infer I) => void ? I : never;
type SectionOf<P> = P extends { section?: ProviderSection<infer S> } ? S : Record<never, never>;

export type KeysOf<P extends Providers> = Intersect<P[keyof P]['keys']> & Keys;
export type SectionsOf<P extends Providers> = Intersect<SectionOf<P[keyof P]>> & Keys;
/** What a seam's entries become: one form for each provider. */
export type SettingsOf<P extends Providers> = ReturnType<P[keyof P]['read']>;

/** All providers' keys of an entry, for the schema. */
export function joinKeys<P extends Providers>(providers: P): KeysOf<P> {
  return Object.assign({}, ...Object.values(providers).map(({ keys }) => keys)) as KeysOf<P>;
}

/** All providers' sections, for the schema. */
export function joinSections<P extends Providers>(providers: P): SectionsOf<P> {
  return Object.assign({}, ...Object.values(providers).map(({ section }) => section?.shape)) as SectionsOf<P>;
}

/** Which provider of a seam an entry is for, as written or as read: the one whose name is among its keys. */
export function nameProvider<P extends Providers>(providers: P, entry: object): keyof P & string {
  const given = entry as Readonly<Record<string, unknown>>;
  const name = Object.keys(providers).find((candidate) => given[candidate] !== undefined);
  // The schema lets exactly one through.
  if (name === undefined) throw new Error(`none of ${Object.keys(providers).join(', ')} is named`);
  return name;
}

/** Reads an entry by its own provider. */
export function readEntry<P extends Providers>(providers: P, entry: object, places: Places): SettingsOf<P> {
  const provider = providers[nameProvider(providers, entry)] as ProviderSettings;
  return provider.read(entry as Entry<Keys>, places) as SettingsOf<P>;
}

/** All providers' sections that are there, by their keys. */
export function readSections<P extends Providers>(providers: P, holder: object): Entry<SectionsOf<P>> {
  const given = holder as Readonly<Record<string, unknown>>;
  const keys = Object.values(providers).flatMap(({ section }) => Object.keys(section?.shape ?? {}));
  return Object.fromEntries(
    keys.flatMap((key) => (given[key] === undefined ? [] : [[key, given[key]]])),
  ) as Entry<SectionsOf<P>>;
}

/** A provider's own section, where it stands beside its entries. */
export function readSection({ section }: ProviderSettings, holder: object): unknown {
  const [key = ''] = Object.keys(section?.shape ?? {});
  return (holder as Readonly<Record<string, unknown>>)[key];
}
