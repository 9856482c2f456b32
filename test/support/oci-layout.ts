import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What `writeImageLayout` wrote. */
export interface WrittenLayout {
  folder: string;
  digest: string;
  layers: string[];
  config: string;
}

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

/** Writes an OCI image layout with the given layers' bytes; `platforms` above one makes it an index of manifests. */
export async function writeImageLayout(
  folder: string,
  image: { layers: Buffer[]; platforms?: string[] },
): Promise<WrittenLayout> {
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true });
  const add = async (bytes: Buffer, mediaType: string): Promise<Descriptor> => {
    const hex = createHash('sha256').update(bytes).digest('hex');
    await writeFile(join(folder, 'blobs', 'sha256', hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));
  const layers = await Promise.all(
    image.layers.map((bytes) => add(bytes, 'application/vnd.oci.image.layer.v1.tar+gzip')),
  );
  const platforms = image.platforms ?? ['amd64'];
  const manifests: Descriptor[] = [];
  let config = '';
  for (const architecture of platforms) {
    const diffIds = layers.map(({ digest }) => digest);
    const settings = { architecture, os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: diffIds } };
    const configPart = await add(json(settings), 'application/vnd.oci.image.config.v1+json');
    config = configPart.digest;
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    manifests.push(await add(json({ schemaVersion: 2, mediaType, config: configPart, layers }), mediaType));
  }
  const indexType = 'application/vnd.oci.image.index.v1+json';
  const root =
    platforms.length > 1
      ? await add(json({ schemaVersion: 2, mediaType: indexType, manifests }), indexType)
      : (manifests[0] as Descriptor);
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await writeFile(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [root] }));
  return { folder, digest: root.digest, layers: layers.map(({ digest }) => digest), config };
}
