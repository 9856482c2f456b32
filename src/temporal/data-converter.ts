import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';

/**
 * The data converter for every client, worker and `bundleWorkflowCode` call: all must be given this one, since a
 * workflow that decodes otherwise than its worker is wedged by the first payload that they see differently.
 */
export function createDataConverter(): DataConverter {
  // From sources it is the `.ts` file, from a compiled tree the `.js` one beside this module.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const path = fileURLToPath(new URL(`./payload-converter.${extension}`, import.meta.url));
  return { payloadConverterPath: path };
}
