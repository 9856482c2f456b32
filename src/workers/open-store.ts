import type { Installation } from '../config/installation.ts';
import { openFolderStore } from '../integrations/store/folder-store.ts';
import type { Store } from '../integrations/store/store.ts';

/** Opens the store that the configuration names. */
export async function openStore(installation: Installation): Promise<Store> {
  const { store } = installation;
  if (store.kind === 'folder') return await openFolderStore(store.folder);
  throw new Error(
    `The store of kind "${store.kind}" is not available in this version of Windlass. Use store: { folder: … } in ${installation.file}.`,
  );
}
