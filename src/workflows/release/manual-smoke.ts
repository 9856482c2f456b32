import { patched } from '@temporalio/workflow';
import type { DeployedTo, TestedRelease } from '../../release/values.ts';
import { awaitApproval } from '../shared/approval-gate.ts';
import type { ReleaseRun } from '../shared/release-run.ts';

type Tested = Omit<TestedRelease, 'gates'>;

/** Whether the product has a place where QA can look at the version before it goes live. A hotfix takes no such detour. */
export function isTriedInStaging({ settings, type }: Pick<Tested, 'settings' | 'type'>): boolean {
  const hasStaging = settings.environments.some(({ kind }) => kind === 'staging');
  return hasStaging && type !== 'hotfix' && patched('manual-smoke-in-staging');
}

/**
 * QA walks through the critical paths by hand: in staging, at its address, before the sign-off. `staging` is left out
 * where the product has none: then it is what was built that is tried.
 */
export async function smokeByHand(run: ReleaseRun, tested: Tested, staging?: DeployedTo): Promise<void> {
  const paths = tested.settings.criticalPaths;
  const phase = staging ? 'staging' : 'gates';
  const where = staging ? ` in ${staging.environment}: ${staging.url}` : '';
  await awaitApproval(run, {
    key: 'manual_smoke',
    step: `${phase}.manual_smoke`,
    phase,
    title: `Manual smoke of the critical paths of ${tested.version}${where}`,
    asks: paths,
    required: paths.length === 0 ? [] : tested.policy.manualSmoke,
    subject: tested.subject,
    approvals: tested.settings.approvals,
  });
}
