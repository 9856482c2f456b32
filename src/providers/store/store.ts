import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import type { StoreRef } from '../../release/store-ref.ts';

/**
 * The one thing that roles share: bytes keyed by their digest, and a few small named entries. Every read checks the
 * digest, so that what passed the gates is what is published and deployed.
 */
export interface Store {
  /** The folder of this machine in which everything lies, if that is where it lies. */
  folder?: string;
  /** Keeps the bytes. The same bytes give the same reference, however often they are put. */
  put(bytes: Uint8Array, mediaType?: string): Promise<StoreRef>;
  /** Keeps a file's bytes as they are at the time of the call; does not hold them in memory. */
  putFile(path: string, mediaType?: string): Promise<StoreRef>;
  /** @throws {StoreMissing} {@link StoreCorrupt} */
  read(ref: StoreRef): Promise<Buffer>;
  /**
   * The same, piece by piece, for what is too large to be held. What is given out is checked as it goes: the end never
   * comes of what was changed, it throws instead. @throws as {@link Store.read}
   */
  open(ref: Pick<StoreRef, 'digest'>): Promise<AsyncIterable<Uint8Array>>;
  /** Writes the bytes to a file, which appears only when it is whole and right. @throws as {@link Store.read} */
  fetchTo(ref: StoreRef, path: string): Promise<void>;
  /** Whether something of that digest and length is there. Reading checks what. */
  has(ref: StoreRef): Promise<boolean>;
  /** Deletes the bytes of that digest, if they are there. Who calls it has made sure that nobody needs them. */
  remove(digest: StoreRef['digest']): Promise<void>;
  /** Writes or replaces a small named entry, such as `records/shop/shop-1.2.0.json`. */
  putNamed(name: string, bytes: Uint8Array): Promise<void>;
  /** Writes a small named entry only if there is none: `false` where there is one already, of other bytes. */
  createNamed(name: string, bytes: Uint8Array): Promise<boolean>;
  readNamed(name: string): Promise<Buffer | undefined>;
  /** Names that start with the prefix (`''` or whole folders such as `records/shop/`), sorted. */
  listNamed(prefix: string): Promise<string[]>;
}

/** The store has nothing of that digest. */
export class StoreMissing extends Error {
  override readonly name = 'StoreMissing';
  readonly retryable = false;
  readonly outcome = 'unchanged';
  readonly advice = 'let all workers use the same store, then retry';
  readonly digest: string;

  constructor(digest: string) {
    super(
      `The store has nothing with the digest ${digest}. Nothing was changed. ` +
        'Either this worker uses another store than the one that made it (compare their configuration), or it was deleted; then repeat the step that makes it.',
    );
    this.digest = digest;
  }
}

/** What the store holds is not what was put. It was not given out. */
export class StoreCorrupt extends Error {
  override readonly name = 'StoreCorrupt';
  readonly retryable = false;
  readonly outcome = 'unchanged';
  readonly advice = 'check the disk and who can write to the store, then replan';
  readonly digest: string;
  readonly found: string;

  constructor(digest: string, found: string, keptAt: string | undefined) {
    super(
      `The store holds other bytes than were put under ${digest}: they have ${found}. They were not used` +
        `${keptAt === undefined ? '' : ` and are kept aside as ${keptAt}`}. ` +
        'Check the disk and who can write to the store, then repeat the step that makes this artifact.',
    );
    this.digest = digest;
    this.found = found;
  }
}

/** A name or digest that the store does not take. */
export class StoreNameRefused extends Error {
  override readonly name = 'StoreNameRefused';
  readonly retryable = false;
  readonly outcome = 'unchanged';
  readonly advice = 'use a name of letters, digits and ._+@-';
}

const LONGEST_NAME = 240;
const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._+@-]*$/;

/**
 * Holds a name to segments of letters, digits and `._+@-` that start with a letter or digit, joined by `/`.
 * @throws {StoreNameRefused}
 */
export function assertEntryName(name: string): string {
  if (name.length <= LONGEST_NAME && name.split('/').every((segment) => SEGMENT.test(segment))) return name;
  throw new StoreNameRefused(
    `${JSON.stringify(name)} is no name for an entry of the store. Nothing was written.`,
  );
}

/** The same for a prefix: empty, or a name with a slash at its end. @throws {StoreNameRefused} */
export function assertEntryPrefix(prefix: string): string {
  if (prefix !== '') assertEntryName(prefix.endsWith('/') ? prefix.slice(0, -1) : prefix);
  return prefix;
}

/** The hex part of a digest. @throws {StoreNameRefused} when it is not `sha256:` and 64 lower-case hex digits. */
export function digestHex(digest: string): string {
  const [, hex] = /^sha256:([0-9a-f]{64})$/.exec(digest) ?? [];
  if (hex) return hex;
  throw new StoreNameRefused(`${JSON.stringify(digest)} is no digest of the form sha256:<64 hex digits>.`);
}

/** The reference to these bytes. */
export function referTo(bytes: Uint8Array, mediaType?: string): StoreRef {
  return makeRef(createHash('sha256').update(bytes).digest('hex'), bytes.length, mediaType);
}

/** A reference from its parts. */
export function makeRef(hex: string, bytes: number, mediaType?: string): StoreRef {
  return { digest: `sha256:${hex}`, bytes, ...(mediaType === undefined ? {} : { mediaType }) };
}

/**
 * Writes a file so that it is there whole or not at all, also after a power cut: temporary file, fsync, rename. `accept`
 * sees digest and length before the rename; when it throws, nothing appears.
 */
export async function writeWhole(
  source: AsyncIterable<Uint8Array>,
  temporary: string,
  accept: (hex: string, bytes: number) => string | Promise<string>,
): Promise<void> {
  const hash = createHash('sha256');
  let bytes = 0;
  let handle: FileHandle | undefined;
  try {
    handle = await open(temporary, 'wx', 0o600);
    for await (const chunk of source) {
      hash.update(chunk);
      bytes += chunk.length;
      await handle.appendFile(chunk);
    }
    await handle.sync();
    await handle.close();
    handle = undefined;
    await rename(temporary, await accept(hash.digest('hex'), bytes));
  } catch (error) {
    await handle?.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Passes the bytes on and, at their end, what they were: `accept` throws where it is not what was asked for. */
export async function* checkWhile(
  source: AsyncIterable<Uint8Array>,
  accept: (hex: string, bytes: number) => unknown,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of source) {
    hash.update(chunk);
    bytes += chunk.length;
    yield chunk;
  }
  await accept(hash.digest('hex'), bytes);
}

/** Digest (hex) and length of a file. */
export async function digestFile(path: string): Promise<{ hex: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { hex: hash.digest('hex'), bytes };
}

/** A short name that no other call gives. */
export function uniqueSuffix(): string {
  return randomBytes(8).toString('hex');
}
