/** DSSE envelopes (v1.0.2) around in-toto statements, signed with Ed25519. */
import { createPrivateKey, sign, verify } from 'node:crypto';
import { dsse } from '@sigstore/core';
import {
  ATTESTERS,
  PAYLOAD_TYPE,
  STATEMENT_TYPE,
  type Statement,
} from '../../release/attestation/statement.ts';
import type { LedgerKeys, LedgerVerifyKey } from '../ledger/ledger.ts';
import { readPublicKey } from '../signing/signing.ts';

/** As the specification has it: payload and signatures in base64. */
export interface Envelope {
  payload: string;
  payloadType: string;
  signatures: { keyid: string; sig: string }[];
}

/** The envelope of a statement as one line of JSON. The same statement and key give the same bytes. */
export function signStatement(
  statement: Statement,
  { keyId, privateKey }: Pick<LedgerKeys['signing'], 'keyId' | 'privateKey'>,
): string {
  const payload = Buffer.from(JSON.stringify(statement));
  const signature = sign(null, dsse.preAuthEncoding(PAYLOAD_TYPE, payload), createPrivateKey(privateKey));
  return JSON.stringify({
    payload: payload.toString('base64'),
    payloadType: PAYLOAD_TYPE,
    signatures: [{ keyid: keyId, sig: signature.toString('base64') }],
  } satisfies Envelope);
}

/**
 * The statement in an envelope that the right role signed when its key still counted (`at`, ISO), or why it does not
 * hold, as the end of a sentence. Total.
 */
export function openEnvelope(
  text: string,
  keys: readonly LedgerVerifyKey[],
  at: string,
): Statement | { refused: string } {
  try {
    return open(JSON.parse(text) as Envelope, keys, at);
  } catch {
    return { refused: 'it is no DSSE envelope' };
  }
}

function open(
  { payload, payloadType, signatures }: Envelope,
  keys: readonly LedgerVerifyKey[],
  at: string,
): Statement | { refused: string } {
  if (payloadType !== PAYLOAD_TYPE) return { refused: 'it holds no in-toto statement' };
  const bytes = Buffer.from(payload, 'base64');
  const signed = dsse.preAuthEncoding(payloadType, bytes);
  const holding = keys.filter(({ keyId, publicKey }) =>
    signatures.some(
      ({ keyid, sig }) =>
        keyid === keyId && verify(null, signed, readPublicKey(publicKey), Buffer.from(sig, 'base64')),
    ),
  );
  if (holding.length === 0) return { refused: 'no key of this installation signed it' };
  // What is signed is read only now.
  const statement = JSON.parse(bytes.toString('utf8')) as Statement;
  if (statement._type !== STATEMENT_TYPE) return { refused: 'it holds no in-toto statement' };
  const role = ATTESTERS[statement.predicateType];
  const own = holding.filter(({ signer }) => signer === role);
  if (own.length === 0) return { refused: `${holding[0]?.signer} may not attest that` };
  if (own.every(({ notAfter }) => notAfter !== undefined && !(Date.parse(at) <= Date.parse(notAfter)))) {
    return { refused: `it is signed with the key ${own[0]?.keyId}, which counted no more` };
  }
  return statement;
}
