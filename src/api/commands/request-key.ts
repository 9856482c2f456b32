/** How a request that is sent once more is known again: by its key, within a window. */
import { API_MS } from '../../release/policy/inner-times.ts';
import type { Outcome } from '../../release/record/record.ts';
import type { ApiDeps } from '../deps.ts';

/** Since when keys count now. */
export function keysCountSince(deps: ApiDeps): Date {
  return new Date(deps.clock().getTime() - API_MS.requestKey);
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
