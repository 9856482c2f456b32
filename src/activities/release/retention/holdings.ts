import { readEntries, readEntry, writeEntry } from '../../../providers/store/entries.ts';
import type { Store } from '../../../providers/store/store.ts';
import {
  madeFolder,
  madeName,
  recordName,
  recordsFolder,
  releasedFolder,
  usedFolder,
  usedName,
} from '../../../release/record/kept-names.ts';
import type { ReleaseRecord } from '../../../release/record/record.ts';
import type { StoreRef } from '../../../release/store-ref.ts';
import { fail } from '../../fail.ts';
import type { KeptVersion } from '../registry/kept-version.ts';

/** What the build of one release put into the store, under all of its plans. */
export interface MadeBytes {
  product: string;
  releaseId: string;
  /** The version of the last plan. */
  version: string;
  /** ISO 8601. */
  at: string;
  parts: StoreRef[];
  /** Retention has deleted them, on this release's account. */
  removedBy?: string;
}

/** Everything in the store that bears on what may be deleted of a product. */
export interface Holdings {
  made: MadeBytes[];
  /** With the product of each, since bytes that are alike are there once. */
  released: { product: string; kept: KeptVersion }[];
  /** Versions that flows of the product have taken up, with the flows. */
  used: { releaseId: string; version: string }[];
  /** Flows of the product that have ended. */
  ended: ReadonlySet<string>;
}

/** A store that remembers what is put into it. */
export function listenToPuts(store: Store): { store: Store; parts: StoreRef[] } {
  const parts: StoreRef[] = [];
  const note = (ref: StoreRef): StoreRef => {
    parts.push(ref);
    return ref;
  };
  const listening: Store = {
    ...store,
    put: async (bytes, mediaType) => note(await store.put(bytes, mediaType)),
    putFile: async (path, mediaType) => note(await store.putFile(path, mediaType)),
  };
  return { store: listening, parts };
}

/**
 * Notes what a build made, so that retention knows whose it is and leaves it alone while the release is in flight. Where
 * something of it was deleted before it was noted, the build is to be repeated.
 */
export async function noteMade(store: Store, made: MadeBytes): Promise<void> {
  const name = madeName(made.product, made.releaseId);
  const before = await readEntry<MadeBytes>(store, name);
  const parts = new Map([...(before?.parts ?? []), ...made.parts].map((part) => [part.digest, part]));
  await writeEntry(store, name, { ...made, parts: [...parts.values()] });
  for (const part of made.parts) {
    if (await store.has(part)) continue;
    throw fail('Unavailable', {
      what: `${part.digest} of ${made.product} ${made.version} was deleted from the store while it was built`,
      changed: 'nothing that anybody sees',
      next: 'it is built again',
    });
  }
}

/** Notes that a flow needs the bytes of a version until it has ended. */
export async function noteUse(
  store: Store,
  product: string,
  releaseId: string,
  version: string,
): Promise<void> {
  await writeEntry(store, usedName(product, releaseId, version), { releaseId, version });
}

/** Reads what bears on a product's retention. */
export async function readHoldings(store: Store, product: string): Promise<Holdings> {
  const [madeNames, releasedNames, used, records] = await Promise.all([
    store.listNamed(madeFolder()),
    store.listNamed(releasedFolder()),
    store.listNamed(usedFolder(product)),
    store.listNamed(recordsFolder(product)),
  ]);
  const made = await readEntries<MadeBytes>(store, madeNames);
  const released = await readEntries<KeptVersion>(store, releasedNames);
  return {
    made: made.map(({ entry }) => entry),
    released: await Promise.all(
      released.map(async ({ name, entry }) => {
        const of = name.split('/')[1] ?? '';
        return { product: of, kept: of === product ? await date(store, product, entry) : entry };
      }),
    ),
    used: used.map((name) => {
      const [, , releaseId = '', file = ''] = name.split('/');
      return { releaseId, version: file.replace(/\.json$/, '') };
    }),
    ended: new Set(records.map((name) => name.slice(recordsFolder(product).length).replace(/\.json$/, ''))),
  };
}

/** Of what was released before its time was noted, the archived record knows it. */
async function date(store: Store, product: string, kept: KeptVersion): Promise<KeptVersion> {
  if (kept.releasedAt !== undefined) return kept;
  const record = await readEntry<ReleaseRecord>(store, recordName(product, kept.releaseId));
  return record?.endedAt === undefined ? kept : { ...kept, releasedAt: record.endedAt };
}
