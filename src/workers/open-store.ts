import type { Installation, SecretReader } from '../config/installation.ts';
import { readSecret } from '../config/secrets.ts';
import type { Store } from '../providers/store/store.ts';
import { openStore as openConfigured } from '../providers/store/stores.ts';

/**
 * Opens the store that the configuration names, as the process that asks: a bucket's key is a secret that this reader
 * must be allowed to read.
 * @throws SecretUnavailable where it may not, or where the secret is not there
 */
export async function openStore(installation: Installation, reader: SecretReader = 'api'): Promise<Store> {
  return await openConfigured(installation.store, (name) => readSecret(installation, name, reader));
}
