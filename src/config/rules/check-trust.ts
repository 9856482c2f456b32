/** Keys for decisions: they can be read, are told apart by name, and the signing one is among them. */
import { createPublicKey } from 'node:crypto';
import type { RuleFinding, RuleInput } from './check-rules.ts';

/** Reports keys that cannot be used, are named twice, or are missing. */
export function checkTrust({ config }: RuleInput): RuleFinding[] {
  const { signing, verify_keys: keys } = config.api;
  const findings: RuleFinding[] = keys.flatMap(({ key_id: keyId, public_key: publicKey }, index) => {
    const path = ['api', 'verify_keys', index];
    const problems: RuleFinding[] = [];
    if (!isEd25519PublicKey(publicKey.trim())) {
      const expected = 'an Ed25519 public key: PEM, or its 32 bytes in base64';
      problems.push({ path: [...path, 'public_key'], at: 'value', expected, found: describeKey(publicKey) });
    }
    if (keys.findIndex((other) => other.key_id === keyId) < index) {
      const expected = 'a key id that no other key has';
      problems.push({ path: [...path, 'key_id'], at: 'value', expected, found: JSON.stringify(keyId) });
    }
    return problems;
  });
  if (signing !== undefined && !keys.some(({ key_id }) => key_id === signing.key_id)) {
    findings.push({
      path: ['api', 'signing', 'key_id'],
      at: 'value',
      expected: 'the key_id of an entry of api.verify_keys, or no worker can check what the API signs',
      found: JSON.stringify(signing.key_id),
      about: [['api', 'verify_keys']],
    });
  }
  if (signing === undefined && Object.keys(config.products).length > 0) {
    findings.push({
      path: ['api'],
      at: 'key',
      expected: 'signing, with the key by which decisions are signed',
      found: 'nothing',
      hint: 'Without it only `windlass dev`, which makes keys of its own, can take approvals.',
      about: [['api', 'signing']],
      isWarning: true,
    });
  }
  return findings;
}

/** Whether a text is an Ed25519 public key in one of the two accepted forms. */
export function isEd25519PublicKey(text: string): boolean {
  if (!text.startsWith('-----BEGIN')) {
    return /^[A-Za-z0-9+/_-]{43}=?$/.test(text) && Buffer.from(text, 'base64url').length === 32;
  }
  try {
    // Node derives a public key from a private one too: that one has no place in this file.
    return (
      text.startsWith('-----BEGIN PUBLIC KEY-----') && createPublicKey(text).asymmetricKeyType === 'ed25519'
    );
  } catch {
    return false;
  }
}

function describeKey(text: string): string {
  if (text.includes('PRIVATE')) return 'a private key, which must never stand in this file';
  return `a text of ${text.length} characters that is not one`;
}
