import type { DeploymentContext } from '../deployment-context.ts';

/**
 * Does the same to several instances at once. When one fails, the others are waited for before the failure is told:
 * nothing of a deployment may still run when the environment is put back.
 */
export async function forEachInstance(
  instances: readonly number[],
  work: (instance: number) => Promise<unknown>,
): Promise<void> {
  const results = await Promise.allSettled(instances.map(work));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

/** The numbers of all instances, from 1. */
export function listInstances(context: DeploymentContext): number[] {
  return Array.from({ length: context.input.environment.instances }, (_, index) => index + 1);
}
