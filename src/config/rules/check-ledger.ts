/** The ledger's keys can be read, and each has a name of its own. */
import type { RuleFinding, RuleInput } from './check-rules.ts';
import { isEd25519PublicKey } from './check-trust.ts';

/** Reports keys of the ledger that cannot be used, or are told apart from no other. */
export function checkLedger({ config }: RuleInput): RuleFinding[] {
  const taken = config.api.verify_keys.map(({ key_id }) => key_id);
  return config.ledger.keys.flatMap(({ key_id: keyId, public_key: publicKey }, index) => {
    const path = ['ledger', 'keys', index];
    const findings: RuleFinding[] = [];
    if (!isEd25519PublicKey(publicKey.trim())) {
      const expected = 'an Ed25519 public key: PEM, or its 32 bytes in base64';
      const found = publicKey.includes('PRIVATE')
        ? 'a private key, which must never stand in this file'
        : 'another text';
      findings.push({ path: [...path, 'public_key'], at: 'value', expected, found });
    }
    if (taken.includes(keyId)) {
      const expected = 'a key id that no other key has, api.verify_keys included';
      findings.push({ path: [...path, 'key_id'], at: 'value', expected, found: JSON.stringify(keyId) });
    }
    taken.push(keyId);
    return findings;
  });
}
