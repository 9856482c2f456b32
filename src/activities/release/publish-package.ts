import { join } from 'node:path';
import type { ReleaseActivities } from '../../contracts/activities.ts';
import {
  fetchTarball,
  publishTarball,
  readPackage,
  readPublished,
} from '../../providers/registry/npm/registry.ts';
import type { NpmRegistrySettings, ProductSettings } from '../../release/settings.ts';
import type { Publication } from '../../release/values.ts';
import { authorize } from '../authorize.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct, takeSecret } from '../deps.ts';
import { fail } from '../fail.ts';
import { performEffect } from '../perform-effect.ts';
import { withScratch } from '../scratch.ts';

/** How this worker reaches the product's npm registry. */
export function connectNpm(deps: ActivityDeps, product: ProductSettings) {
  const npm = product.registries.npm;
  if (!npm) {
    throw fail('Mistake', {
      what: `${product.name} has no npm registry in ${deps.installation.file}`,
      changed: 'nothing',
      next: 'configure registries.npm, then retry',
    });
  }
  const token = npm.token === undefined ? {} : { token: takeSecret(deps, npm.token) };
  return { npm, connection: { registry: npm.url, ...token, signal: deps.signal() } };
}

/** The dist-tag under which a version is staged: nobody installs from it by default. */
export function stagingTag(version: string): string {
  return `windlass-${version}`;
}

/** Publishes the tarball that passed the gates under its staging tag. A version cannot be taken back, so read first. */
export function publishPackage(deps: ActivityDeps): ReleaseActivities['publishPackage'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    authorize(deps, input.authorization, { ...input, bytes: input.package.tarball.digest });
    const { npm, connection } = connectNpm(deps, product);
    const { name, version, integrity } = input.package;
    const publication: Publication = {
      registry: 'npm',
      name,
      url: `${npm.url.replace(/\/$/, '')}/${name}/-/${name.split('/').at(-1)}-${version}.tgz`,
      digest: integrity,
      tags: [stagingTag(version)],
    };
    return await performEffect(deps, {
      name: 'npm-package',
      key: `${input.releaseId}/npm/${name}@${version}`,
      target: `${name}@${version} on ${new URL(npm.url).host}`,
      read: async () => {
        const published = await readPublished({ ...connection, name, version });
        if (!published) return { is: 'absent' };
        if (published.integrity === integrity) return { is: 'ours', value: publication, proof: integrity };
        return {
          is: 'foreign',
          ours: integrity,
          theirs: published.integrity,
          next: 'that version is taken for good: abort, and release with a higher --version',
        };
      },
      write: async () => {
        await checkFirstPublish(npm, connection, name);
        await withScratch(deps, async (folder) => {
          const file = join(folder, 'package.tgz');
          await deps.store.fetchTo(input.package.tarball, file);
          await publishTarball({ ...connection, file, tag: stagingTag(version), access: npm.access });
        });
      },
    });
  };
}

/** A package's very first publish becomes `latest` whatever is asked, so somebody has to have agreed to that. */
async function checkFirstPublish(
  npm: NpmRegistrySettings,
  connection: { registry: string },
  name: string,
): Promise<void> {
  if (npm.allowFirstPublish) return;
  const { exists } = await readPackage({ ...connection, name });
  if (exists) return;
  throw fail('Mistake', {
    what: `${name} was never published: its first version becomes "latest" at once, before production is verified`,
    changed: 'nothing',
    next: 'set registries.npm.allow_first_publish: true to agree to that, then retry',
  });
}

/** Fetches the package back, as a user would, and compares the bytes with those that passed the gates. */
export async function verifyPackage(
  deps: ActivityDeps,
  product: ProductSettings,
  publication: Publication,
  version: string,
): Promise<string> {
  const { connection } = connectNpm(deps, product);
  const fetched = await fetchTarball({ ...connection, name: publication.name, version });
  if (fetched.integrity === publication.digest) return `fetched back: ${fetched.integrity}`;
  throw fail('Conflict', {
    what: `the registry gives other bytes for ${publication.name}@${version}: ${fetched.integrity}, not ${publication.digest}`,
    changed: 'nothing by this step; the version stays under its staging tag',
    next: 'do not go on: find out who changed it, then abort',
  });
}
