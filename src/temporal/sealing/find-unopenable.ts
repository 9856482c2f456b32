import type { DataConverter } from '@temporalio/common';
import { createDataConverter } from '../data-converter.ts';
import type { SealingKeys } from './sealing-keys.ts';

interface SealedPayload {
  keyId: string;
  /** `namespace/workflow id`; empty where it was sealed for no workflow. */
  boundTo: string;
}

/** Every sealed payload anywhere in a history. */
export function listSealed(value: unknown): SealedPayload[] {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return [];
  if (Array.isArray(value)) return value.flatMap(listSealed);
  const metadata = (value as { metadata?: Record<string, Uint8Array | null> | null }).metadata;
  if (metadata?.['encoding'] instanceof Uint8Array) {
    if (read(metadata['encoding']) !== 'binary/encrypted') return [];
    return [{ keyId: read(metadata['encryption-key-id']), boundTo: read(metadata['bound-to']) }];
  }
  return Object.values(value).flatMap(listSealed);
}

/**
 * Why some payload of a history cannot be opened with these keys in this namespace, as the end of a sentence;
 * undefined where all can. What is not sealed is no concern of it.
 */
export function findUnopenable(
  history: unknown,
  keys: SealingKeys | undefined,
  namespace: string,
): string | undefined {
  for (const { keyId, boundTo } of listSealed(history)) {
    if (!keys?.opening.has(keyId)) {
      return `it is sealed with the payload key "${keyId.slice(0, 60)}", which the configuration does not name`;
    }
    if (boundTo !== '' && !boundTo.startsWith(`${namespace}/`)) {
      return `it was sealed in the namespace "${boundTo.split('/')[0]?.slice(0, 60)}", not in "${namespace}"`;
    }
  }
  return undefined;
}

/**
 * The converter for replaying what was recorded in `namespace`: a replaying worker takes every history for one of
 * `default`, and what was sealed for another namespace would not open there.
 */
export function createReplayConverter(keys: SealingKeys | undefined, namespace: string): DataConverter {
  const converter = createDataConverter(keys);
  return {
    ...converter,
    payloadCodecs: (converter.payloadCodecs ?? []).map((codec) => ({
      encode: async (payloads, context) => await codec.encode(payloads, context && { ...context, namespace }),
      decode: async (payloads, context) => await codec.decode(payloads, context && { ...context, namespace }),
    })),
  };
}

function read(bytes: Uint8Array | null | undefined): string {
  return bytes ? Buffer.from(bytes).toString('utf8') : '';
}
