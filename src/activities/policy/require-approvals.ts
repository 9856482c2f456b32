import type { EnvironmentScriptName, ProductSettings } from '../../release/settings.ts';
import type { ActivityDeps } from '../deps.ts';
import { authorize, refuseFrozen } from './authorize.ts';
import type { Change } from './change.ts';

/** Scripts that a production release may run only with its approvals. */
const PROTECTED: readonly EnvironmentScriptName[] = ['backup', 'deploy', 'migrate', 'traffic'];

/** With these a change of production begins; a freeze refuses them. */
const BEGINS: readonly EnvironmentScriptName[] = ['backup', 'deploy'];

/**
 * What is published or reaches production needs the approvals that the configuration asks for, of exactly this commit
 * and these bytes. Going back needs none: it is the safe direction.
 * @throws `NotAuthorized`
 */
export function requireApprovals(deps: ActivityDeps, product: ProductSettings, change: Change): void {
  if (change.change === 'publish') {
    authorize(deps, change.authorization, { ...actOf(change), bytes: change.bytes });
    return;
  }
  if (change.change !== 'environment_script' || !PROTECTED.includes(change.script)) return;
  const environment = product.environments.find(({ name }) => name === change.environment);
  if (environment?.kind !== 'production' || !environment.scripts[change.script]) return;
  const { commit, artifact, image } = change;
  const deploys = { commit, artifact, image };
  authorize(deps, change.authorization, { ...actOf(change), environment: environment.name, deploys });
  if (BEGINS.includes(change.script)) refuseFrozen(deps, environment, change.authorization, change);
}

function actOf({ product, releaseId, version }: Change<'publish' | 'environment_script'>) {
  return { product, releaseId, version };
}
