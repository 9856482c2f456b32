/** Attestations in the store: one DSSE envelope for each entry of the ledger that is about bytes. */
import {
  type AttestedBy,
  type AttestedFact,
  describeStatement,
  isAttested,
  readAttestedBy,
} from '../../release/attestation/statement.ts';
import { digestOf } from '../../release/digest.ts';
import type { LedgerEntry } from '../../release/ledger/entry.ts';
import type { LedgerKeys, LedgerStore, LedgerVerifyKey } from '../ledger/ledger.ts';
import { openEnvelope, signStatement } from './envelope.ts';

export interface Attestations {
  /** Attests an entry that this role wrote, if it is about bytes; again is no second time. @throws {AttestationBroken} */
  keep(entry: LedgerEntry): Promise<void>;
  /** The envelope of an entry, one line, verified; undefined where there is none. @throws {AttestationBroken} */
  read(entry: LedgerEntry): Promise<string | undefined>;
}

/** What stands in the store is not what the role attested. Nothing may rest on it. */
export class AttestationBroken extends Error {
  override readonly name = 'AttestationBroken';
  readonly outcome = 'unchanged';
  readonly retryable = false;
  readonly advice: string;

  constructor(name: string, why: string) {
    super(`The attestation ${name} in the store does not hold: ${why}. Nothing rests on it.`);
    this.advice = `find out who changed ${name} in the store, put the right one back, then retry`;
  }
}

/** Where an entry's attestation is kept. */
export function nameAttestation({ product, number }: Pick<LedgerEntry, 'product' | 'number'>): string {
  return `attestations/${product}/${String(number).padStart(8, '0')}.json`;
}

/** The attestations of all products of a store, as a role signs them. `describe` says what the ledger does not. */
export function openAttestations(
  store: LedgerStore,
  { verify, signing }: LedgerKeys,
  describe: (product: string) => AttestedBy,
): Attestations {
  const read = (entry: LedgerEntry) => readAttestation(store, verify, entry);
  return {
    read,
    async keep(entry) {
      if (!isAttested(entry)) return;
      const envelope = signStatement(describeStatement(entry, describe(entry.product)), signing);
      if (await store.createNamed(nameAttestation(entry), Buffer.from(`${envelope}\n`))) return;
      // Signed before with another key of the role, or under another address.
      await read(entry);
    },
  };
}

/** {@link Attestations.read} for whoever only reads. @throws {AttestationBroken} */
export async function readAttestation(
  store: Pick<LedgerStore, 'readNamed'>,
  keys: readonly LedgerVerifyKey[],
  entry: LedgerEntry,
): Promise<string | undefined> {
  if (!isAttested(entry)) return undefined;
  const name = nameAttestation(entry);
  const kept = await store.readNamed(name);
  if (kept === undefined) return undefined;
  const envelope = kept.toString('utf8').trim();
  const why = refuseAttestation(envelope, keys, entry);
  if (why !== undefined) throw new AttestationBroken(name, why);
  return envelope;
}

/** Why an envelope is not what the role attested of this entry, as the end of a sentence. */
export function refuseAttestation(
  envelope: string,
  keys: readonly LedgerVerifyKey[],
  entry: LedgerEntry & { fact: AttestedFact },
): string | undefined {
  const statement = openEnvelope(envelope, keys, entry.at);
  if ('refused' in statement) return statement.refused;
  const by = readAttestedBy(statement);
  const isSame = by !== undefined && digestOf(describeStatement(entry, by)) === digestOf(statement);
  return isSame ? undefined : `it is about something else than entry ${entry.number} of the ledger`;
}
