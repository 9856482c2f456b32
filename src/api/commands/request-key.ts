/** How a request that is sent once more is known again: by its key, within a window. */
import type { Outcome } from '../../release/record/record.ts';
import type { ApiDeps } from '../deps.ts';

/** GitHub lets people redeliver for three days; whoever sends a key once more after a week means something new. */
const KEY_WINDOW_MS = 7 * 24 * 60 * 60_000;

/** Since when keys count now. */
export function keysCountSince(deps: ApiDeps): Date {
  return new Date(deps.clock().getTime() - KEY_WINDOW_MS);
}

/** What an answer to a repeated request says where nothing will come of it any more. */
export interface Ended {
  outcome?: Outcome;
  detail: string;
  hint: string;
}

/** Of a request whose release, or other flow, has ended since: nothing was done now. */
export async function describeEnded(deps: ApiDeps, product: string, releaseId: string): Promise<Ended> {
  const record = await deps.gateway.readArchived(product, releaseId).catch(() => undefined);
  const how = record?.ending === undefined ? '' : `: ${record.ending}`;
  return {
    ...(record?.outcome === undefined ? {} : { outcome: record.outcome }),
    detail: `This was asked for before under the same key, of ${releaseId}, which has ended${how}. Nothing was done now.`,
    hint: 'send a new request with a new key if you want it once more',
  };
}
