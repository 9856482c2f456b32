/** A product's ledger in the store: one file for each entry, each made only if nobody made it before. */
import { createPrivateKey, sign, verify } from 'node:crypto';
import {
  type LedgerEntry,
  type LedgerSigner,
  linkTo,
  readEntry,
  readSignedEntry,
  type SignedEntry,
  textToSign,
} from '../../release/ledger/entry.ts';
import type { LedgerFact } from '../../release/ledger/facts.ts';
import { isKnown } from '../../release/ledger/questions.ts';
import { readPublicKey } from '../signing/signing.ts';

/** What the ledger needs of the store. */
export interface LedgerStore {
  readNamed(name: string): Promise<Buffer | undefined>;
  /** Writes an entry if there is none of that name; false where there is. */
  createNamed(name: string, bytes: Uint8Array): Promise<boolean>;
}

export interface LedgerVerifyKey {
  keyId: string;
  signer: LedgerSigner;
  /** An Ed25519 public key: PEM, or its 32 raw bytes in base64 or base64url. */
  publicKey: string;
  /** ISO time; what was written later does not count. */
  notAfter?: string;
}

export interface LedgerKeys {
  verify: readonly LedgerVerifyKey[];
  /** The key of this process's role; PEM, PKCS 8. */
  signing: { keyId: string; signer: LedgerSigner; privateKey: string };
}

export interface Ledger {
  /** Every entry, verified, the oldest first. @throws {LedgerBroken} */
  read(product: string): Promise<readonly LedgerEntry[]>;
  /** Writes a fact down, signed; the very same fact is written once. @throws {LedgerBroken} */
  append(product: string, fact: LedgerFact): Promise<void>;
}

/** What stands in the store is no ledger of this installation, or cannot be written to. Nothing may rest on it. */
export class LedgerBroken extends Error {
  override readonly name = 'LedgerBroken';
  readonly outcome = 'unchanged';
  readonly retryable: boolean;
  readonly advice: string;

  constructor(message: string, { retryable, advice }: { retryable: boolean; advice: string }) {
    super(message);
    this.retryable = retryable;
    this.advice = advice;
  }
}

/** Entries that are read at once when a process reads a long ledger for the first time. */
const AT_ONCE = 16;
/** Others may write at the same time; each of them gets on in every round. */
const TRIES = 50;

interface Chain {
  entries: LedgerEntry[];
  /** The last entry as it is kept, to see whether it is still there. */
  head: string | undefined;
  link: string;
}

/** The ledgers of a store for whoever has no key, and only verifies. @throws {LedgerBroken} as {@link Ledger.read} */
export function openLedgerToRead(store: LedgerStore, keys: VerifyKeys): Pick<Ledger, 'read'> {
  const read = readChains(store, keys);
  return { read: async (product) => (await read(product)).entries };
}

type VerifyKeys = Pick<LedgerKeys, 'verify'>;

/** Reads and verifies; what was read is remembered for as long as the function is. */
function readChains(store: LedgerStore, keys: VerifyKeys): (product: string) => Promise<Chain> {
  const chains = new Map<string, Chain>();
  return async (product) => {
    const known = chains.get(product) ?? { entries: [], head: undefined, link: '' };
    await refuseCut(store, product, known);
    const chain = { ...known, entries: [...known.entries] };
    let isMore = await readSome(store, product, chain, keys, 1);
    while (isMore) isMore = await readSome(store, product, chain, keys, AT_ONCE);
    // Another reading may have come further meanwhile.
    if (chain.entries.length >= (chains.get(product)?.entries.length ?? 0)) chains.set(product, chain);
    return chain;
  };
}

