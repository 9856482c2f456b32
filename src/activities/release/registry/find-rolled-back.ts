import type { ReleaseActivities } from '../../../contracts/activities.ts';
import { isAncestor } from '../../../integrations/git/merge.ts';
import { fetchMirror, findCommit } from '../../../integrations/git/mirror/mirror.ts';
import type { ReleaseRecord } from '../../../release/record/record.ts';
import type { ActivityDeps } from '../../deps.ts';
import { findProduct, openProductMirror } from '../../deps.ts';

/** Records that are looked at, the newest last. */
const LOOKED_AT = 200;

/**
 * Versions that were rolled back and whose commits are in `base`, unless a later release (by a person) contains them.
 * The schedule must not release them again by itself.
 */
export function findRolledBack(deps: ActivityDeps): ReleaseActivities['findRolledBack'] {
  return async ({ product: name, base, previousTag }) => {
    const product = findProduct(deps, name);
    const mirror = await openProductMirror(deps, product);
    await fetchMirror(mirror);
    const released =
      previousTag === undefined ? undefined : await findCommit(mirror, `refs/tags/${previousTag}`);
    const versions: string[] = [];
    for (const entry of (await deps.store.listNamed(`records/${name}/`)).slice(-LOOKED_AT)) {
      const bytes = await deps.store.readNamed(entry);
      const record = bytes ? (JSON.parse(bytes.toString('utf8')) as ReleaseRecord) : undefined;
      const bad = record?.outcome === 'rolled_back' ? record.plan : undefined;
      const commit = bad && (await findCommit(mirror, bad.base));
      if (!bad || !commit) continue;
      const contained = await isAncestor(mirror, commit, base);
      // The tag of the rolled back version itself is no later release.
      const later = bad.tag === previousTag ? undefined : released;
      const releasedSince = later !== undefined && (await isAncestor(mirror, commit, later));
      if (contained && !releasedSince) versions.push(bad.version);
    }
    return { versions };
  };
}
