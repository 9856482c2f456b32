import type { Rig } from '../deployment-rig.ts';

/**
 * Does the same to several instances at once. When one fails, the others are waited for before the failure is told:
 * nothing of a deployment may still run when the environment is put back.
 */
export async function forEachInstance(
  instances: readonly number[],
  run: (instance: number) => Promise<unknown>,
): Promise<void> {
  const results = await Promise.allSettled(instances.map(run));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

/** The numbers of all instances, from 1. */
export function listInstances(rig: Rig): number[] {
  return Array.from({ length: rig.input.environment.instances }, (_, index) => index + 1);
}
