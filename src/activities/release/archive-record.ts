import type { ReleaseActivities } from '../../contracts/activities.ts';
import { recordName } from '../../release/record/kept-names.ts';
import type { ActivityDeps } from '../deps.ts';
import { performEffect } from '../perform-effect.ts';
import { keepVersion } from './registry/kept-version.ts';

/** Keeps the record outside Temporal, whose history is deleted after its retention. The same record twice is one. What was released can be deployed again. */
export function archiveRecord(deps: ActivityDeps): ReleaseActivities['archiveRecord'] {
  return async ({ record }) => {
    const name = recordName(record.product, record.releaseId);
    const bytes = Buffer.from(`${JSON.stringify(record, undefined, 2)}\n`);
    const effect = await performEffect(deps, {
      name: 'record',
      key: `${record.releaseId}/record/${name}`,
      target: `record ${name}`,
      read: async () => {
        const kept = await deps.store.readNamed(name);
        // Another text under our own name is an earlier state of the same record, and is replaced.
        return kept?.equals(bytes) ? { is: 'ours', value: { name }, proof: name } : { is: 'absent' };
      },
      write: () => deps.store.putNamed(name, bytes),
    });
    await keepVersion(deps, record);
    return effect.value;
  };
}
