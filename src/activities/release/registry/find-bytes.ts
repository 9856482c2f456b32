import { join } from 'node:path/posix';
import type { ReleasedVersion } from '../../../contracts/release-answers.ts';
import type { Mirror } from '../../../integrations/git/mirror/mirror.ts';
import { readFileAt } from '../../../integrations/git/mirror/mirror.ts';
import type { FetchedBytes } from '../../../providers/registry/registry.ts';
import { findMade } from '../../../release/record/environment-history.ts';
import type { ProductSettings } from '../../../release/settings.ts';
import type { Publication } from '../../../release/values.ts';
import type { ActivityDeps } from '../../deps.ts';
import { listRegistries, openProductRegistry } from '../../open-registry.ts';
import type { KeptPast } from '../environment-history.ts';
import { findKept, hasBytes } from './kept-version.ts';

/**
 * The bytes and publications of a version: as the store knows them from its release, else from where it went live and
 * from the registries. Nothing is asked of a registry where the store knows, so that going back does not wait for one
 * that is away.
 */
export async function findBytes(
  deps: ActivityDeps,
  past: KeptPast,
  mirror: Mirror,
  product: ProductSettings,
  version: string,
  commit: string,
): Promise<Pick<ReleasedVersion, 'artifact' | 'image' | 'notes' | 'changelog' | 'publications' | 'removed'>> {
  const registries = listRegistries(product);
  const kept = await findKept(deps, product.name, version, commit);
  if (kept && (await hasBytes(deps, kept))) {
    const { artifact, image, notes, changelog } = kept;
    const publications = kept.publications.filter(({ registry }) => registries.includes(registry));
    const bytes = { ...(artifact ? { artifact } : {}), ...(image === undefined ? {} : { image }) };
    return { ...bytes, notes, changelog, publications };
  }
  const removed = kept?.gone === undefined ? {} : { removed: kept.gone };
  const live = kept?.gone ? undefined : await findLiveBytes(deps, past, version, commit);
  const publications: Publication[] = [];
  let bytes: FetchedBytes = {};
  for (const name of registries) {
    const registry = await openProductRegistry(deps, product, name);
    const found = await registry.find(version, (path) =>
      readFileAt(mirror, commit, join(product.path, path)),
    );
    if (!found) continue;
    publications.push(found);
    // The first that has a file wins, the first that has an image too.
    if (!live) bytes = { ...(await registry.fetch(found, version)), ...bytes };
  }
  // A part of what was approved and deployed then is not that version.
  const isWhole = kept?.gone === undefined || kept.artifact === undefined || bytes.artifact !== undefined;
  return { ...(isWhole ? (live ?? bytes) : {}), publications, ...removed };
}

/** What was deployed of it, where the store still has that. */
async function findLiveBytes(
  deps: ActivityDeps,
  past: KeptPast,
  version: string,
  commit: string,
): Promise<FetchedBytes | undefined> {
  const made = findMade(await past.production(), version);
  if (made?.commit !== commit) return undefined;
  const { artifact, image } = made;
  const isKept = artifact !== undefined && (await deps.store.has(artifact));
  if (!isKept && image === undefined) return undefined;
  return { ...(isKept ? { artifact } : {}), ...(image === undefined ? {} : { image }) };
}
