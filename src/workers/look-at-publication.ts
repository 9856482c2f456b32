import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProduct } from '../activities/deps.ts';
import { openProductRegistry } from '../activities/open-registry.ts';
import type { Installation } from '../config/installation.ts';
import type { Store } from '../providers/store/store.ts';
import { WORKER_MS } from '../release/policy/inner-times.ts';
import type { Publication } from '../release/values.ts';

/**
 * Fetches a publication back from its registry as a user would, from this machine, with the secrets that the role
 * `release` may read here, and compares it.
 * @returns the proof
 * @throws a RegistryConflict for other bytes, and whatever keeps the registry from being read
 */
export async function lookAtPublication(
  installation: Installation,
  store: Store,
  { product, version, publication }: { product: string; version: string; publication: Publication },
): Promise<string> {
  const workFolder = await mkdtemp(join(tmpdir(), 'windlass-verify-'));
  const signal = AbortSignal.timeout(WORKER_MS.lookAtPublication);
  const deps = {
    role: 'release',
    installation: { ...installation, workFolder },
    store,
    barrier: async () => undefined,
    signal: () => signal,
    attempt: () => 1,
    isOwned: () => true,
  } as const;
  try {
    const registry = await openProductRegistry(deps, findProduct(deps, product), publication.registry);
    return await registry.verify(publication, version);
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}
