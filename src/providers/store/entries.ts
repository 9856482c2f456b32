/** Named entries of JSON in the store: the one place that knows how they are written. */
import type { Store } from './store.ts';

/** So many are read at once: a store may be far away, and whoever asks waits. */
const AT_ONCE = 16;

/** The bytes of an entry: the same entry gives the same. */
export function encodeEntry(entry: object): Buffer {
  return Buffer.from(`${JSON.stringify(entry, undefined, 2)}\n`);
}

/** An entry by its name, if it is there. */
export async function readEntry<Entry>(
  store: Pick<Store, 'readNamed'>,
  name: string,
): Promise<Entry | undefined> {
  const bytes = await store.readNamed(name);
  return bytes && (JSON.parse(bytes.toString('utf8')) as Entry);
}

/** Entries by their names, in that order; what is not there is left out. */
export async function readEntries<Entry>(
  store: Pick<Store, 'readNamed'>,
  names: readonly string[],
): Promise<{ name: string; entry: Entry }[]> {
  const found: { name: string; entry: Entry }[] = [];
  for (let at = 0; at < names.length; at += AT_ONCE) {
    const some = names.slice(at, at + AT_ONCE);
    const entries = await Promise.all(some.map((name) => readEntry<Entry>(store, name)));
    entries.forEach((entry, index) => {
      if (entry !== undefined) found.push({ name: some[index]!, entry });
    });
  }
  return found;
}

/** Writes or replaces an entry. */
export async function writeEntry(store: Store, name: string, entry: object): Promise<void> {
  await store.putNamed(name, encodeEntry(entry));
}
