import type { ReleaseActivities } from '../../contracts/activities.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct } from '../deps.ts';
import { moveImageTags, verifyImage } from './image-channel.ts';
import { moveDistTag, withdrawPackage } from './npm-channel.ts';
import { verifyPackage } from './publish-package.ts';

/** Fetches back what was published, and compares. */
export function verifyPublication(deps: ActivityDeps): ReleaseActivities['verifyPublication'] {
  return async ({ product: name, publication, version }) => {
    const product = findProduct(deps, name);
    const proof =
      publication.registry === 'npm'
        ? await verifyPackage(deps, product, publication, version)
        : await verifyImage(deps, product, publication, version);
    return { proof };
  };
}

/** Offers the version to everybody: moves `latest`, or a pre-release's channel. Never back from a higher version. */
export function moveChannel(deps: ActivityDeps): ReleaseActivities['moveChannel'] {
  return async (input) =>
    input.publication.registry === 'npm'
      ? await moveDistTag(deps, findProduct(deps, input.product), input)
      : await moveImageTags(deps, findProduct(deps, input.product), input);
}

/** Takes back what can be taken back, and says what stays for good. */
export function withdrawPublication(deps: ActivityDeps): ReleaseActivities['withdrawPublication'] {
  return async (input) => {
    const { publication, version } = input;
    if (publication.registry === 'npm')
      return await withdrawPackage(deps, findProduct(deps, input.product), input);
    // The protocol deletes manifests, not tags, and few registries allow it: a moving tag never pointed here.
    return { value: { remains: `${publication.name}:${version} (${publication.digest})` }, receipts: [] };
  };
}
