import type { Keys, ProviderSettings } from '../settings.ts';
import type { Store } from './store.ts';

/** What a place for bytes owes: a `Store`, opened. Every process opens it, so every role may read its secrets. */
export interface StoreProvider<K extends Keys = Keys, Settings extends object = object>
  extends ProviderSettings<K, Settings> {
  /** Its client, loaded by whoever opens it. */
  load(): Promise<StoreOpener<NoInfer<Settings>>>;
}

export interface StoreOpener<Settings extends object> {
  /** @throws whatever `secret` throws */
  openStore(settings: Settings, secret: (name: string) => string): Promise<Store>;
}

/** Keeps a provider's own types together. */
export function defineStore<const K extends Keys, Settings extends object>(
  provider: StoreProvider<K, Settings>,
): StoreProvider<K, Settings> {
  return provider;
}
