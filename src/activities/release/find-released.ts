import { join } from 'node:path/posix';
import type { ReleaseActivities, ReleasedVersion } from '../../contracts/activities.ts';
import type { Mirror } from '../../integrations/git/mirror.ts';
import { askMirror, fetchMirror, findCommit, readFileAt } from '../../integrations/git/mirror.ts';
import { tagRef } from '../../integrations/git/names.ts';
import { fetchTarball } from '../../providers/registry/npm/registry.ts';
import { formatTag, parseTag } from '../../release/plan/tag-format.ts';
import { bumpBetween, compareVersions, isPrerelease } from '../../release/plan/version.ts';
import type { ProductSettings } from '../../release/settings.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct, openProductMirror } from '../deps.ts';
import { fail } from '../fail.ts';
import { connectNpm } from './publish-package.ts';

/**
 * A version that is already released, by its tag: exactly `version`, or the highest one below `below`. Its bytes come
 * from the registry that has them, and are kept in the store for the other roles.
 */
export function findReleased(deps: ActivityDeps): ReleaseActivities['findReleased'] {
  return async ({ product: name, version: wanted, below }) => {
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
      ...(await fetchBytes(deps, mirror, product, version, commit)),
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

async function fetchBytes(
  deps: ActivityDeps,
  mirror: Mirror,
  product: ProductSettings,
  version: string,
  commit: string,
): Promise<Pick<ReleasedVersion, 'artifact' | 'publication'>> {
  const { npm } = product.registries;
  const manifest = await readFileAt(mirror, commit, join(product.path, 'package.json'));
  const name = manifest ? (JSON.parse(manifest.toString('utf8')) as { name?: unknown }).name : undefined;
  if (!npm || typeof name !== 'string') return {};
  const { connection } = connectNpm(deps, product);
  const tarball = await fetchTarball({ ...connection, name, version });
  if (tarball.statedIntegrity !== undefined && !tarball.statedIntegrity.includes(tarball.integrity)) {
    throw fail('Conflict', {
      what: `${name}@${version} has other bytes (${tarball.integrity}) than the registry says (${tarball.statedIntegrity})`,
      changed: 'nothing',
      next: 'find out what stands between Windlass and the registry before anything is deployed from it',
    });
  }
  return {
    artifact: await deps.store.put(tarball.bytes, 'application/gzip'),
    publication: {
      registry: 'npm',
      name,
      url: `${npm.url.replace(/\/$/, '')}/${name}`,
      digest: tarball.integrity,
      tags: [],
    },
  };
}
