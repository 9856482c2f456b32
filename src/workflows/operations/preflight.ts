import type { PreflightInput, PreflightResult } from '../../contracts/preflight.ts';
import { FLOW_MS } from '../../release/policy/inner-times.ts';
import { askPreflight } from '../release/ask-preflight.ts';

/** Finds out whether a release of the product can end, without changing anything. */
export async function preflight(input: PreflightInput): Promise<PreflightResult> {
  return { reports: await askPreflight(input, FLOW_MS.preflightAsked) };
}
