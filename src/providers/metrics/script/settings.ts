import { readScript, scriptSchema } from '../../../config/schema/script-schema.ts';
import { SCRIPT_TIMEOUTS_MS } from '../../../release/policy/default-times.ts';
import { defineMetricSource } from '../metric-source.ts';

/** What the checkout may take besides the program, in milliseconds. */
const CHECKOUT_MS = 10_000;

export const scriptSource = defineMetricSource({
  keys: { script: scriptSchema.optional().describe('A program of the repository that measures.') },
  read: ({ script }) => ({ script: readScript(script!, SCRIPT_TIMEOUTS_MS.check) }),
  limitOf: ({ script }) => script.timeoutMs + CHECKOUT_MS,
  load: () => import('./look.ts'),
});
