import type { ReleaseActivities } from '../../contracts/activities.ts';
import {
  deprecate,
  readPackage,
  readPublished,
  removeDistTag,
  setDistTag,
} from '../../integrations/npm/registry.ts';
import type { ProductSettings } from '../../release/settings.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct } from '../deps.ts';
import { performEffect } from '../perform-effect.ts';
import { connectNpm, stagingTag, verifyPackage } from './publish-package.ts';

/** `latest`, or the channel of a pre-release. */
function channelOf(product: ProductSettings): string {
  return product.release.releaseType === 'stable' ? 'latest' : product.release.releaseType;
}

/** Fetches back what was published, and compares. */
export function verifyPublication(deps: ActivityDeps): ReleaseActivities['verifyPublication'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    return { proof: await verifyPackage(deps, product, input.publication, input.version) };
  };
}

/** Offers the version to everybody: moves the channel's tag, then removes the staging tag. */
export function moveChannel(deps: ActivityDeps): ReleaseActivities['moveChannel'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    const { connection } = connectNpm(deps, product);
    const { name } = input.publication;
    const channel = channelOf(product);
    const staged = stagingTag(input.version);
    const value = { ...input.publication, tags: [channel] };
    return await performEffect(deps, {
      name: 'npm-dist-tag',
      key: `${input.releaseId}/npm-dist-tag/${name}/${channel}`,
      target: `${channel} of ${name}`,
      read: async () => {
        const { distTags } = await readPackage({ ...connection, name });
        const moved = distTags[channel] === input.version && distTags[staged] === undefined;
        return moved ? { is: 'ours', value, proof: `${channel} is ${input.version}` } : { is: 'absent' };
      },
      write: async () => {
        await setDistTag({ ...connection, name, version: input.version, tag: channel });
        await removeDistTag({ ...connection, name, tag: staged });
      },
    });
  };
}

/** Takes back what can be: the staging tag goes, the version is deprecated. The version itself stays for good. */
export function withdrawPublication(deps: ActivityDeps): ReleaseActivities['withdrawPublication'] {
  return async (input) => {
    const product = findProduct(deps, input.product);
    const { connection } = connectNpm(deps, product);
    const { name } = input.publication;
    const staged = stagingTag(input.version);
    const remains = `${name}@${input.version} on npm, deprecated`;
    return await performEffect(deps, {
      name: 'npm-deprecation',
      key: `${input.releaseId}/npm-deprecation/${name}@${input.version}`,
      target: `deprecation of ${name}@${input.version}`,
      read: async () => {
        const published = await readPublished({ ...connection, name, version: input.version });
        if (!published) return { is: 'ours', value: { remains: '' }, proof: 'never published' };
        const { distTags } = await readPackage({ ...connection, name });
        if (published.deprecated === undefined || distTags[staged] !== undefined) return { is: 'absent' };
        return { is: 'ours', value: { remains }, proof: `deprecated: ${published.deprecated}` };
      },
      write: async () => {
        await deprecate({ ...connection, name, version: input.version, message: input.message });
        await removeDistTag({ ...connection, name, tag: staged });
      },
    });
  };
}
