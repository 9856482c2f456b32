import type { Authorization } from '../../contracts/activities.ts';
import type { LedgerEntry } from '../../release/ledger/entry.ts';
import { factsOf, wasLive } from '../../release/ledger/questions.ts';
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
export function requireApprovals(
  deps: ActivityDeps,
  product: ProductSettings,
  change: Change,
  entries: readonly LedgerEntry[] | undefined,
): void {
  if (change.change !== 'publish' && change.change !== 'environment_script') return;
  const authorization = change.authorization && takeKnown(change, change.authorization, entries);
  if (change.change === 'publish') {
    authorize(deps, authorization, { ...actOf(change), bytes: change.bytes });
    return;
  }
  if (!PROTECTED.includes(change.script)) return;
  const environment = product.environments.find(({ name }) => name === change.environment);
  if (environment?.kind !== 'production' || !environment.scripts[change.script]) return;
  const { commit, artifact, image } = change;
  if (isWayBack(change, entries)) return;
  const deploys = { commit, artifact, image };
  authorize(deps, authorization, { ...actOf(change), environment: environment.name, deploys });
  if (BEGINS.includes(change.script)) refuseFrozen(deps, environment, authorization, change);
}

/** A deployment of what was live there before, by an environment that has no rollback script. */
function isWayBack(
  { script, environment, version, releaseId }: Change<'environment_script'>,
  entries: readonly LedgerEntry[] | undefined,
): boolean {
  if (script !== 'deploy' || entries === undefined || !wasLive(entries, environment, version)) return false;
  const { started, planned } = factsOf(entries, releaseId);
  return !started?.kind.startsWith('deployment') && !planned.some((plan) => plan.version === version);
}

/** Who asked for it and who wrote it, as the ledger knows it: an input may name anybody. */
function takeKnown(
  { releaseId }: Change,
  authorization: Authorization,
  entries: readonly LedgerEntry[] | undefined,
): Authorization {
  if (entries === undefined) return authorization;
  const { started, planned } = factsOf(entries, releaseId);
  return {
    ...authorization,
    ...(started === undefined ? {} : { requestedBy: started.by }),
    authors: [...new Set([...authorization.authors, ...planned.flatMap(({ authors }) => authors)])],
  };
}

function actOf({ product, releaseId, version }: Change<'publish' | 'environment_script'>) {
  return { product, releaseId, version };
}
