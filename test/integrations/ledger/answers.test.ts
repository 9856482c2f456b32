import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AnswerProof, SaidByRole } from '../../../src/contracts/answers.ts';
import { refuseAnswer, signAnswer } from '../../../src/integrations/ledger/answers.ts';
import type { LedgerVerifyKey } from '../../../src/integrations/ledger/ledger.ts';
import type { LedgerSigner } from '../../../src/release/ledger/entry.ts';

const NOW = new Date('2026-11-28T10:00:00Z');
const said: SaidByRole = {
  ...{ role: 'qa', activity: 'runGate', workflowId: 'release/shop', runId: 'run-1', ask: 7 },
  input: { product: 'shop', gate: 'tests', commit: 'c1', artifact: undefined },
  outcome: { answer: { gate: 'tests', result: 'passed', summary: '25 tests passed' } },
};

describe('an answer of a role', () => {
  it('is believed when its own key has signed it, as it crosses the wire', () => {
    const qa = makeKey('qa', 'qa-1');
    const proof = signAnswer(said, qa.signing);
    expect(refuse(said, proof, [qa.verifying])).toBeUndefined();
    const sent: SaidByRole = JSON.parse(JSON.stringify(said));
    expect(refuse(sent, proof, [qa.verifying])).toBeUndefined();
    const nothing: SaidByRole = { ...said, outcome: { answer: undefined } };
    expect(refuse({ ...said, outcome: {} }, signAnswer(nothing, qa.signing), [qa.verifying])).toBeUndefined();
  });

  it.each<[string, Partial<SaidByRole>]>([
    [
      'another result',
      { outcome: { answer: { gate: 'tests', result: 'failed', summary: '25 tests passed' } } },
    ],
    [
      'another summary',
      { outcome: { answer: { gate: 'tests', result: 'passed', summary: '26 tests passed' } } },
    ],
    ['a failure', { outcome: { failure: { type: 'Mistake', message: 'no', details: [] } } }],
    ['another commit', { input: { product: 'shop', gate: 'tests', commit: 'c2' } }],
    ['another product', { input: { product: 'other', gate: 'tests', commit: 'c1' } }],
    ['another activity', { activity: 'smokeEnvironment' }],
    ['another release', { workflowId: 'release/other' }],
    ['another run', { runId: 'run-2' }],
    ['an earlier question', { ask: 6 }],
  ])('is not believed for %s than was signed', (_, other) => {
    const qa = makeKey('qa', 'qa-1');
    const proof = signAnswer(said, qa.signing);
    expect(refuse({ ...said, ...other }, proof, [qa.verifying])).toBe(
      'its signature is for another answer, or for another question',
    );
  });

  it('says which key is missing, wrong, of another role, of another installation or was rotated out', () => {
    const qa = makeKey('qa', 'qa-1');
    const devops = makeKey('devops', 'devops-1');
    const next = makeKey('qa', 'qa-2');
    const elsewhere = makeKey('qa', 'qa-1');
    const keys = [qa.verifying, devops.verifying];
    expect(refuse(said, undefined, keys)).toBe('it does not carry the signature of qa');
    expect(refuse(said, signAnswer(said, devops.signing), keys)).toBe(
      'it is signed with a key of devops, not of qa',
    );
    expect(refuse(said, signAnswer(said, elsewhere.signing), keys)).toBe(
      'its signature is for another answer, or for another question',
    );
    expect(refuse(said, signAnswer(said, next.signing), keys)).toBe(
      'it is signed with the key "qa-2", which this workflow worker does not know',
    );
    // In mid-release: both count until the old one's time is over.
    const ending = { ...qa.verifying, notAfter: '2026-11-28T10:00:00Z' };
    const rotated = [next.verifying, ending];
    expect(refuse(said, signAnswer(said, next.signing), rotated)).toBeUndefined();
    expect(refuse(said, signAnswer(said, qa.signing), rotated)).toBeUndefined();
    const later = new Date(NOW.getTime() + 1);
    expect(refuseAnswer(said, signAnswer(said, qa.signing), rotated, later)).toBe(
      'it is signed with the key "qa-1", which counts no more since 2026-11-28T10:00:00Z',
    );
  });

  it('is refused, and nothing thrown, whatever stands for a signature or a key', () => {
    const qa = makeKey('qa', 'qa-1');
    for (const signature of ['', 'AAAA', '💥', 'x'.repeat(100_000)]) {
      expect(refuse(said, { keyId: 'qa-1', signature }, [qa.verifying])).toMatch(/^its signature/);
    }
    const broken = { ...qa.verifying, publicKey: 'no key' };
    expect(refuse(said, signAnswer(said, qa.signing), [broken])).toBe('its signature could not be read');
  });
});

function refuse(answer: SaidByRole, proof: AnswerProof | undefined, keys: LedgerVerifyKey[]) {
  return refuseAnswer(answer, proof, keys, NOW);
}

function makeKey(signer: LedgerSigner, keyId: string) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return {
    signing: { keyId, signer, privateKey: pem },
    verifying: { keyId, signer, publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() },
  };
}
