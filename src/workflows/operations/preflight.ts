import type { PreflightInput, PreflightResult } from '../../contracts/preflight.ts';
import { askPreflight } from '../release/ask-preflight.ts';

/** Somebody waits at a command line. */
const PATIENCE_MS = 20_000;

/** Finds out whether a release of the product can end, without changing anything. */
export async function preflight(input: PreflightInput): Promise<PreflightResult> {
  return { reports: await askPreflight(input, PATIENCE_MS) };
}
