import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoreRef } from '../../../release/store-ref.ts';
import type { Store } from '../../store/store.ts';
import { refuse } from './failure.ts';
import { readImageLayout } from './layout.ts';
import { isDigest } from './manifest.ts';

const MEDIA_TYPE = 'application/vnd.windlass.image-layout+json';

/** The list of an image's parts. Store and image name bytes by the same digest, so each part is an entry of its own. */
interface StoredLayout {
  root: { digest: string; size: number; mediaType: string };
  parts: { digest: string; size: number }[];
}

/**
 * Puts an OCI image layout into the store, with every digest checked. Layers that the store has are not kept twice.
 * @throws OciFailure for a layout that is broken
 */
export async function keepLayout(
  store: Store,
  folder: string,
): Promise<{ digest: string; layout: StoreRef }> {
  const image = await readImageLayout(folder);
  const parts: StoredLayout['parts'] = [];
  for (const blob of image.blobs) {
    await store.putFile(blob.path);
    parts.push({ digest: blob.digest, size: blob.size });
  }
  for (const manifest of image.manifests) {
    await store.put(manifest.bytes);
    parts.push({ digest: manifest.digest, size: manifest.bytes.length });
  }
  const root = image.manifests.find(({ digest }) => digest === image.digest);
  if (!root) throw refuse('The image folder has no manifest of its own digest.', 'Build the image again.');
  const listed: StoredLayout = {
    root: { digest: root.digest, size: root.bytes.length, mediaType: root.mediaType },
    parts,
  };
  return { digest: image.digest, layout: await store.put(Buffer.from(JSON.stringify(listed)), MEDIA_TYPE) };
}

/**
 * Writes a kept image as an OCI layout into an empty folder, each part checked against its digest.
 * @throws OciFailure for a list that is none; StoreMissing and StoreCorrupt
 */
export async function restoreLayout(store: Store, layout: StoreRef, folder: string): Promise<void> {
  const { root, parts } = parseList(await store.read(layout));
  const blobs = join(folder, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  for (const part of parts) {
    const ref = { digest: part.digest as StoreRef['digest'], bytes: part.size };
    await store.fetchTo(ref, join(blobs, part.digest.slice('sha256:'.length)));
  }
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [root] }));
}

function parseList(bytes: Buffer): StoredLayout {
  try {
    const list = JSON.parse(bytes.toString('utf8')) as StoredLayout;
    // The digests become paths: only their one form may pass.
    if ([list.root, ...list.parts].every(({ digest }) => isDigest(digest))) return list;
  } catch {
    // Falls through.
  }
  throw refuse('What the store holds is no list of an image’s parts.', 'Build the image again.');
}
