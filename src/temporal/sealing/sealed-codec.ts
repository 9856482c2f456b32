/**
 * Seals every payload between API, workflow workers and role workers: encrypted and authenticated with AES-256-GCM, and
 * bound to the workflow that it belongs to. Whoever has the Temporal namespace but no key can neither read a payload nor
 * make one, and one that is copied from one workflow's history to another does not open there.
 *
 * The form is that of Temporal's own samples (`binary/encrypted`, `encryption-key-id`), with the workflow's id beside it.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { SealingKeys } from './sealing-keys.ts';

const { Payload: WirePayload } = proto.temporal.api.common.v1;

const ENCODING = 'binary/encrypted';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What a schedule adds to the id of each workflow that it starts. */
const SCHEDULED = /-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/**
 * The codec for these keys. Sealing uses the first; opening uses whichever the payload names. Opening is total: what is
 * not sealed, or cannot be opened, becomes a value that says so (see `payload-converter.ts`), so that nothing that
 * anybody sends wedges a workflow.
 */
export function createSealedCodec(keys: SealingKeys): PayloadCodec {
  return {
    encode: async (payloads, context) => payloads.map((payload) => seal(keys, payload, boundTo(context))),
    decode: async (payloads, context) => payloads.map((payload) => open(keys, payload, boundTo(context))),
  };
}

function seal(keys: SealingKeys, payload: Payload, bound: string): Payload {
  const { keyId, key } = keys.sealing;
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(additionalData(keyId, bound));
  const plain = WirePayload.encode(payload).finish();
  const data = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return {
    metadata: {
      encoding: Buffer.from(ENCODING),
      'encryption-key-id': Buffer.from(keyId),
      ...(bound === '' ? {} : { 'bound-to': Buffer.from(bound) }),
    },
    data,
  };
}

function open(keys: SealingKeys, payload: Payload, expected: string): Payload {
  const encoding = read(payload, 'encoding');
  if (encoding !== ENCODING) return unopened(payload, 'it is not sealed');
  const keyId = read(payload, 'encryption-key-id');
  const key = keys.opening.get(keyId);
  if (!key) return unopened(payload, `it is sealed with the key ${keyId.slice(0, 60)}, which is not here`);
  const bound = read(payload, 'bound-to');
  if (expected !== '' && bound !== '' && !belongs(bound, expected)) {
    return unopened(payload, 'it was sealed for another workflow');
  }
  try {
    const data = Buffer.from(payload.data ?? []);
    const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, NONCE_BYTES));
    decipher.setAAD(additionalData(keyId, bound));
    decipher.setAuthTag(data.subarray(data.length - TAG_BYTES));
    const sealed = data.subarray(NONCE_BYTES, data.length - TAG_BYTES);
    const plain = Buffer.concat([decipher.update(sealed), decipher.final()]);
    return WirePayload.decode(plain);
  } catch {
    return unopened(payload, 'its seal does not hold');
  }
}

/** A schedule seals the input of its workflows for the id that it then lengthens by the time of each. */
function belongs(bound: string, expected: string): boolean {
  return bound === expected || (SCHEDULED.test(expected) && bound === expected.replace(SCHEDULED, ''));
}

/** The workflow that a payload belongs to, `namespace/id`; `''` where Temporal does not say. */
function boundTo(context: SerializationContext | undefined): string {
  return context?.workflowId === undefined ? '' : `${context.namespace}/${context.workflowId}`;
}

function additionalData(keyId: string, bound: string): Buffer {
  return Buffer.from(JSON.stringify([ENCODING, keyId, bound]));
}

function read(payload: Payload, name: string): string {
  const value = payload.metadata?.[name];
  return value === undefined || value === null ? '' : Buffer.from(value).toString('utf8');
}

/** In the form of `UndecodablePayload`. */
function unopened(payload: Payload, why: string): Payload {
  const said = {
    undecodable: why.replace(/[^\x20-\x7e]+/g, ' '),
    encoding: read(payload, 'encoding')
      .slice(0, 200)
      .replace(/[^\x20-\x7e]+/g, ' '),
    bytes: payload.data?.length ?? 0,
  };
  return {
    metadata: { encoding: Buffer.from('json/plain') },
    data: Buffer.from(JSON.stringify(said)),
  };
}
