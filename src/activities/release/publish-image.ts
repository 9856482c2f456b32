import type { ReleaseActivities } from '../../contracts/activities.ts';
import { readManifestDigest, tagManifest } from '../../providers/registry/oci/manifest.ts';
import { pushImage } from '../../providers/registry/oci/push.ts';
import type { OciRepository } from '../../providers/registry/oci/registry.ts';
import { openRepository } from '../../providers/registry/oci/registry.ts';
import { restoreLayout } from '../../providers/registry/oci/stored-layout.ts';
import type { OciRegistrySettings, ProductSettings } from '../../release/settings.ts';
import type { BuiltImage, Publication } from '../../release/values.ts';
import { authorize } from '../authorize.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct, takeSecret } from '../deps.ts';
import { fail } from '../fail.ts';
import { performEffect } from '../perform-effect.ts';
import { withScratch } from '../scratch.ts';

/** How this worker reaches the product's container registry. */
export function connectOci(
  deps: ActivityDeps,
  product: ProductSettings,
): { docker: OciRegistrySettings; repository: OciRepository } {
  const { docker } = product.registries;
  if (!docker) {
    throw fail('Mistake', {
      what: `${product.name} has no container registry in ${deps.installation.file}`,
      changed: 'nothing',
      next: 'configure registries.docker, then retry',
    });
  }
  const repository = openRepository({
    repository: docker.repository,
    insecure: docker.insecure,
    username: docker.username,
    password: docker.password === undefined ? undefined : takeSecret(deps, docker.password),
    signal: deps.signal(),
  });
  return { docker, repository };
}

/**
 * Publishes the image that passed the gates: first by its digest, under which nobody finds it by chance, then under
 * the version's tag. A tag that holds another image is never moved. Moving tags wait until production is verified.
 */
export function publishImage(deps: ActivityDeps): ReleaseActivities['publishImage'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    const { image, version, releaseId } = input;
    authorize(deps, input.authorization, { ...input, bytes: image.digest });
    const { docker, repository } = connectOci(deps, product);
    checkRepository(docker, image);
    const { digest } = image;
    const name = docker.repository;
    const publication: Publication = {
      registry: 'docker',
      name,
      url: `${name}@${digest}`,
      digest,
      tags: [version],
    };
    const pushed = await performEffect(deps, {
      name: 'image',
      key: `${releaseId}/image/${digest}`,
      target: `image ${name}@${digest.slice(0, 19)}…`,
      read: async () =>
        (await readManifestDigest(repository, digest)) === digest
          ? { is: 'ours', value: undefined, proof: digest }
          : { is: 'absent' },
      write: () => pushKeptImage(deps, repository, image),
    });
    const tagged = await performEffect(deps, {
      name: 'image-tag',
      key: `${releaseId}/image-tag/${name}:${version}`,
      target: `${name}:${version}`,
      read: async () => {
        const there = await readManifestDigest(repository, version);
        if (there === undefined) return { is: 'absent' };
        if (there === digest) return { is: 'ours', value: publication, proof: digest };
        return {
          is: 'foreign',
          ours: digest,
          theirs: there,
          next: 'find out who pushed that tag; delete it if it is wrong and retry, else abort and release a higher --version',
        };
      },
      write: async () => {
        await tagManifest(repository, { digest, tag: version });
      },
    });
    return { value: publication, receipts: [...pushed.receipts, ...tagged.receipts] };
  };
}

async function pushKeptImage(
  deps: ActivityDeps,
  repository: OciRepository,
  image: BuiltImage,
): Promise<void> {
  const { layout, digest } = image;
  if (!layout) {
    throw fail('Mistake', {
      what: `${repository.name} does not hold ${digest}, which the build said that it had pushed`,
      changed: 'nothing',
      next: 'see what became of it (was it cleaned away?); a new image needs replan',
    });
  }
  await withScratch(deps, async (layoutFolder) => {
    await restoreLayout(deps.store, layout, layoutFolder);
    await pushImage(repository, { layoutFolder, digest });
  });
}

/** An image that was pushed elsewhere would be published from nowhere. */
function checkRepository(docker: OciRegistrySettings, image: BuiltImage): void {
  if (image.layout || image.repository === docker.repository) return;
  throw fail('Mistake', {
    what: `the build pushed to ${image.repository}, but registries.docker.repository is ${docker.repository}`,
    changed: 'nothing',
    next: 'let both name the same repository; a changed script needs replan, a changed configuration retry',
  });
}
