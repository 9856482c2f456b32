import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { refuse } from './failure.ts';
import { digestOf, isDigest, type OciManifest, readMediaType } from './manifest.ts';

/** An image in a folder (OCI image layout), every part of which has the digest by which it is named. */
export interface ImageLayout {
  /** The digest under which the image as a whole is known. */
  digest: string;
  /** Manifests, those that others refer to first. */
  manifests: OciManifest[];
  /** Config and layers, each once. */
  blobs: LayoutBlob[];
}

export interface LayoutBlob {
  digest: string;
  size: number;
  /** Where the bytes are. */
  path: string;
}

interface Descriptor {
  digest?: unknown;
  size?: unknown;
  mediaType?: unknown;
  urls?: unknown;
}

/**
 * Reads an OCI image layout and checks every digest in it, so that nothing broken is pushed.
 * @param digest which image, where the layout's index names several
 * @throws OciFailure
 */
export async function readImageLayout(folder: string, digest?: string): Promise<ImageLayout> {
  const index = await readFile(join(folder, 'index.json'), 'utf8').catch(() => undefined);
  if (index === undefined) {
    throw refuse(
      'The image folder holds no index.json.',
      'Let the container script write an OCI image layout.',
    );
  }
  const entries = (parse(index).manifests ?? []) as Descriptor[];
  const wanted = entries.filter((entry) => digest === undefined || entry.digest === digest);
  const [root] = wanted;
  if (!root || wanted.length > 1) {
    throw refuse(
      `The image folder's index names ${wanted.length} images${digest === undefined ? '' : ` with ${digest}`}, not one.`,
      'Let the container script write one image, or say which digest it is.',
    );
  }
  const manifests = new Map<string, OciManifest>();
  const blobs = new Map<string, LayoutBlob>();
  await collect(folder, root, manifests, blobs);
  return { digest: String(root.digest), manifests: [...manifests.values()], blobs: [...blobs.values()] };
}

async function collect(
  folder: string,
  descriptor: Descriptor,
  manifests: Map<string, OciManifest>,
  blobs: Map<string, LayoutBlob>,
): Promise<void> {
  const path = blobPath(folder, descriptor);
  const bytes = await readFile(path).catch(() => undefined);
  const named = String(descriptor.digest);
  if (!bytes) throw refuse(`The image folder lacks ${named}.`, 'Build the image again.');
  if (digestOf(bytes) !== named) throw broken(named, digestOf(bytes));
  const content = parse(bytes.toString('utf8'));
  for (const child of (content.manifests ?? []) as Descriptor[])
    await collect(folder, child, manifests, blobs);
  const parts = [content.config, ...((content.layers ?? []) as Descriptor[])].filter(
    (part) => part !== undefined,
  );
  for (const part of parts as Descriptor[]) {
    // A layer with addresses of its own ("foreign") is fetched from there, never pushed.
    if (Array.isArray(part.urls) && part.urls.length > 0) continue;
    if (!blobs.has(String(part.digest))) blobs.set(String(part.digest), await readBlob(folder, part));
  }
  const sentAs = typeof descriptor.mediaType === 'string' ? descriptor.mediaType : null;
  // After its children: a registry refuses a manifest whose parts it does not hold.
  manifests.set(named, { bytes, digest: named, mediaType: readMediaType(bytes, sentAs) });
}

async function readBlob(folder: string, descriptor: Descriptor): Promise<LayoutBlob> {
  const path = blobPath(folder, descriptor);
  const digest = String(descriptor.digest);
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const chunk of createReadStream(path)) {
      hash.update(chunk);
      size += (chunk as Buffer).length;
    }
  } catch {
    throw refuse(`The image folder lacks ${digest}.`, 'Build the image again.');
  }
  const computed = `sha256:${hash.digest('hex')}`;
  if (computed !== digest) throw broken(digest, computed);
  return { digest, size, path };
}

function blobPath(folder: string, descriptor: Descriptor): string {
  const digest = String(descriptor.digest);
  // The digest becomes a path: only its one form may pass.
  if (!isDigest(digest))
    throw refuse(
      'The image folder names a part by something else than a sha256 digest.',
      'Build the image again.',
    );
  return join(folder, 'blobs', 'sha256', digest.slice('sha256:'.length));
}

function broken(named: string, computed: string) {
  return refuse(
    `A part of the image folder is broken: it is named ${named}, but its bytes are ${computed}.`,
    'Build the image again.',
  );
}

function parse(text: string): { manifests?: unknown; config?: unknown; layers?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Falls through.
  }
  throw refuse('A manifest of the image folder is not JSON.', 'Build the image again.');
}
