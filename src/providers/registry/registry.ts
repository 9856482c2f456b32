/**
 * What a registry provider owes. A new one is a folder beside this file and a line in `registries.ts`; nothing else
 * names it. Reading is done here; whatever changes the registry is only described, and the activities perform it by
 * the one recipe (`performEffect`), with its barriers, receipts and crash test.
 */
import type { z } from 'zod';
import type * as fields from '../../config/schema/fields.ts';
import type { FileSource } from '../../release/plan/version-files/file-source.ts';
import type { ProductScriptName, ProductSettings, RegistrySettings } from '../../release/settings.ts';
import type { StoreRef } from '../../release/store-ref.ts';
import type { Built, Publication } from '../../release/values.ts';
import type { EffectSpec } from '../effect.ts';
import type { Store } from '../store/store.ts';

/** The kinds of value of `windlass.yaml`, handed over since the configuration imports its providers. */
export type Fields = typeof fields;

/** A kind of registry: light enough for every start of the program. What talks to the registry is loaded by `open`. */
export interface RegistryKind {
  /** For people: `npm registry`. */
  title: string;
  /** Every change that it makes outside, by name; the crash test has a case for each. */
  effects: readonly string[];
  /** What it makes from a checkout by itself: a package, without any build script; an image, from the artifact. */
  makes: 'package' | 'image' | 'files';
  schema(field: Fields): z.ZodObject;
  /** From the keys of the file (as the schema gives them back) to the form that workers use. */
  normalise(file: never): RegistrySettings;
  /** Names of secrets, by their place below the registry's own key. */
  secrets(file: never): { path: string[]; name: string | undefined }[];
  /** Addresses, by their place: plain http is for this machine only. */
  urls(file: never): { path: string[]; url: string | undefined }[];
  open(context: RegistryContext): Promise<Registry>;
}

/** What a provider gets of the worker on which it runs. */
export interface RegistryContext {
  /** The name under `registries`. */
  name: string;
  settings: RegistrySettings;
  product: ProductSettings;
  store: Store;
  signal(): AbortSignal;
  /** The value of a secret; refused on a worker whose role may not read it. */
  secret(name: string): string;
  /** A fresh, private folder, gone afterwards. */
  withScratch<T>(work: (folder: string) => Promise<T>): Promise<T>;
  /** Runs a program of the tip of the product's release branch, in a checkout and a sandbox of its own. */
  runProgram<T>(program: ProgramRun, use: (made: Made) => Promise<T>): Promise<T>;
}

export interface ProgramRun {
  title: string;
  run: [string, ...string[]];
  timeoutMs: number;
  facts: Record<string, string>;
  variables: Record<string, string>;
  secrets: Record<string, string>;
}

/** What a script left: its folder (gone once `use` has returned), and what it wrote to WINDLASS_OUTPUT. */
export interface Made {
  folder: string;
  output: Record<string, unknown>;
}

/** The checkout in which the product was built. */
export interface Build extends Made {
  version: string;
  /** The checkout's root, where `folder` is a product's folder in it. */
  root: string;
  /** Whether a build script ran in it. */
  isBuilt: boolean;
  /** What is deployed, if the build script or a registry before this one made it. */
  artifact?: StoreRef;
  /** The real path of what a script says it made, held inside its checkout. `what` names it in the refusal. */
  findMade(folder: string, named: string, what: string): Promise<string>;
  /** Runs another script of the product, in a checkout of its own; undefined where it has none. */
  runScript<T>(script: ProductScriptName, use: (made: Made) => Promise<T>): Promise<T | undefined>;
}

/** Reads a file of the product's folder at the commit in question. */
export type ReadFile = (path: string) => Promise<Buffer | undefined>;

/** A change of the registry; its value is what stands afterwards, in words: tags, or what cannot be taken back. */
export type RegistryEffect = EffectSpec<string[]>;

/** Effects in their order, and what stands whatever they find. */
export interface RegistryChange {
  effects: RegistryEffect[];
  stays: string[];
}

/** A version of this release, at this registry. */
export interface Published {
  releaseId: string;
  version: string;
  publication: Publication;
}

/** The bytes of a released version: a file, or the address of an image by its digest. */
export interface FetchedBytes {
  artifact?: StoreRef;
  image?: string;
}

export interface Registry {
  /** Makes what will be published, once, and keeps it in the store. */
  make(build: Build): Promise<Built>;
  /** What the publication will be called, before it is there. */
  describe(built: Built): Publication;
  /** Publishes where nobody finds it by chance, if the registry has such a place. `stays` are the tags. */
  publish(built: Built, releaseId: string): Promise<RegistryChange>;
  /** Fetches back as a user would, and compares. Returns the proof. Throws a conflict for other bytes. */
  verify(publication: Publication, version: string): Promise<string>;
  /** Offers the version to everybody; never in place of a higher one. */
  promote(published: Published): Promise<RegistryChange>;
  /** Offers the version again, in place of exactly `insteadOf`, which is being rolled back. */
  demote(published: Published & { insteadOf: string }): Promise<RegistryChange>;
  /** Takes back what can be taken back. `stays` and the effects' values say what remains. */
  withdraw(published: Published & { message: string }): Promise<RegistryChange>;
  /** A version that is there. */
  find(version: string, read: ReadFile): Promise<Publication | undefined>;
  fetch(publication: Publication, version: string): Promise<FetchedBytes>;
  /** Every version that is used up there, in any order. */
  listVersions(read: ReadFile): Promise<string[]>;
  /** What would refuse later: login, rights, a first publish nobody agreed to. */
  preflight(read: ReadFile, files: FileSource): Promise<RegistryProblem[]>;
}

/** What a registry would refuse, found before anybody is asked for anything; sentences without their full stops. */
export interface RegistryProblem {
  found: string;
  /** What to do; absent where only the team's own program could say. */
  advice?: string;
}
