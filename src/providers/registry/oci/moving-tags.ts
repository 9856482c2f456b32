import { fillMovingTag, prereleaseChannel } from '../../../release/dist-tags.ts';
import { compareVersions, isPrerelease, isVersion } from '../../../release/plan/version.ts';
import type { Published, RegistryChange, RegistryEffect } from '../registry.ts';
import type { ImageRegistry } from './kind.ts';
import { listTags } from './list-tags.ts';
import { readManifestDigest, tagManifest } from './manifest.ts';

/** Points the moving tags (a pre-release: its channel's tag) at the image. Last of all, when production is verified. */
export async function promoteImage(images: ImageRegistry, published: Published): Promise<RegistryChange> {
  const { version, publication } = published;
  const effects = tagsOf(images, version).map((tag) =>
    describeMove(images, published, tag, async (found) => {
      if (found === publication.digest) return undefined;
      const higher = found && (await findHigherVersion(images, found, version));
      return higher ? `${tag} stays at ${higher}, which is higher` : undefined;
    }),
  );
  return { effects, stays: [version] };
}

/**
 * Points the moving tags that the version going away holds at the one before. A tag of a line that only the bad version
 * is of (`1.4`) has nothing to go back to, and the protocol removes no tags.
 */
export async function demoteImage(
  images: ImageRegistry,
  published: Published & { insteadOf: string },
): Promise<RegistryChange> {
  const { version, insteadOf } = published;
  const bad = await readManifestDigest(images.repository, insteadOf);
  const effects = tagsOf(images, version).map((tag) =>
    describeMove(images, published, tag, async (found) =>
      found === undefined || found === bad ? undefined : `${tag} stays: it is not at ${insteadOf}`,
    ),
  );
  return { effects, stays: [version] };
}

/** The tags which still point at a version that goes, and which nobody can take away by the protocol. */
export async function listTagsAt(
  images: ImageRegistry,
  { version, publication }: Published,
): Promise<string[]> {
  const tags = tagsOf(images, version);
  const digests = await Promise.all(tags.map((tag) => readManifestDigest(images.repository, tag)));
  return tags.filter((_, at) => digests[at] === publication.digest);
}

function tagsOf({ context, settings }: ImageRegistry, version: string): string[] {
  if (isPrerelease(version)) return [prereleaseChannel(version, context.product.release.releaseType)];
  return [...new Set(settings.movingTags.map((template) => fillMovingTag(template, version)))];
}

/** `keep` says why a tag that holds another digest stays where it is; undefined where it moves. */
function describeMove(
  images: ImageRegistry,
  { releaseId, publication }: Published,
  tag: string,
  keep: (found: string | undefined) => Promise<string | undefined>,
): RegistryEffect {
  const { digest, name } = publication;
  let found: string | undefined;
  return {
    name: 'image-moving-tag',
    key: `${releaseId}/image-moving-tag/${name}:${tag}`,
    target: `${name}:${tag}`,
    read: async () => {
      found = await readManifestDigest(images.repository, tag);
      if (found === digest) return { is: 'ours', value: [tag], proof: `${tag} is ${digest}` };
      const kept = await keep(found);
      return kept === undefined ? { is: 'absent' } : { is: 'ours', value: [], proof: kept };
    },
    write: async () => {
      const replaces = found === undefined ? {} : { replaces: found };
      await tagManifest(images.repository, { digest, tag, ...replaces });
    },
  };
}

/** A version above ours whose tag holds this digest: then a later release moved the tag, and it stays. */
async function findHigherVersion(
  { repository }: ImageRegistry,
  digest: string,
  version: string,
): Promise<string | undefined> {
  const higher = (await listTags(repository)).filter(
    (tag) =>
      isVersion(tag) && isPrerelease(tag) === isPrerelease(version) && compareVersions(tag, version) > 0,
  );
  for (const tag of higher) if ((await readManifestDigest(repository, tag)) === digest) return tag;
  return undefined;
}
