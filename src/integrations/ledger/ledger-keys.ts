import type { Installation } from '../../config/installation.ts';
import type { LedgerSigner } from '../../release/ledger/entry.ts';
import type { LedgerKeys, LedgerVerifyKey } from './ledger.ts';

/** A role has no key with which it could sign. Nothing was started. */
export class LedgerKeyMissing extends Error {
  override readonly name = 'LedgerKeyMissing';
}

/**
 * The keys with which a process of this role reads and writes the ledger; undefined where the configuration names none,
 * or says `keep: false`. The API signs with its own key.
 * @throws {LedgerKeyMissing} where other roles have keys and this one has not
 */
export function readLedgerKeys(
  { file, ledger, api }: Installation,
  signer: LedgerSigner,
  readSecret: (name: string) => string,
): LedgerKeys | undefined {
  if (!ledger.keep || ledger.keys.length === 0) return undefined;
  const own = ledger.keys.find(({ role, privateKey }) => role === signer && privateKey !== undefined);
  const signing = signer === 'api' ? api.signing : own;
  if (signing?.privateKey === undefined) throw new LedgerKeyMissing(explainMissing(file, signer));
  const verify = listVerifyKeys({ ledger, api });
  return { verify, signing: { keyId: signing.keyId, signer, privateKey: readSecret(signing.privateKey) } };
}

/** The public keys of everybody who may write into the ledger. */
export function listVerifyKeys({ ledger, api }: Pick<Installation, 'ledger' | 'api'>): LedgerVerifyKey[] {
  const notAfter = (at: string | undefined) => (at === undefined ? {} : { notAfter: at });
  return [
    ...api.verifyKeys.map((key) => ({ ...key, signer: 'api' as const })),
    ...ledger.keys.map((key) => ({
      keyId: key.keyId,
      signer: key.role,
      publicKey: key.publicKey,
      ...notAfter(key.notAfter),
    })),
  ];
}

/** Which key is missing, and how to make it. */
export function explainMissing(file: string, signer: LedgerSigner): string {
  if (signer === 'api') {
    return `${file} names no api.signing: the API could not write into the ledger who started what. Nothing was changed. "windlass keys signing" makes a key.`;
  }
  return (
    `${file} names no key with which the role ${signer} signs the ledger. Nothing was changed. Make one with ` +
    `"windlass keys ledger --out FILE" and name it under ledger.keys, with role: ${signer}; or say ledger.keep: false ` +
    'where nobody else reaches the namespace.'
  );
}
