/** DSSE as its specification has it, written without any code of `src`: what a stranger would verify with. */
import { execFileSync } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Statement {
  _type: string;
  subject: { digest: Record<string, string> }[];
  predicateType: string;
  predicate: Record<string, unknown>;
}

interface Envelope {
  payload: string;
  payloadType: string;
  signatures: { keyid: string; sig: string }[];
}

/** PAE(type, body) = "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body, lengths in bytes. */
function encode(type: string, body: Buffer): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.length} `;
  return Buffer.concat([Buffer.from(head), body]);
}

/** PEM of a public key that may be its 32 raw bytes in base64. */
export function toPem(publicKey: string): string {
  if (publicKey.includes('BEGIN')) return publicKey;
  const x = Buffer.from(publicKey, 'base64').toString('base64url');
  const key = { kty: 'OKP', crv: 'Ed25519', x };
  return createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString();
}

/** The statement in an envelope that this key signed. @throws where it did not */
export function readEnvelope(line: string, publicKey: string): Statement {
  const { payload, payloadType, signatures } = JSON.parse(line) as Envelope;
  const body = Buffer.from(payload, 'base64');
  const signed = encode(payloadType, body);
  const holds = signatures.some(({ sig }) =>
    verify(null, signed, createPublicKey(toPem(publicKey)), Buffer.from(sig, 'base64')),
  );
  if (!holds) throw new Error('no signature of this key');
  if (payloadType !== 'application/vnd.in-toto+json') throw new Error(`a payload of type ${payloadType}`);
  return JSON.parse(body.toString('utf8')) as Statement;
}

/** Whether openssl's own command line says that the signature holds. */
export function verifyByOpenssl(line: string, publicKey: string): string {
  const { payload, payloadType, signatures } = JSON.parse(line) as Envelope;
  const folder = mkdtempSync(join(tmpdir(), 'windlass-dsse-'));
  try {
    const put = (name: string, bytes: Buffer | string) => {
      writeFileSync(join(folder, name), bytes);
      return join(folder, name);
    };
    const key = put('key.pem', toPem(publicKey));
    const signed = put('signed', encode(payloadType, Buffer.from(payload, 'base64')));
    const signature = put('signature', Buffer.from(signatures[0]?.sig ?? '', 'base64'));
    const files = ['-inkey', key, '-in', signed, '-sigfile', signature];
    return execFileSync('openssl', ['pkeyutl', '-verify', '-pubin', '-rawin', ...files], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
