import { createReadStream } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { keepOutOfGit } from '../../../integrations/process/isolation.ts';
import { findOwner, nameOwner } from '../../../integrations/process/process-owner.ts';
import type { StoreRef } from '../../../release/store-ref.ts';
import {
  assertEntryName,
  assertEntryPrefix,
  checkWhile,
  digestHex,
  makeRef,
  referTo,
  type Store,
  StoreCorrupt,
  StoreMissing,
  uniqueSuffix,
  writeWhole,
} from '../store.ts';

/** After this time an unfinished file of another machine is taken for abandoned. */
const ABANDONED_MS = 24 * 60 * 60 * 1_000;

/** Opens the configured folder. */
export async function openStore({ folder }: { folder: string }): Promise<Store> {
  return await openFolderStore(folder);
}

/**
 * Opens a store in a folder, which several processes (also of several machines, on a shared disk) may use at once:
 *
 *     sha256/ab/<64 hex digits>   the bytes of that digest; never changed
 *     named/<name>                the named entries
 *     corrupt/                    what did not have the digest that it was read for
 *     unfinished/                 being written; what dead processes left is removed here, at opening
 */
export async function openFolderStore(folder: string): Promise<Store> {
  const unfinished = join(folder, 'unfinished');
  const named = join(folder, 'named');
  for (const part of [unfinished, named, join(folder, 'sha256'), join(folder, 'corrupt')]) {
    await mkdir(part, { recursive: true, mode: 0o700 });
  }
  await keepOutOfGit(folder);
  await sweepUnfinished(unfinished);

  const pathOf = (digest: string): string => {
    const hex = digestHex(digest);
    return join(folder, 'sha256', hex.slice(0, 2), hex);
  };
  const temporaryPath = (): string => join(unfinished, `${nameOwner()}-${uniqueSuffix()}`);

  const keep = async (source: AsyncIterable<Uint8Array>, mediaType?: string): Promise<StoreRef> => {
    let ref: StoreRef | undefined;
    // Also when it is there already: this is what mends a file that went bad.
    await writeWhole(source, temporaryPath(), async (hex, bytes) => {
      ref = makeRef(hex, bytes, mediaType);
      await mkdir(dirname(pathOf(ref.digest)), { recursive: true, mode: 0o700 });
      return pathOf(ref.digest);
    });
    await syncFolder(dirname(pathOf(ref!.digest)));
    return ref!;
  };

  const refuse = async (
    ref: Pick<StoreRef, 'digest'>,
    found: { digest: string; bytes: number },
  ): Promise<never> => {
    const aside = join(folder, 'corrupt', `${digestHex(ref.digest)}-${uniqueSuffix()}`);
    const moved = await rename(pathOf(ref.digest), aside).then(
      () => true,
      () => false,
    );
    throw new StoreCorrupt(ref.digest, `${found.digest} (${found.bytes} bytes)`, moved ? aside : undefined);
  };

  return {
    folder,
    put: (bytes, mediaType) => keep(oneChunk(bytes), mediaType),
    putFile: (path, mediaType) => keep(createReadStream(path), mediaType),
    async read(ref) {
      const bytes = await readFile(pathOf(ref.digest)).catch(missing(ref));
      const found = referTo(bytes);
      return found.digest === ref.digest ? bytes : refuse(ref, found);
    },
    async open(ref) {
      await stat(pathOf(ref.digest)).catch(missing(ref));
      return checkWhile(createReadStream(pathOf(ref.digest)), (hex, bytes) =>
        `sha256:${hex}` === ref.digest ? undefined : refuse(ref, makeRef(hex, bytes)),
      );
    },
    async fetchTo(ref, path) {
      await stat(pathOf(ref.digest)).catch(missing(ref));
      await mkdir(dirname(path), { recursive: true });
      await writeWhole(createReadStream(pathOf(ref.digest)), `${path}.${uniqueSuffix()}`, (hex, bytes) =>
        `sha256:${hex}` === ref.digest ? path : refuse(ref, makeRef(hex, bytes)),
      );
    },
    async has(ref) {
      const found = await stat(pathOf(ref.digest)).catch(() => undefined);
      return found?.size === ref.bytes;
    },
    async remove(digest) {
      await rm(pathOf(digest), { force: true });
    },
    async putNamed(name, bytes) {
      const path = join(named, assertEntryName(name));
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeWhole(oneChunk(bytes), temporaryPath(), () => path);
      await syncFolder(dirname(path));
    },
    async createNamed(name, bytes) {
      const path = join(named, assertEntryName(name));
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const whole = temporaryPath();
      await writeWhole(oneChunk(bytes), temporaryPath(), () => whole);
      try {
        // Unlike a renaming, a link never takes the place of what is there.
        await link(whole, path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return (await readFile(path)).equals(bytes);
        throw error;
      } finally {
        await rm(whole, { force: true });
      }
      await syncFolder(dirname(path));
      return true;
    },
    async readNamed(name) {
      return readFile(join(named, assertEntryName(name))).catch((error: NodeJS.ErrnoException) => {
        if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(error.code ?? '')) return undefined;
        throw error;
      });
    },
    async listNamed(prefix) {
      assertEntryPrefix(prefix);
      const start = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      const names = await listFiles(join(named, start), start);
      return names.filter((name) => name.startsWith(prefix)).sort();
    },
  };
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function missing(ref: Pick<StoreRef, 'digest'>): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    throw error.code === 'ENOENT' ? new StoreMissing(ref.digest) : error;
  };
}

async function listFiles(folder: string, prefix: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  const names = await Promise.all(
    entries.map((entry) =>
      entry.isDirectory()
        ? listFiles(join(folder, entry.name), `${prefix}${entry.name}/`)
        : [`${prefix}${entry.name}`],
    ),
  );
  return names.flat();
}

async function sweepUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const owner = findOwner(name);
    const path = join(folder, name);
    const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (owner === 'dead' || (owner === 'elsewhere' && age > ABANDONED_MS)) await rm(path, { force: true });
  }
}

/** Makes the renaming itself survive a power cut. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
