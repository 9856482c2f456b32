/**
 * The payload converter of every client, worker and workflow. Loaded into the workflow bundle by its path, so it
 * imports nothing of Node and keeps no state.
 */
import { defaultPayloadConverter, type Payload, type PayloadConverter } from '@temporalio/common';

/**
 * What a payload becomes that cannot be decoded. Anyone who reaches the namespace can send one; were it thrown
 * out, the workflow's task would fail and be retried for ever, before any handler runs.
 */
export interface UndecodablePayload {
  /** Why it could not be decoded; made by us or by the JSON parser, at most 200 characters, no control characters. */
  undecodable: string;
  /** The encoding that it claims, cleaned the same way; `''` when it claims none. */
  encoding: string;
  /** Size of its data in bytes. The data itself is left out: it is of no use and may be large. */
  bytes: number;
}

const SHOWN_CHARACTERS = 200;

/** Whether `value` is what a payload became that could not be decoded. */
export function isUndecodable(value: unknown): value is UndecodablePayload {
  if (typeof value !== 'object' || value === null) return false;
  const { undecodable, encoding, bytes } = value as Partial<Record<keyof UndecodablePayload, unknown>>;
  return typeof undecodable === 'string' && typeof encoding === 'string' && typeof bytes === 'number';
}

/** The SDK's own converter (JSON, bytes, undefined), with a total `fromPayload`. Encoding may still throw. */
export const payloadConverter: PayloadConverter = {
  toPayload(value) {
    return defaultPayloadConverter.toPayload(value);
  },
  fromPayload<T>(payload: Payload): T {
    try {
      return defaultPayloadConverter.fromPayload<T>(payload);
    } catch (error) {
      return describePayload(payload, error) as T;
    }
  },
};

function describePayload(payload: Payload | null | undefined, error: unknown): UndecodablePayload {
  const message = error instanceof Error ? error.message : String(error);
  return {
    undecodable: clean(message) || 'no reason given',
    encoding: clean(readEncoding(payload)),
    bytes: payload?.data?.length ?? 0,
  };
}

function readEncoding(payload: Payload | null | undefined): string {
  const encoding = payload?.metadata?.['encoding'];
  if (encoding === undefined || encoding === null) return '';
  // A byte at a time: whatever the bytes are, this neither throws nor needs a decoder.
  return Array.from(encoding.slice(0, SHOWN_CHARACTERS), (byte) => String.fromCharCode(byte)).join('');
}

/** Printable and short: the text goes into records, pages and logs. */
function clean(text: string): string {
  return text
    .slice(0, SHOWN_CHARACTERS)
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim();
}
