import type { ReleaseActivities } from '../../../contracts/activities.ts';
import { isAncestor } from '../../../integrations/git/merge.ts';
import type { Mirror } from '../../../integrations/git/mirror/mirror.ts';
import { fetchMirror, findCommit } from '../../../integrations/git/mirror/mirror.ts';
import type { ReleaseRecord } from '../../../release/record/record.ts';
import type { ActivityDeps } from '../../deps.ts';
import { findProduct, openProductMirror } from '../../deps.ts';
import { openPast } from '../environment-history.ts';

/** Versions that were rolled back: the schedule must not release them again by itself. */
export function findRolledBack(deps: ActivityDeps): ReleaseActivities['findRolledBack'] {
  return async ({ product: name, base, previousTag }) => {
    const product = findProduct(deps, name);
    const mirror = await openProductMirror(deps, product);
    await fetchMirror(mirror);
    const records = await openPast(deps, product).records();
    return { versions: await listRolledBack(records, mirror, base, previousTag) };
  };
}

/** Versions that were rolled back and whose commits are in `base`, unless a later release contains them. */
export async function listRolledBack(
  records: readonly ReleaseRecord[],
  mirror: Mirror,
  base: string,
  previousTag: string | undefined,
): Promise<string[]> {
  const released =
    previousTag === undefined ? undefined : await findCommit(mirror, `refs/tags/${previousTag}`);
  const versions = new Set<string>();
  for (const record of records) {
    const bad = record.outcome === 'rolled_back' ? record.plan : undefined;
    const commit = bad && (await findCommit(mirror, bad.base));
    if (!bad || !commit) continue;
    const contained = await isAncestor(mirror, commit, base);
    // The tag of the rolled back version itself is no later release.
    const later = bad.tag === previousTag ? undefined : released;
    const releasedSince = later !== undefined && (await isAncestor(mirror, commit, later));
    if (contained && !releasedSince) versions.add(bad.version);
  }
  return [...versions];
}
