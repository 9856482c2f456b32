import type { Installation } from '../config/installation.ts';
import { readSecret } from '../config/secrets.ts';
import { openFolderStore } from '../providers/store/folder/folder-store.ts';
import { openS3Store } from '../providers/store/s3/s3-store.ts';
import type { Store } from '../providers/store/store.ts';

/** Opens the store that the configuration names, with the API's own right to read its key. */
export async function openStore(installation: Installation, environment?: NodeJS.ProcessEnv): Promise<Store> {
  const { store } = installation;
  if (store.kind === 'folder') return await openFolderStore(store.folder);
  const { kind: _kind, secretAccessKey, ...rest } = store;
  return openS3Store({
    ...rest,
    secretAccessKey: readSecret(installation, secretAccessKey, 'api', environment),
  });
}
