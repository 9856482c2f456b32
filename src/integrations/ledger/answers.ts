/** The signature of a role's key on what it answers; made by its worker, verified by the workflow worker. */
import { createPrivateKey, sign, verify } from 'node:crypto';
import type { AnswerProof, SaidByRole } from '../../contracts/answers.ts';
import { digestOf } from '../../release/digest.ts';
import { readPublicKey } from '../signing/signing.ts';
import type { LedgerKeys, LedgerVerifyKey } from './ledger.ts';

/** Signs that the role has said this. */
export function signAnswer(said: SaidByRole, { keyId, privateKey }: LedgerKeys['signing']): AnswerProof {
  const signature = sign(null, Buffer.from(textOf(said)), createPrivateKey(privateKey));
  return { keyId, signature: signature.toString('base64') };
}

/**
 * Why these keys do not say that the role has said this at `now`, as the end of a sentence; undefined where they do.
 * Total: anything may come in.
 */
export function refuseAnswer(
  said: SaidByRole,
  proof: AnswerProof | undefined,
  keys: readonly LedgerVerifyKey[],
  now: Date,
): string | undefined {
  if (proof === undefined) return `it does not carry the signature of ${said.role}`;
  const named = JSON.stringify(proof.keyId.slice(0, 80));
  const key = keys.find(({ keyId }) => keyId === proof.keyId);
  if (key === undefined)
    return `it is signed with the key ${named}, which this workflow worker does not know`;
  if (key.signer !== said.role) return `it is signed with a key of ${key.signer}, not of ${said.role}`;
  if (key.notAfter !== undefined && !(now.getTime() <= Date.parse(key.notAfter)))
    return `it is signed with the key ${named}, which counts no more since ${key.notAfter}`;
  try {
    const signature = Buffer.from(proof.signature, 'base64');
    const holds = verify(null, Buffer.from(textOf(said)), readPublicKey(key.publicKey), signature);
    return holds ? undefined : 'its signature is for another answer, or for another question';
  } catch {
    return 'its signature could not be read';
  }
}

/** What is signed: never to be taken for anything else that the same key signs. Values are as they cross the wire. */
function textOf({ input, outcome, ...about }: SaidByRole): string {
  const text = { ...about, input: digestOf(asSent(input)), outcome: digestOf(asSent(outcome)) };
  return `windlass-answer-1\n${digestOf(text)}`;
}

function asSent(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value) ?? 'null');
}
