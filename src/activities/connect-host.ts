import type { Host } from '../providers/host/host.ts';
import { openHost } from '../providers/host/hosts.ts';
import type { ProductSettings } from '../release/settings.ts';
import type { ActivityDeps } from './deps.ts';
import { takeSecret } from './deps.ts';

/** This worker's connection to the product's host. */
export async function connectHost(deps: ActivityDeps, product: Pick<ProductSettings, 'host'>): Promise<Host> {
  return await openHost(product, {
    takeToken: (name) => takeSecret(deps, name),
    signal: deps.signal(),
    store: deps.store,
  });
}
