import { keepLayout } from '../../providers/registry/oci/stored-layout.ts';
import type { ProductSettings } from '../../release/settings.ts';
import type { StoreRef } from '../../release/store-ref.ts';
import type { BuiltImage } from '../../release/values.ts';
import type { ActivityDeps } from '../deps.ts';
import { fail } from '../fail.ts';
import type { ProductScriptOutcome } from '../run-product-script.ts';
import { runProductScript } from '../run-product-script.ts';
import { findMade, tellBuild } from './build-script.ts';

/**
 * Builds the image by the product's `container` script, from the release commit and the artifact that was just built;
 * undefined where no image is published. Before the gates, so that the image that they see is the one that goes out.
 */
export async function buildImage(
  deps: ActivityDeps,
  product: ProductSettings,
  input: {
    releaseId: string;
    version: string;
    commit: string;
    bundle: StoreRef;
    artifact: StoreRef;
    plannedAt: string;
  },
): Promise<BuiltImage | undefined> {
  if (!product.release.publishRegistries.includes('docker')) return undefined;
  const script = product.scripts.container;
  if (!script) {
    throw fail('Mistake', {
      what: `${product.name} publishes an image, but has no container script, and its build script named none`,
      changed: 'nothing',
      next: 'configure scripts.container, or take docker out of publish_registries, then replan',
    });
  }
  return await runProductScript(
    deps,
    {
      product,
      script,
      title: 'container',
      commit: input.commit,
      bundle: input.bundle,
      artifact: input.artifact,
      facts: tellBuild('container', input),
      variables: product.variables,
      secrets: {},
    },
    async (outcome) => {
      const image = await readImage(deps, product, outcome);
      if (image) return image;
      throw fail('Mistake', {
        what: 'the container script named no image',
        changed: 'nothing that Windlass knows of',
        next: 'have it write {"image": "registry/name@sha256:…"} or {"image_layout": "folder"} to WINDLASS_OUTPUT, then replan',
      });
    },
  );
}

/**
 * The image that a script made: `image` names one that it pushed, by its digest; `image_layout` a folder of the
 * checkout with an OCI layout, which is kept in the store and pushed at publishing.
 */
export async function readImage(
  deps: ActivityDeps,
  product: ProductSettings,
  outcome: ProductScriptOutcome,
): Promise<BuiltImage | undefined> {
  const { image, image_layout: layout } = outcome.output;
  if (typeof layout === 'string') {
    const kept = await keepLayout(deps.store, await findMade(outcome.folder, layout, 'the image layout'));
    const repository = product.registries.docker?.repository ?? '';
    return { repository, digest: kept.digest, layout: kept.layout };
  }
  if (typeof image !== 'string') return undefined;
  const [repository = '', digest = ''] = image.split('@');
  if (repository !== '' && /^sha256:[0-9a-f]{64}$/.test(digest)) return { repository, digest };
  throw fail('Mistake', {
    what: `a script named the image ${JSON.stringify(image.slice(0, 200))}, which is not registry/name@sha256:…`,
    changed: 'whatever the script pushed; no tag of this release',
    next: 'have it write the digest of the manifest that it pushed, then replan',
  });
}
