import type { ReleaseActivities } from '../../contracts/activities.ts';
import type { ActivityDeps } from '../deps.ts';

/** Keeps a part of the audit trail by its digest: the same entries twice are one part. */
export function keepTrail(deps: ActivityDeps): ReleaseActivities['keepTrail'] {
  return ({ entries }) => deps.store.put(Buffer.from(`${JSON.stringify(entries)}\n`), 'application/json');
}
