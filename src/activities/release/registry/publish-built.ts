import type { ReleaseActivities } from '../../../contracts/activities.ts';
import type { ProductSettings } from '../../../release/settings.ts';
import type { Built } from '../../../release/values.ts';
import type { ActivityDeps } from '../../deps.ts';
import { findProduct } from '../../deps.ts';
import { fail } from '../../fail.ts';
import { listRegistries, openProductRegistry, performChange, whatIsMadeFor } from '../../open-registry.ts';

/** Publishes what was built for one registry, where nobody finds it by chance. Exactly the bytes that were approved. */
export function publishBuilt(deps: ActivityDeps): ReleaseActivities['publishBuilt'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    const { built, releaseId } = input;
    const registry = await openProductRegistry(deps, product, built.registry);
    const done = await performChange(deps, await registry.publish(built, releaseId));
    return { value: { ...registry.describe(built), tags: done.value }, receipts: done.receipts };
  };
}

/** For releases that were built before `publishBuilt` was there. */
export function publishPackage(deps: ActivityDeps): ReleaseActivities['publishPackage'] {
  return async ({ package: packed, ...input }) => {
    const product = findProduct(deps, input.product);
    const built: Built = {
      registry: registryThatTakes(product, 'package'),
      name: packed.name,
      version: packed.version,
      digest: packed.integrity,
      files: [{ name: 'package.tgz', content: packed.tarball }],
    };
    return await publishBuilt(deps)({ ...input, built });
  };
}

/** For releases that were built before `publishBuilt` was there. */
export function publishImage(deps: ActivityDeps): ReleaseActivities['publishImage'] {
  return async ({ image, ...input }) => {
    const product = findProduct(deps, input.product);
    const built: Built = {
      registry: registryThatTakes(product, 'image'),
      name: image.repository,
      version: input.version,
      digest: image.digest,
      files: [],
      image,
    };
    return await publishBuilt(deps)({ ...input, built });
  };
}

function registryThatTakes(product: ProductSettings, what: 'package' | 'image'): string {
  const name = listRegistries(product).find((one) => whatIsMadeFor(product, one) === what);
  if (name !== undefined) return name;
  throw fail('Mistake', {
    what: `${product.name} has no registry that takes a ${what}`,
    changed: 'nothing',
    next: 'configure it under registries, then retry',
  });
}
