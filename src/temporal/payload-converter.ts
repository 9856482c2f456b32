/**
 * The payload converter of every client, worker and workflow. Loaded into the workflow bundle by its path, so it
 * imports nothing of Node and keeps no state.
 */
import { defaultPayloadConverter, type Payload, type PayloadConverter } from '@temporalio/common';
import type { UndecodablePayload } from '../contracts/undecodable.ts';

const SHOWN_CHARACTERS = 200;

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
