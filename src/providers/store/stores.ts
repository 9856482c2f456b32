import type { SettingsOf } from '../settings.ts';
import { folderStore } from './folder/settings.ts';
import { s3Store } from './s3/settings.ts';
import type { Store } from './store.ts';
import type { StoreProvider } from './store-provider.ts';

/** Where artifacts, logs and archived records can be kept, by the key that stands for each in `store`. */
export const STORES = { folder: folderStore, s3: s3Store };

/** The store as it is configured. */
export type StoreSettings = SettingsOf<typeof STORES>;

/** Opens the store; `secret` gives the value of a secret by its name, to whomever may read it. */
export async function openStore(settings: StoreSettings, secret: (name: string) => string): Promise<Store> {
  const opener = await (STORES[settings.kind] as StoreProvider).load();
  return await opener.openStore(settings, secret);
}
