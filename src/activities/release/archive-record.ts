import type { ReleaseActivities } from '../../contracts/activities.ts';
import { recordName } from '../../release/record/kept-names.ts';
import type { ActivityDeps } from '../deps.ts';
import { keepEntry } from '../keep-entry.ts';
import { keepVersion } from './registry/kept-version.ts';

/** Keeps the record outside Temporal, whose history is deleted after its retention. The same record twice is one. What was released can be deployed again. */
export function archiveRecord(deps: ActivityDeps): ReleaseActivities['archiveRecord'] {
  return async ({ record }) => {
    const name = recordName(record.product, record.releaseId);
    const effect = {
      name: 'record',
      key: `${record.releaseId}/record/${name}`,
      target: `record ${name}`,
    } as const;
    const kept = await keepEntry(deps, effect, name, record);
    await keepVersion(deps, record);
    return kept;
  };
}
