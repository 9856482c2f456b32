import type { Acting, Effect, NewReceipt } from '../../contracts/activities.ts';
import { listTags } from '../../providers/registry/oci/list-tags.ts';
import { readManifest, readManifestDigest, tagManifest } from '../../providers/registry/oci/manifest.ts';
import type { OciRepository } from '../../providers/registry/oci/registry.ts';
import { compareVersions, isPrerelease, isVersion } from '../../release/plan/version.ts';
import type { ProductSettings } from '../../release/settings.ts';
import type { Publication } from '../../release/values.ts';
import type { ActivityDeps } from '../deps.ts';
import { fail } from '../fail.ts';
import { performEffect } from '../perform-effect.ts';
import { connectOci } from './publish-image.ts';

/** Fetches the version's manifest back by its tag, and compares the digest of the bytes that came. */
export async function verifyImage(
  deps: ActivityDeps,
  product: ProductSettings,
  publication: Publication,
  version: string,
): Promise<string> {
  const { repository } = connectOci(deps, product);
  const there = (await readManifest(repository, version))?.digest;
  if (there === publication.digest) return `fetched back: ${there}`;
  throw fail('Conflict', {
    what: `the registry gives another image for ${publication.name}:${version}: ${there ?? 'nothing'}, not ${publication.digest}`,
    changed: 'nothing by this step',
    next: 'do not go on: find out who changed it, then abort',
  });
}

/** Points the moving tags (a pre-release: its channel's tag) at the image. Last of all, when production is verified. */
export async function moveImageTags(
  deps: ActivityDeps,
  product: ProductSettings,
  input: Acting & { version: string; publication: Publication },
): Promise<Effect<Publication>> {
  const { docker, repository } = connectOci(deps, product);
  const { digest, name } = input.publication;
  const stable = product.release.releaseType === 'stable';
  const tags = stable ? docker.movingTags : [product.release.releaseType];
  const receipts: NewReceipt[] = [];
  const moved: string[] = [input.version];
  for (const tag of tags) {
    let found: string | undefined;
    const effect = await performEffect<string[]>(deps, {
      name: 'image-moving-tag',
      key: `${input.releaseId}/image-moving-tag/${name}:${tag}`,
      target: `${name}:${tag}`,
      read: async () => {
        found = await readManifestDigest(repository, tag);
        if (found === digest) return { is: 'ours', value: [tag], proof: `${tag} is ${digest}` };
        const higher = found && (await findHigherVersion(repository, found, input.version, stable));
        if (higher) return { is: 'ours', value: [], proof: `${tag} stays at ${higher}, which is higher` };
        return { is: 'absent' };
      },
      write: async () => {
        await tagManifest(repository, { digest, tag, ...(found === undefined ? {} : { replaces: found }) });
      },
    });
    moved.push(...effect.value);
    receipts.push(...effect.receipts);
  }
  return { value: { ...input.publication, tags: moved }, receipts };
}

/** A version above ours whose tag holds this digest: then a later release moved the tag, and it stays. */
async function findHigherVersion(
  repository: OciRepository,
  digest: string,
  version: string,
  stable: boolean,
): Promise<string | undefined> {
  const higher = (await listTags(repository)).filter(
    (tag) => isVersion(tag) && isPrerelease(tag) !== stable && compareVersions(tag, version) > 0,
  );
  for (const tag of higher) if ((await readManifestDigest(repository, tag)) === digest) return tag;
  return undefined;
}
