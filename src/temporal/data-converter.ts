import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';

/**
 * The data converter for every client, worker and `bundleWorkflowCode` call: all must be given this one, since a
 * workflow that decodes otherwise than its worker is wedged by the first payload that they see differently.
 */
export function createDataConverter(): DataConverter {
  const path = fileURLToPath(new URL('./payload-converter.ts', import.meta.url));
  return { payloadConverterPath: path };
}
