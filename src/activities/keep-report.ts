import { lstat, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import type { Store } from '../providers/store/store.ts';
import type { StoreRef } from '../release/store-ref.ts';

/** The largest report that is kept, in bytes: it is for people to read. */
const LARGEST = 20 * 1024 * 1024;

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.json': 'application/json',
  '.sarif': 'application/sarif+json',
  '.xml': 'application/xml',
};

/**
 * Keeps the file that a script left below `folder`. None if it left none, or something else than a plain file of
 * this checkout (a link could lead to anything that the worker may read), or one that is too large.
 */
export async function keepReport(store: Store, folder: string, path: string): Promise<StoreRef | undefined> {
  const file = join(folder, path);
  const root = await realpath(folder);
  const found = await lstat(file).catch(() => undefined);
  if (!found?.isFile() || found.size > LARGEST || found.nlink > 1) return undefined;
  const real = await realpath(file);
  if (!real.startsWith(root + sep)) return undefined;
  return await store.putFile(real, MEDIA_TYPES[extname(path).toLowerCase()] ?? 'text/plain');
}