/** The ledgers of all products of a store. What was read and verified is remembered for as long as this is. */
export function openLedger(store: LedgerStore, keys: LedgerKeys): Ledger {
  const read = readChains(store, keys);
  return {
    read: async (product) => (await read(product)).entries,
    async append(product, fact) {
      for (let tried = 0; tried < TRIES; tried++) {
        const { entries, link } = await read(product);
        if (isKnown(entries, fact)) return;
        const number = entries.length + 1;
        const kept = signEntry({ product, number, before: link, fact }, keys.signing);
        const bytes = Buffer.from(`${JSON.stringify(kept)}\n`);
        if (await store.createNamed(nameOf(product, number), bytes)) return;
      }
      throw new LedgerBroken(
        `The ledger of ${product} is written to by so many that ${TRIES} tries did not get through.`,
        {
          retryable: true,
          advice: 'it is tried again',
        },
      );
    },
  };
}

/** Whether there may be more. */
async function readSome(
  store: LedgerStore,
  product: string,
  chain: Chain,
  keys: VerifyKeys,
  count: number,
): Promise<boolean> {
  const next = chain.entries.length + 1;
  const numbers = Array.from({ length: count }, (_, index) => next + index);
  const texts = await Promise.all(numbers.map((number) => store.readNamed(nameOf(product, number))));
  for (const bytes of texts) {
    if (bytes === undefined) return false;
    take(chain, product, bytes.toString('utf8'), keys);
  }
  return true;
}

function signEntry(
  { product, number, before, fact }: Pick<LedgerEntry, 'product' | 'number' | 'before' | 'fact'>,
  { keyId, signer, privateKey }: LedgerKeys['signing'],
): SignedEntry {
  const at = new Date().toISOString();
  const entry = JSON.stringify({
    ledger: 1,
    product,
    number,
    before,
    at,
    signer,
    fact,
  } satisfies LedgerEntry);
  const signature = sign(null, Buffer.from(textToSign(entry)), createPrivateKey(privateKey));
  return { entry, keyId, signature: signature.toString('base64') };
}

/** Takes the next entry into the chain. @throws {LedgerBroken} */
function take(chain: Chain, product: string, text: string, keys: VerifyKeys): void {
  const number = chain.entries.length + 1;
  const kept = readSignedEntry(text);
  const key = kept && keys.verify.find(({ keyId }) => keyId === kept.keyId);
  if (!kept || !key)
    throw broken(product, number, kept ? 'it is signed with a key that is not known' : 'it is no entry');
  const signature = Buffer.from(kept.signature, 'base64');
  if (!verify(null, Buffer.from(textToSign(kept.entry)), readPublicKey(key.publicKey), signature)) {
    throw broken(product, number, 'its signature does not hold');
  }
  const entry = readEntry(kept.entry, { product, number, before: chain.link, signer: key.signer });
  if ('refused' in entry) throw broken(product, number, entry.refused);
  // Nobody dates an entry back to when his key still counted: those before it are younger.
  const dates = [entry.at, chain.entries.at(-1)?.at ?? entry.at];
  if (key.notAfter !== undefined && dates.some((at) => !(Date.parse(at) <= Date.parse(key.notAfter ?? '')))) {
    throw broken(product, number, `it is signed with the key ${key.keyId}, which counted no more`);
  }
  chain.entries.push(entry);
  chain.head = text;
  chain.link = linkTo(kept);
}

/** What was seen once must still be there: a store that was put back to yesterday's backup forgets what was done. */
async function refuseCut(store: LedgerStore, product: string, { entries, head }: Chain): Promise<void> {
  if (head === undefined) return;
  const found = await store.readNamed(nameOf(product, entries.length));
  if (found?.toString('utf8') === head) return;
  throw broken(product, entries.length, found ? 'another one stands there now' : 'it was there, and is gone');
}

function broken(product: string, number: number, why: string): LedgerBroken {
  return new LedgerBroken(
    `The ledger of ${product} does not hold at entry ${number}: ${why}. Nothing rests on it.`,
    {
      retryable: false,
      advice: `find out who changed ledger/${product} in the store, put the right entries back, then retry`,
    },
  );
}

function nameOf(product: string, number: number): string {
  return `ledger/${product}/${String(number).padStart(8, '0')}.json`;
}
