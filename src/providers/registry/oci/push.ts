import { LIMITS_MS } from '../../../release/policy/default-times.ts';
import { refuse } from './failure.ts';
import { type LayoutBlob, readImageLayout } from './layout.ts';
import { isDigest, putManifest, readManifestDigest } from './manifest.ts';
import type { OciRepository } from './registry.ts';

/** What a push found and did. */
export interface PushReceipt {
  /** The image's digest; no tag points at it yet. */
  digest: string;
  outcome: 'pushed' | 'already_there';
  /** Layers and configs that had to be sent. */
  uploadedBlobs: number;
}

/**
 * Pushes an image from an OCI layout by its digest, under no tag: layers that the registry holds are not sent
 * again, and every digest is checked before, and the image's after. Safe to repeat.
 * @throws OciFailure
 */
export async function pushImage(
  repository: OciRepository,
  image: { layoutFolder: string; digest?: string },
): Promise<PushReceipt> {
  if (image.digest !== undefined && !isDigest(image.digest)) {
    throw refuse(`${JSON.stringify(image.digest.slice(0, 100))} is not a sha256 digest.`, 'Correct it.');
  }
  const layout = await readImageLayout(image.layoutFolder, image.digest);
  const { digest } = layout;
  if ((await readManifestDigest(repository, digest)) === digest) {
    return { digest, outcome: 'already_there', uploadedBlobs: 0 };
  }
  let uploadedBlobs = 0;
  for (const blob of layout.blobs) {
    if (await hasBlob(repository, blob)) continue;
    await uploadBlob(repository, blob);
    uploadedBlobs += 1;
  }
  for (const manifest of layout.manifests) await putManifest(repository, manifest, manifest.digest);
  return { digest, outcome: 'pushed', uploadedBlobs };
}

async function hasBlob(repository: OciRepository, blob: LayoutBlob): Promise<boolean> {
  const head = await repository.ask({
    doing: `look for a layer of ${repository.name}`,
    method: 'HEAD',
    path: `blobs/${blob.digest}`,
    expect: [200, 404],
  });
  const stated = head.headers.get('content-length');
  return head.status === 200 && (stated === null || Number(stated) === blob.size);
}

/** One upload in one piece; the registry checks the digest, and refuses other bytes. */
async function uploadBlob(repository: OciRepository, blob: LayoutBlob): Promise<void> {
  const doing = `push a layer (${blob.digest.slice(0, 19)}…) to ${repository.name}`;
  const started = await repository.ask({ doing, method: 'POST', path: 'blobs/uploads/', expect: [202] });
  const location = started.headers.get('location');
  if (!location)
    throw refuse(`Could not ${doing}: the registry gave no place for it.`, 'Check that it is a registry.');
  // The address may be relative, and may carry a query of its own that must stay.
  const separator = location.includes('?') ? '&' : '?';
  await repository.ask({
    doing,
    method: 'PUT',
    path: `${location}${separator}digest=${encodeURIComponent(blob.digest)}`,
    headers: { 'content-type': 'application/octet-stream' },
    file: { path: blob.path, size: blob.size },
    expect: [201],
    timeoutMs: LIMITS_MS.transfer,
  });
}
