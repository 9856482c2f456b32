import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { createSealedCodec } from './sealing/sealed-codec.ts';
import type { SealingKeys } from './sealing/sealing-keys.ts';

/**
 * The data converter for every client, worker and `bundleWorkflowCode` call: all must be given this one, since a
 * workflow that decodes otherwise than its worker is wedged by the first payload that they see differently. With keys,
 * payloads and the texts of failures are sealed on their way.
 */
export function createDataConverter(keys?: SealingKeys): DataConverter {
  return {
    payloadConverterPath: fileURLToPath(new URL('./payload-converter.ts', import.meta.url)),
    ...(keys === undefined ? {} : sealWith(keys)),
  };
}

function sealWith(keys: SealingKeys): DataConverter {
  const failures = fileURLToPath(new URL('./sealing/sealed-failure-converter.ts', import.meta.url));
  return { failureConverterPath: failures, payloadCodecs: [createSealedCodec(keys)] };
}
