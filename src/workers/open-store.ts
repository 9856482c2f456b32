import type { Installation, SecretReader } from '../config/installation.ts';
import { readSecret } from '../config/secrets.ts';
import { openFolderStore } from '../providers/store/folder/folder-store.ts';
import { openS3Store } from '../providers/store/s3/s3-store.ts';
import type { Store } from '../providers/store/store.ts';

/**
 * Opens the store that the configuration names, as the process that asks: a bucket's key is a secret that this reader
 * must be allowed to read.
 * @throws SecretUnavailable where it may not, or where the secret is not there
 */
export async function openStore(installation: Installation, reader: SecretReader = 'api'): Promise<Store> {
  const { store } = installation;
  if (store.kind === 'folder') return await openFolderStore(store.folder);
  return openS3Store({
    endpoint: store.endpoint,
    bucket: store.bucket,
    region: store.region,
    accessKeyId: store.accessKeyId,
    secretAccessKey: readSecret(installation, store.secretAccessKey, reader),
  });
}
