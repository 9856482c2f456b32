import type { Client } from '@temporalio/client';
import type { SupportActivities } from '../../contracts/activities.ts';
import type { ActivityDeps } from '../deps.ts';
import { guardActivities } from '../policy/guard.ts';
import { preflight } from '../preflight/preflight.ts';
import { smokeEnvironment } from '../run-environment-script.ts';
import { awaitTakeBack } from './await-take-back.ts';
import { notify } from './notify.ts';
import { sampleChecks } from './sample-checks.ts';
import { awaitDeployment, awaitRollback, isWorkflowOpen, readHolder } from './watch-workflows.ts';

/** What support does: production smoke, metrics, notifications, and looking after workflows that run already. */
export function createSupportActivities(deps: ActivityDeps, client: Client): SupportActivities {
  return guardActivities(deps, {
    preflight: preflight(deps),
    smokeEnvironment: smokeEnvironment(deps),
    sampleChecks: sampleChecks(deps),
    notify: notify(deps),
    awaitDeployment: awaitDeployment(client),
    awaitRollback: awaitRollback(client),
    awaitTakeBack: awaitTakeBack(client),
    isWorkflowOpen: isWorkflowOpen(client),
    readHolder: readHolder(client),
  });
}
