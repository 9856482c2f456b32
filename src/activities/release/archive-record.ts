import type { ReleaseActivities } from '../../contracts/activities.ts';
import type { ActivityDeps } from '../deps.ts';

/** Where the record of a release that ended is kept, for as long as the store lives. */
export function recordName(product: string, releaseId: string): string {
  return `records/${product}/${releaseId}.json`;
}

/** Keeps the record outside Temporal, whose history is deleted after its retention. The same record twice is one. */
export function archiveRecord(deps: ActivityDeps): ReleaseActivities['archiveRecord'] {
  return async ({ record }) => {
    const name = recordName(record.product, record.releaseId);
    await deps.store.putNamed(name, Buffer.from(`${JSON.stringify(record, undefined, 2)}\n`));
    return { name };
  };
}
