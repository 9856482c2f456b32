import { join } from 'node:path/posix';
import type { ReleaseActivities } from '../../../contracts/activities.ts';
import type { ReleasedVersion } from '../../../contracts/release-answers.ts';
import type { Mirror } from '../../../integrations/git/mirror/mirror.ts';
import { askMirror, fetchMirror, findCommit, readFileAt } from '../../../integrations/git/mirror/mirror.ts';
import { tagRef } from '../../../integrations/git/names.ts';
import type { FetchedBytes } from '../../../providers/registry/registry.ts';
import { formatTag, parseTag } from '../../../release/plan/tag-format.ts';
import { bumpBetween, compareVersions, isPrerelease } from '../../../release/plan/version.ts';
import type { ProductSettings } from '../../../release/settings.ts';
import type { Publication } from '../../../release/values.ts';
import type { ActivityDeps } from '../../deps.ts';
import { findProduct, openProductMirror } from '../../deps.ts';
import { fail } from '../../fail.ts';
import { listRegistries, openProductRegistry } from '../../open-registry.ts';
import { findKept } from './kept-version.ts';

/**
 * A version that is already released, by its tag: exactly `version`, or the highest one below `below`. Its bytes are in
 * the store, or come from the registry that has them.
 */
export function findReleased(deps: ActivityDeps): ReleaseActivities['findReleased'] {
  return async ({ product: name, version: wanted, below, tagOnly }) => {
    const product = findProduct(deps, name);
    const mirror = await openProductMirror(deps, product);
    await fetchMirror(mirror);
    const versions = await listReleased(mirror, product);
    const version = wanted ?? versions.find((v) => below === undefined || compareVersions(v, below) < 0);
    if (version === undefined || !versions.includes(version)) {
      throw fail('Mistake', {
        what: wanted
          ? `${wanted} of ${name} is not released: there is no tag ${formatTag(product.tagFormat, wanted)}`
          : `there is no released version of ${name} below ${below ?? 'any'}`,
        changed: 'nothing',
        next: `name one of ${versions.slice(0, 5).join(', ') || '(none is released)'}`,
      });
    }
    const tag = formatTag(product.tagFormat, version);
    const commit = await findCommit(mirror, tagRef(tag));
    if (!commit) throw fail('Unavailable', { what: `${tag} vanished`, changed: 'nothing', next: 'retry' });
    const before = versions.find((v) => compareVersions(v, version) < 0);
    return {
      version,
      tag,
      commit,
      type: before === undefined ? 'major' : bumpBetween(before, version),
      ...(before === undefined ? {} : { previousVersion: before }),
      ...(tagOnly === true ? {} : await findBytes(deps, mirror, product, version, commit)),
    };
  };
}

/** Released versions, the highest first; pre-releases are not what anybody goes back to unasked. */
async function listReleased(mirror: Mirror, product: ProductSettings): Promise<string[]> {
  const { stdout } = await askMirror(mirror, ['for-each-ref', '--format=%(refname:strip=2)', 'refs/tags/']);
  return stdout
    .toString('utf8')
    .split('\n')
    .flatMap((tag) => parseTag(product.tagFormat, tag) ?? [])
    .filter((version) => !isPrerelease(version))
    .sort((a, b) => compareVersions(b, a));
}

/**
 * The bytes and publications of a version: as the store knows them from its release, else from the registries. Nothing
 * is asked of a registry where the store knows, so that going back does not wait for one that is away.
 */
async function findBytes(
  deps: ActivityDeps,
  mirror: Mirror,
  product: ProductSettings,
  version: string,
  commit: string,
): Promise<Pick<ReleasedVersion, 'artifact' | 'image' | 'notes' | 'changelog' | 'publications'>> {
  const registries = listRegistries(product);
  const kept = await findKept(deps, product.name, version, commit);
  if (kept) {
    const { artifact, image, notes, changelog } = kept;
    const publications = kept.publications.filter(({ registry }) => registries.includes(registry));
    return { artifact, ...(image === undefined ? {} : { image }), notes, changelog, publications };
  }
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
    bytes = { ...(await registry.fetch(found, version)), ...bytes };
  }
  return { ...bytes, publications };
}
