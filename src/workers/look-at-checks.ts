import { sampleChecks } from '../activities/support/sample-checks.ts';
import type { Installation } from '../config/installation.ts';
import type { Sample } from '../release/verdict/check.ts';
import { openStore } from './open-store.ts';

/** The time that a first look covers, in milliseconds: what monitoring's shortest interval would see. */
const LOOK_MS = 60_000;
/** Checks are looked at side by side, each with a limit of its own; this ends what keeps to none. */
const LONGEST_MS = 120_000;

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
  const signal = AbortSignal.timeout(LONGEST_MS);
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
    since: new Date(now.getTime() - LOOK_MS).toISOString(),
    deployedAt: now.toISOString(),
  });
  const own = samples.filter(({ group }) => group === 'candidate');
  return new Map(own.map((sample) => [sample.check, sample]));
}
