import { channelsOf } from '../../../release/dist-tags.ts';
import { compareVersions, isPrerelease, isVersion } from '../../../release/plan/version.ts';
import type { Published, RegistryChange, RegistryEffect } from '../registry.ts';
import type { NpmRegistry } from './kind.ts';
import { deprecate, readPackage, readPublished, removeDistTag, setDistTag } from './registry.ts';

/** The dist-tag under which a version is staged: nobody installs from it by default. */
export function stagingTag(version: string): string {
  return `windlass-${version}`;
}

/** Moves the version's channels to it, then removes the staging tag: each write an effect of its own. */
export async function promotePackage(npm: NpmRegistry, published: Published): Promise<RegistryChange> {
  const { name } = published.publication;
  const channels = await readChannels(npm, published);
  const moved = channels.map((channel) =>
    describeTag(npm, published, channel, (now) => {
      // `latest` is for stable versions: a pre-release that got there (as a first publish does) gives way.
      if (!isVersion(now) || (channel === 'latest' && isPrerelease(now))) return 'moves';
      // A later release was quicker: moving the tag back would give its users an older version.
      return compareVersions(now, published.version) > 0 ? 'stays' : 'moves';
    }),
  );
  return { effects: [...moved, clearStagingTag(npm, { ...published, name })], stays: [] };
}

/** Moves the channels back that hold exactly the version that is being rolled back. */
export async function demotePackage(
  npm: NpmRegistry,
  published: Published & { insteadOf: string },
): Promise<RegistryChange> {
  const { name } = published.publication;
  const { distTags } = await readPackage({ ...npm.connection, name });
  const channels = new Set(await readChannels(npm, published, published.insteadOf));
  for (const [tag, version] of Object.entries(distTags)) {
    if (version === published.insteadOf && tag !== stagingTag(version)) channels.add(tag);
  }
  const moved = [...channels].map((channel) =>
    describeTag(npm, published, channel, (now) => (now === published.insteadOf ? 'moves' : 'stays')),
  );
  return { effects: [...moved, clearStagingTag(npm, { ...published, name })], stays: [] };
}

/** Deprecates the version, then removes its staging tag. The version itself stays for good. */
export function withdrawPackage(
  npm: NpmRegistry,
  published: Published & { message: string },
): RegistryChange {
  const { version, releaseId } = published;
  const { name } = published.publication;
  const deprecation: RegistryEffect = {
    name: 'npm-deprecation',
    key: `${releaseId}/npm-deprecation/${name}@${version}`,
    target: `deprecation of ${name}@${version}`,
    read: async () => {
      const there = await readPublished({ ...npm.connection, name, version });
      if (!there) return { is: 'ours', value: [], proof: 'never published' };
      if (there.deprecated === undefined) return { is: 'absent' };
      const remains = `${name}@${version} on ${npm.context.name}, deprecated`;
      return { is: 'ours', value: [remains], proof: `deprecated: ${there.deprecated}` };
    },
    write: () => deprecate({ ...npm.connection, name, version, message: published.message }),
  };
  return { effects: [deprecation, clearStagingTag(npm, { ...published, name })], stays: [] };
}

/** The channels of this version; `latest` counts as free where `instead`, which is going, has it. */
async function readChannels(npm: NpmRegistry, published: Published, instead?: string): Promise<string[]> {
  const { name } = published.publication;
  const { latest } = (await readPackage({ ...npm.connection, name })).distTags;
  const { releaseType, releaseBranch: branch } = npm.context.product.release;
  const { version } = published;
  return channelsOf({ version, releaseType, branch, latest: latest === instead ? undefined : latest });
}

function describeTag(
  npm: NpmRegistry,
  published: Published,
  channel: string,
  decide: (now: string) => 'moves' | 'stays',
): RegistryEffect {
  const { version, releaseId } = published;
  const { name } = published.publication;
  return {
    name: 'npm-dist-tag',
    key: `${releaseId}/npm-dist-tag/${name}/${channel}`,
    target: `${channel} of ${name}`,
    read: async () => {
      const now = (await readPackage({ ...npm.connection, name })).distTags[channel];
      if (now === version) return { is: 'ours', value: [channel], proof: `${channel} is ${now}` };
      if (now === undefined || decide(now) === 'moves') return { is: 'absent' };
      return {
        is: 'ours',
        value: [],
        proof: `${channel} stays at ${now}${isHigher(now, version) ? ', which is higher' : ''}`,
      };
    },
    write: () => setDistTag({ ...npm.connection, name, version, tag: channel }),
  };
}

function isHigher(now: string, version: string): boolean {
  return isVersion(now) && compareVersions(now, version) > 0;
}

function clearStagingTag(
  npm: NpmRegistry,
  of: { releaseId: string; version: string; name: string },
): RegistryEffect {
  const { name } = of;
  const tag = stagingTag(of.version);
  return {
    name: 'npm-staging-tag',
    key: `${of.releaseId}/npm-staging-tag/${name}/${tag}`,
    target: `staging tag of ${name}@${of.version}`,
    read: async () => {
      const { distTags } = await readPackage({ ...npm.connection, name });
      return distTags[tag] === undefined
        ? { is: 'ours', value: [], proof: `${tag} is gone` }
        : { is: 'absent' };
    },
    write: () => removeDistTag({ ...npm.connection, name, tag }),
  };
}
