import { sampleChecks } from '../activities/support/sample-checks.ts';
import type { Installation } from '../config/installation.ts';
import { WORKER_MS } from '../release/policy/inner-times.ts';
import type { Sample } from '../release/verdict/check.ts';
import { openStore } from './open-store.ts';

/**
 * One look at every check of an environment from this machine, with the secrets that the role `support` may read here:
 * the samples of what runs there, by the names of their checks. Total: what gives no value says why.
 */
export async function lookAtChecks(
  installation: Installation,
  product: string,
  environment: string,
): Promise<Map<string, Sample>> {
  const now = new Date();
  const signal = AbortSignal.timeout(WORKER_MS.allChecks);
  const look = sampleChecks({
    role: 'support',
    installation,
    store: await openStore(installation, 'support'),
    barrier: async () => undefined,
    signal: () => signal,
    attempt: () => 1,
    isOwned: () => true,
  });
  const { samples } = await look({
    product,
    releaseId: 'config-check',
    environment,
    since: new Date(now.getTime() - WORKER_MS.lookAtChecks).toISOString(),
    deployedAt: now.toISOString(),
  });
  const own = samples.filter(({ group }) => group === 'candidate');
  return new Map(own.map((sample) => [sample.check, sample]));
}
