import type { Acting, Effect, NewReceipt } from '../../contracts/activities.ts';
import {
  deprecate,
  readPackage,
  readPublished,
  removeDistTag,
  setDistTag,
} from '../../providers/registry/npm/registry.ts';
import { compareVersions, isVersion } from '../../release/plan/version.ts';
import type { ProductSettings } from '../../release/settings.ts';
import type { Publication } from '../../release/values.ts';
import type { ActivityDeps } from '../deps.ts';
import { performEffect } from '../perform-effect.ts';
import { connectNpm, stagingTag } from './publish-package.ts';

/** `latest`, or the channel of a pre-release. */
export function channelOf(product: ProductSettings): string {
  return product.release.releaseType === 'stable' ? 'latest' : product.release.releaseType;
}

/** Moves the channel's dist-tag to the version, then removes the staging tag: two writes, each an effect of its own. */
export async function moveDistTag(
  deps: ActivityDeps,
  product: ProductSettings,
  input: Acting & { version: string; publication: Publication; insteadOf?: string },
): Promise<Effect<Publication>> {
  const { connection } = connectNpm(deps, product);
  const { name } = input.publication;
  const channel = channelOf(product);
  const moved = await performEffect<string[]>(deps, {
    name: 'npm-dist-tag',
    key: `${input.releaseId}/npm-dist-tag/${name}/${channel}`,
    target: `${channel} of ${name}`,
    read: async () => {
      const now = (await readPackage({ ...connection, name })).distTags[channel];
      if (now === input.version) return { is: 'ours', value: [channel], proof: `${channel} is ${now}` };
      if (now !== undefined && now === input.insteadOf) return { is: 'absent' };
      // A later release was quicker: moving the tag back would give its users an older version.
      if (now !== undefined && isVersion(now) && compareVersions(now, input.version) > 0) {
        return { is: 'ours', value: [], proof: `${channel} stays at ${now}, which is higher` };
      }
      return { is: 'absent' };
    },
    write: () => setDistTag({ ...connection, name, version: input.version, tag: channel }),
  });
  const cleared = await clearStagingTag(deps, product, { ...input, name });
  return {
    value: { ...input.publication, tags: moved.value },
    receipts: [...moved.receipts, ...cleared],
  };
}

/** Deprecates the version, then removes its staging tag. The version itself stays for good. */
export async function withdrawPackage(
  deps: ActivityDeps,
  product: ProductSettings,
  input: Acting & { version: string; publication: Publication; message: string },
): Promise<Effect<{ remains: string }>> {
  const { connection } = connectNpm(deps, product);
  const { name } = input.publication;
  const { version } = input;
  const deprecated = await performEffect(deps, {
    name: 'npm-deprecation',
    key: `${input.releaseId}/npm-deprecation/${name}@${version}`,
    target: `deprecation of ${name}@${version}`,
    read: async () => {
      const published = await readPublished({ ...connection, name, version });
      if (!published) return { is: 'ours', value: { remains: '' }, proof: 'never published' };
      if (published.deprecated === undefined) return { is: 'absent' };
      const remains = `${name}@${version} on npm, deprecated`;
      return { is: 'ours', value: { remains }, proof: `deprecated: ${published.deprecated}` };
    },
    write: () => deprecate({ ...connection, name, version, message: input.message }),
  });
  const cleared = await clearStagingTag(deps, product, { ...input, name });
  return { value: deprecated.value, receipts: [...deprecated.receipts, ...cleared] };
}

async function clearStagingTag(
  deps: ActivityDeps,
  product: ProductSettings,
  input: { releaseId: string; version: string; name: string },
): Promise<NewReceipt[]> {
  const { connection } = connectNpm(deps, product);
  const { name } = input;
  const tag = stagingTag(input.version);
  const cleared = await performEffect(deps, {
    name: 'npm-staging-tag',
    key: `${input.releaseId}/npm-staging-tag/${name}/${tag}`,
    target: `staging tag of ${name}@${input.version}`,
    read: async () => {
      const { distTags } = await readPackage({ ...connection, name });
      return distTags[tag] === undefined
        ? { is: 'ours', value: undefined, proof: `${tag} is gone` }
        : { is: 'absent' };
    },
    write: () => removeDistTag({ ...connection, name, tag }),
  });
  return cleared.receipts;
}
