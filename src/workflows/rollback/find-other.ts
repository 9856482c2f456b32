import type { RollbackInput } from '../../contracts/workflows.ts';
import type { RoleActivities } from '../shared/role-activities.ts';

/**
 * Another version than the one that is to go: what went live while the rollback waited for its turn is not taken back
 * with it. `undefined` too where the environment does not say; going back is the safe direction then.
 */
export async function findOther(
  activities: RoleActivities,
  { product, releaseId, environment, bad, to, strategy, bundle }: RollbackInput,
): Promise<string | undefined> {
  if (!environment.scripts.status || bad.commit === undefined) return undefined;
  try {
    const { output } = await activities.devops(`what does ${environment.name} run?`).runEnvironmentScript({
      product,
      releaseId,
      environment: environment.name,
      script: 'status',
      target: 'before-going-back',
      version: '',
      commit: bad.commit,
      ...(bundle === undefined ? {} : { bundle }),
      strategy,
      generation: 0,
    });
    const { version } = output;
    if (typeof version !== 'string' || version === '') return undefined;
    return version === bad.version || version === to.version ? undefined : version;
  } catch {
    return undefined;
  }
}
