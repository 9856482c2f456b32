import { join } from 'node:path';
import { channelsOf } from '../../../release/dist-tags.ts';
import { compareVersions, isPrerelease, isVersion } from '../../../release/plan/version.ts';
import type { Built } from '../../../release/values.ts';
import type { Published, RegistryChange, RegistryContext, RegistryEffect } from '../registry.ts';
import { type Call, callProgram, findVersion, packageName } from './call.ts';

/**
 * The files that passed the gates, each by its digest. Files that are there already are not sent again, so that an
 * upload that broke off between two files is finished by the next try; one with other bytes is somebody else's.
 */
export function describePublish(context: RegistryContext, built: Built, releaseId: string): RegistryEffect {
  const { version, files } = built;
  const name = packageName(context);
  const key = `${releaseId}/${context.name}/${name}@${version}`;
  let present: string[] = [];
  return {
    name: 'registry-publish',
    key,
    target: `${name} ${version} on ${context.name}`,
    read: async () => {
      const found = await findVersion(context, version);
      present = found?.files.map((file) => file.name) ?? [];
      for (const file of files) {
        const there = found?.files.find((candidate) => candidate.name === file.name);
        if (there && there.digest !== file.content.digest) {
          return {
            is: 'foreign',
            ours: `${file.name} ${file.content.digest}`,
            theirs: there.digest,
            next: 'that version is taken: abort, and release with a higher --version',
          };
        }
      }
      const strange = found?.files.find(({ name: there }) => !files.some((file) => file.name === there));
      if (strange) {
        return { is: 'foreign', ours: files.map((file) => file.name).join(', '), theirs: strange.name };
      }
      const isWhole = files.every((file) => present.includes(file.name));
      return isWhole ? { is: 'ours', value: [], proof: built.digest } : { is: 'absent' };
    },
    write: () =>
      change(context, async (folder) => {
        const sent = [];
        for (const { name: file, content } of files) {
          if (present.includes(file)) continue;
          const path = join(folder, file);
          await context.store.fetchTo(content, path);
          sent.push({ name: file, path, digest: content.digest });
        }
        return { verb: 'publish', version, effect_key: key, files: sent, present };
      }),
  };
}

/** Moves the version's channels to it. A registry without channels offers every version as soon as it is there. */
export async function promoteVersion(
  context: RegistryContext,
  published: Published,
): Promise<RegistryChange> {
  const { version } = published;
  const found = await findVersion(context, version);
  const { releaseType, releaseBranch: branch } = context.product.release;
  const wanted =
    found?.channels && channelsOf({ version, releaseType, branch, latest: found.channels['latest'] });
  const effects = (wanted ?? []).map((channel) =>
    describeMove(context, published, channel, (now) => {
      if (!isVersion(now) || (channel === 'latest' && isPrerelease(now))) return true;
      return compareVersions(now, version) < 0;
    }),
  );
  return { effects, stays: [version] };
}

/** Moves the channels back that are at exactly the version that is being rolled back. */
export async function demoteVersion(
  context: RegistryContext,
  published: Published & { insteadOf: string },
): Promise<RegistryChange> {
  const found = await findVersion(context, published.version);
  const held = Object.entries(found?.channels ?? {}).filter(([, at]) => at === published.insteadOf);
  const effects = held.map(([channel]) =>
    describeMove(context, published, channel, (now) => now === published.insteadOf),
  );
  return { effects, stays: [published.version] };
}

function describeMove(
  context: RegistryContext,
  { releaseId, version }: Published,
  channel: string,
  moves: (now: string) => boolean,
): RegistryEffect {
  const name = packageName(context);
  const key = `${releaseId}/registry-promote/${context.name}/${channel}`;
  return {
    name: 'registry-promote',
    key,
    target: `${channel} of ${name} on ${context.name}`,
    read: async () => {
      const now = (await findVersion(context, version))?.channels?.[channel];
      if (now === version) return { is: 'ours', value: [channel], proof: `${channel} is ${now}` };
      if (now === undefined || moves(now)) return { is: 'absent' };
      return { is: 'ours', value: [], proof: `${channel} stays at ${now}` };
    },
    write: () => change(context, { verb: 'promote', version, channel, effect_key: key }),
  };
}

/** Yanks or deprecates the version, where the registry knows such a thing; the bytes stay. */
export async function withdrawVersion(
  context: RegistryContext,
  { releaseId, version, message }: Published & { message: string },
): Promise<RegistryChange> {
  const name = packageName(context);
  const what = `${name} ${version} on ${context.name}`;
  const found = await findVersion(context, version);
  if (found === undefined) return { effects: [], stays: [] };
  if (found.withdrawn === undefined) return { effects: [], stays: [what] };
  const key = `${releaseId}/registry-withdraw/${context.name}/${version}`;
  const withdrawal: RegistryEffect = {
    name: 'registry-withdraw',
    key,
    target: `withdrawal of ${what}`,
    read: async () => {
      const now = await findVersion(context, version);
      if (now === undefined) return { is: 'ours', value: [], proof: 'it is gone' };
      return now.withdrawn === true
        ? { is: 'ours', value: [`${what}, withdrawn`], proof: 'withdrawn' }
        : { is: 'absent' };
    },
    write: () => change(context, { verb: 'withdraw', version, message, effect_key: key }),
  };
  return { effects: [withdrawal], stays: [] };
}

async function change(
  context: RegistryContext,
  call: Call | ((folder: string) => Promise<Call>),
): Promise<void> {
  await callProgram(context, call, async () => undefined);
}
