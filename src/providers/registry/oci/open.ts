import type { Built, BuiltImage, Publication } from '../../../release/values.ts';
import { RegistryConflict, RegistryMistake } from '../failure.ts';
import type { Registry, RegistryContext, RegistryEffect } from '../registry.ts';
import type { ImageRegistry, OciSettings } from './kind.ts';
import { listTags } from './list-tags.ts';
import { makeImage } from './make-image.ts';
import { readManifest, readManifestDigest, tagManifest } from './manifest.ts';
import { demoteImage, listTagsAt, promoteImage } from './moving-tags.ts';
import { preflightOci } from './preflight.ts';
import { pushImage } from './push.ts';
import type { OciRepository } from './registry.ts';
import { openRepository } from './registry.ts';
import { restoreLayout } from './stored-layout.ts';

/**
 * A container registry: an image is there first by its digest, under which nobody finds it by chance, then under the
 * version's tag, which never moves; moving tags follow when production is verified.
 */
export function openOci(context: RegistryContext): Registry {
  const settings = context.settings as unknown as OciSettings;
  let opened: OciRepository | undefined;
  const images: ImageRegistry = {
    context,
    settings,
    // Opened once it is asked: building needs no password, and its role may not read one.
    get repository() {
      opened ??= openRepository({
        repository: settings.repository,
        insecure: settings.insecure,
        username: settings.username,
        password: settings.password === undefined ? undefined : context.secret(settings.password),
        signal: context.signal(),
      });
      return opened;
    },
  };
  const name = settings.repository;
  const publicationOf = (version: string, digest: string): Publication => ({
    registry: context.name,
    name,
    url: `${name}@${digest}`,
    digest,
    tags: [version],
  });
  return {
    make: (build) => makeImage(context, settings, build),
    describe: ({ version, digest }) => publicationOf(version, digest),
    publish: async (built, releaseId) => ({
      effects: [describePush(images, built, releaseId), describeTag(images, built, releaseId)],
      stays: [],
    }),
    verify: (publication, version) => verifyImage(images, publication, version),
    promote: (published) => promoteImage(images, published),
    demote: (published) => demoteImage(images, published),
    // The protocol deletes manifests, not tags, and few registries allow it: what points there is named.
    withdraw: async (published) => {
      const { version, publication } = published;
      const tags = await listTagsAt(images, published);
      return {
        effects: [],
        stays: [
          `${publication.name}:${version} (${publication.digest})`,
          ...tags.map((tag) => `${publication.name}:${tag}, which still points at ${version}`),
        ],
      };
    },
    find: async (version) => {
      const digest = await readManifestDigest(images.repository, version);
      return digest === undefined ? undefined : publicationOf(version, digest);
    },
    fetch: async ({ digest }) => ({ image: `${name}@${digest}` }),
    listVersions: () => listTags(images.repository),
    preflight: () => preflightOci(images.repository),
  };
}

function describePush(images: ImageRegistry, built: Built, releaseId: string): RegistryEffect {
  const { digest } = built;
  return {
    name: 'image',
    key: `${releaseId}/image/${digest}`,
    target: `image ${images.settings.repository}@${digest.slice(0, 19)}…`,
    read: async () =>
      (await readManifestDigest(images.repository, digest)) === digest
        ? { is: 'ours', value: [], proof: digest }
        : { is: 'absent' },
    write: () => pushKeptImage(images, built.image ?? { repository: built.name, digest }),
  };
}

function describeTag(images: ImageRegistry, { version, digest }: Built, releaseId: string): RegistryEffect {
  const name = images.settings.repository;
  return {
    name: 'image-tag',
    key: `${releaseId}/image-tag/${name}:${version}`,
    target: `${name}:${version}`,
    read: async () => {
      const there = await readManifestDigest(images.repository, version);
      if (there === undefined) return { is: 'absent' };
      if (there === digest) return { is: 'ours', value: [version], proof: digest };
      return {
        is: 'foreign',
        ours: digest,
        theirs: there,
        next: 'find out who pushed that tag; delete it if it is wrong and retry, else abort and release a higher --version',
      };
    },
    write: async () => {
      await tagManifest(images.repository, { digest, tag: version });
    },
  };
}

async function pushKeptImage(images: ImageRegistry, image: BuiltImage): Promise<void> {
  const { context, settings, repository } = images;
  const { layout, digest } = image;
  if (layout) {
    await context.withScratch(async (layoutFolder) => {
      await restoreLayout(context.store, layout, layoutFolder);
      await pushImage(repository, { layoutFolder, digest });
    });
    return;
  }
  // An image that was pushed elsewhere would be published from nowhere.
  if (image.repository !== settings.repository) {
    throw new RegistryMistake(
      `The build pushed to ${image.repository}, but registries.${context.name}.repository is ${settings.repository}.`,
      'Let both name the same repository; a changed script needs replan, a changed configuration retry.',
    );
  }
  throw new RegistryMistake(
    `${repository.name} does not hold ${digest}, which the build said that it had pushed.`,
    'See what became of it (was it cleaned away?); a new image needs replan.',
  );
}

/** Fetches the version's manifest back by its tag, and compares the digest of the bytes that came. */
async function verifyImage(
  { repository }: ImageRegistry,
  publication: Publication,
  version: string,
): Promise<string> {
  const there = (await readManifest(repository, version))?.digest;
  if (there === publication.digest) return `fetched back: ${there}`;
  throw new RegistryConflict(
    `The registry gives another image for ${publication.name}:${version}: ${there ?? 'nothing'}, not ${publication.digest}.`,
    'Do not go on: find out who changed it, then abort.',
  );
}
