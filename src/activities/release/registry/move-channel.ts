import type { ReleaseActivities } from '../../../contracts/activities.ts';
import type { ActivityDeps } from '../../deps.ts';
import { findProduct } from '../../deps.ts';
import { openProductRegistry, performChange } from '../../open-registry.ts';

/** Fetches back what was published, and compares. */
export function verifyPublication(deps: ActivityDeps): ReleaseActivities['verifyPublication'] {
  return async ({ product, publication, version }) => {
    const registry = await openProductRegistry(deps, findProduct(deps, product), publication.registry);
    return { proof: await registry.verify(publication, version) };
  };
}

/** Offers the version to everybody; never back from a higher version, save from the one that is being rolled back. */
export function moveChannel(deps: ActivityDeps): ReleaseActivities['moveChannel'] {
  return async ({ product, publication, version, releaseId, insteadOf }) => {
    const registry = await openProductRegistry(deps, findProduct(deps, product), publication.registry);
    const published = { releaseId, version, publication };
    const change =
      insteadOf === undefined
        ? await registry.promote(published)
        : await registry.demote({ ...published, insteadOf });
    const { value: tags, receipts } = await performChange(deps, change);
    return { value: { ...publication, tags }, receipts };
  };
}

/** Takes back what can be taken back, and says what stays for good. */
export function withdrawPublication(deps: ActivityDeps): ReleaseActivities['withdrawPublication'] {
  return async ({ product, publication, version, releaseId, message }) => {
    const registry = await openProductRegistry(deps, findProduct(deps, product), publication.registry);
    const change = await registry.withdraw({ releaseId, version, publication, message });
    const { value, receipts } = await performChange(deps, change);
    return { value: { remains: value.join('; ') }, receipts };
  };
}
