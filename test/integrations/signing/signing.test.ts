import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Command, SignedCommand } from '../../../src/contracts/commands.ts';
import { publicKeyOf, signCommand, verifySigned } from '../../../src/integrations/signing/signing.ts';

const NOW = new Date('2026-11-20T12:00:00.000Z');
const COMMAND: Command = {
  nonce: 'n-1',
  name: 'approve',
  product: 'shop',
  releaseId: 'shop-20261120-0a1b2c',
  gate: 'go_live',
  subject: `sha256:${'5'.repeat(64)}`,
  person: 'ada',
  role: 'ceo',
  reason: 'looks good — ja',
  issuedAt: '2026-11-20T11:59:00.000Z',
  validUntil: '2026-11-23T11:59:00.000Z',
};

function makeKey(keyId: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return {
    signing: { keyId, privateKey: pem },
    verify: { keyId, publicKey: publicKeyOf(pem) },
    pem: { keyId, publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() },
  };
}

const one = makeKey('k1');
const two = makeKey('k2');

describe('a signed command', () => {
  test('is read back as it was, by a key in any of its spellings', () => {
    const signed = signCommand(COMMAND, one.signing);
    const urlSafe = {
      ...one.verify,
      publicKey: one.verify.publicKey.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''),
    };
    for (const key of [one.verify, one.pem, urlSafe])
      expect(verifySigned(signed, [key], NOW)).toEqual(COMMAND);
  });

  test('counts by the key that its id names, while that key counts', () => {
    const signed = signCommand(COMMAND, one.signing);
    expect(verifySigned(signed, [two.verify, one.verify], NOW)).toEqual(COMMAND);
    expect(verifySigned(signed, [two.verify], NOW)).toHaveProperty('refused');
    expect(verifySigned({ ...signed, keyId: 'k2' }, [one.verify, two.verify], NOW)).toHaveProperty('refused');
    const retired = (notAfter: string) => verifySigned(signed, [{ ...one.verify, notAfter }], NOW);
    expect(retired('2026-11-20T12:00:00.000Z')).toEqual(COMMAND);
    expect(retired('2026-11-20T11:59:59.000Z')).toHaveProperty('refused');
    expect(retired('soon')).toHaveProperty('refused');
  });

  test('ends with its time, and does not begin before it', () => {
    const at = (iso: string) => verifySigned(signCommand(COMMAND, one.signing), [one.verify], new Date(iso));
    expect(at(COMMAND.validUntil)).toEqual(COMMAND);
    expect(at('2026-11-23T11:59:00.001Z')).toEqual({
      expired: true,
      refused: `it expired at ${COMMAND.validUntil}`,
    });
    expect(at('2026-11-20T11:54:00.000Z')).toEqual(COMMAND);
    expect(at('2026-11-20T11:53:59.000Z')).toHaveProperty('refused');
  });

  test('no mutation of it verifies: 1,000 seeded ones of text, signature and key id', () => {
    const signed = signCommand(COMMAND, one.signing);
    const field = fc.constantFrom('signed' as const, 'signature' as const, 'keyId' as const);
    const change = fc.oneof(
      fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), bit: fc.integer({ min: 0, max: 6 }) }),
      fc.record({ kind: fc.constant('drop' as const), at: fc.nat(), bit: fc.constant(0) }),
      fc.record({
        kind: fc.constant('insert' as const),
        at: fc.nat(),
        bit: fc.integer({ min: 9, max: 126 }),
      }),
      fc.record({ kind: fc.constant('cut' as const), at: fc.nat(), bit: fc.constant(0) }),
      fc.record({ kind: fc.constant('double' as const), at: fc.nat(), bit: fc.constant(0) }),
    );
    fc.assert(
      fc.property(field, change, (name, { kind, at, bit }) => {
        const text = signed[name];
        const i = at % text.length;
        const mutated = {
          flip: () =>
            text.slice(0, i) + String.fromCharCode(text.charCodeAt(i) ^ (1 << bit)) + text.slice(i + 1),
          drop: () => text.slice(0, i) + text.slice(i + 1),
          insert: () => text.slice(0, i) + String.fromCharCode(bit) + text.slice(i),
          cut: () => text.slice(0, i),
          double: () => text + text,
        }[kind]();
        fc.pre(mutated !== text);
        expect(verifySigned({ ...signed, [name]: mutated }, [one.verify, two.verify], NOW)).toHaveProperty(
          'refused',
        );
      }),
      { numRuns: 1_000, seed: 20_261_120 },
    );
  });

  test('another spelling of the same signature is not what the API sent', () => {
    const signed = signCommand(COMMAND, one.signing);
    for (const signature of [
      `${signed.signature} `,
      signed.signature.replace(/=+$/, ''),
      `${signed.signature}====`,
      signed.signature.replaceAll('+', '-').replaceAll('/', '_'),
    ]) {
      if (signature === signed.signature) continue;
      expect(verifySigned({ ...signed, signature }, [one.verify], NOW)).toHaveProperty('refused');
    }
  });

  test('anything may come in; nothing throws, nothing counts', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (signed, keyId, signature) => {
        const value = { signed, keyId, signature } as unknown as SignedCommand;
        expect(verifySigned(value, [one.verify], NOW)).toHaveProperty('refused');
      }),
      { numRuns: 500, seed: 7 },
    );
    for (const value of [null, undefined, 3, 'x', []]) {
      expect(verifySigned(value as unknown as SignedCommand, [one.verify], NOW)).toHaveProperty('refused');
    }
  });

  test.each([
    ['an unknown name', { name: 'deploy' }],
    ['a role that is no name', { role: 'the king' }],
    ['no person', { person: '' }],
    ['a length of time that is none', { extendMs: -1 }],
    ['a gate that is no text', { gate: 3 }],
    ['a time that is none', { validUntil: 'tomorrow' }],
  ])('what is well signed but has %s is no command', (_what, change) => {
    const signed = signCommand({ ...COMMAND, ...change } as unknown as Command, one.signing);
    expect(verifySigned(signed, [one.verify], NOW)).toHaveProperty('refused');
  });

  test('only an Ed25519 key signs', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(() => signCommand(COMMAND, { keyId: 'k1', privateKey: pem })).toThrow(/not Ed25519/);
  });
});
