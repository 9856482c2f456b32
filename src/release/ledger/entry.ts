import { digestOf } from '../digest.ts';
import type { LedgerFact } from './facts.ts';

/** Who may sign entries: the API, and the worker of each role. */
export const LEDGER_SIGNERS = ['api', 'release', 'devops', 'qa', 'writer', 'support'] as const;

export type LedgerSigner = (typeof LEDGER_SIGNERS)[number];

/** One line of a product's ledger. */
export interface LedgerEntry {
  ledger: 1;
  product: string;
  /** From 1, without gaps. */
  number: number;
  /** Digest of the entry before, as it is kept; of the first one, `''`. */
  before: string;
  /** ISO 8601. */
  at: string;
  signer: LedgerSigner;
  fact: LedgerFact;
}

/** An entry as it is kept: the exact text that was signed, so that no canonical form is needed to verify it. */
export interface SignedEntry {
  entry: string;
  keyId: string;
  /** Ed25519, base64. */
  signature: string;
}

/** Whose entries of each kind count. */
const SIGNERS: Record<LedgerFact['fact'], readonly LedgerSigner[]> = {
  // The release worker writes down what its own configuration started: the calendar.
  started: ['api', 'release'],
  begun: ['api'],
  planned: ['writer', 'release'],
  committed: ['release'],
  built: ['devops'],
  gate_ended: ['qa'],
  branch_pushed: ['release'],
  published: ['release'],
  environment_changed: ['devops'],
  found_running: ['devops'],
  verified: ['devops', 'qa', 'support'],
  merged: ['release'],
  tagged: ['release'],
  ended: ['api', 'release'],
};

/** By which the next entry names this one. */
export function linkTo(kept: SignedEntry): string {
  return digestOf(kept);
}

/** What is signed: never to be taken for anything else that the same key signs. */
export function textToSign(entry: string): string {
  return `windlass-ledger-1\n${entry}`;
}

/** Reads what is kept; undefined where it is no signed entry. Total. */
export function readSignedEntry(text: string): SignedEntry | undefined {
  try {
    const { entry, keyId, signature } = JSON.parse(text) as Record<string, unknown>;
    const isWhole = [entry, keyId, signature].every((part) => typeof part === 'string');
    return isWhole ? ({ entry, keyId, signature } as SignedEntry) : undefined;
  } catch {
    return undefined;
  }
}

/** A person's start comes from the API: the release worker says only that its calendar began a release. */
function isStartOfSomebody(fact: LedgerFact, signer: LedgerSigner): boolean {
  if (fact.fact !== 'started' || signer === 'api') return false;
  return fact.via !== 'schedule' || fact.by !== 'schedule' || fact.kind !== 'release';
}

/** Where an entry must stand, and whose key signed it. */
export interface Standing {
  product: string;
  number: number;
  before: string;
  signer: LedgerSigner;
}

/**
 * The entry, if it follows from the one before and its signer may say what it says; else why not, as the end of a
 * sentence. The signature itself is for the caller to verify.
 */
export function readEntry(text: string, expected: Standing): LedgerEntry | { refused: string } {
  let entry: Partial<LedgerEntry>;
  try {
    entry = JSON.parse(text) as Partial<LedgerEntry>;
  } catch {
    return { refused: 'it is not JSON' };
  }
  if (entry?.ledger !== 1) return { refused: 'it has a form that this version does not know' };
  for (const key of ['product', 'number', 'before', 'signer'] as const) {
    if (entry[key] === expected[key]) continue;
    return {
      refused: key === 'before' ? 'it does not follow from the entry before' : `its ${key} is another`,
    };
  }
  const { fact } = entry;
  const signers = fact && Object.hasOwn(SIGNERS, fact.fact) ? SIGNERS[fact.fact] : [];
  if (!fact || !signers.includes(expected.signer) || isStartOfSomebody(fact, expected.signer))
    return { refused: `${expected.signer} may not say that` };
  if (typeof entry.at !== 'string') return { refused: 'it has no date' };
  return entry as LedgerEntry;
}
