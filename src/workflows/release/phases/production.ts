import type { Authorization } from '../../../contracts/activities.ts';
import type { DeploymentResult } from '../../../contracts/workflows.ts';
import type { PublishedRelease, ShippedRelease } from '../../../release/values.ts';
import { shipOrThrow } from '../../deployment/start-deployment.ts';
import { awaitThaw } from '../../environment/freeze.ts';
import type { ReleaseRun } from '../../shared/release-run.ts';
import { noteNotConfigured, runStep } from '../../shared/run-step.ts';
import { renewGoLive } from './go-live.ts';
import { describeDeployment } from './staging.ts';

/** Deploys to production and watches it there. The deployment keeps its lease until the window has passed. */
export async function ship(
  run: ReleaseRun,
  published: PublishedRelease,
  authorization: Authorization,
): Promise<ShippedRelease> {
  run.apply({ event: 'phase_entered', phase: 'production' });
  const environments = published.settings.environments.filter((e) => e.kind === 'production');
  if (environments.length === 0) {
    const reason = 'the product has no production environment';
    noteNotConfigured(
      run,
      { id: 'production.deployment', title: 'Deploy to production', phase: 'production' },
      reason,
    );
    noteNotConfigured(
      run,
      { id: 'monitoring.window', title: 'Monitor production', phase: 'monitoring' },
      reason,
    );
    return { ...published, monitoring: { status: 'not_configured', summary: reason } };
  }
  let shipped: ShippedRelease = {
    ...published,
    monitoring: { status: 'not_configured', summary: 'nothing is monitored' },
  };
  for (const environment of environments) {
    const freezeOverrides = await awaitThaw(run, environment, published);
    // A freeze may last longer than an approval counts.
    const approved = await renewGoLive(run, published, authorization);
    const thawed = { ...approved, ...(freezeOverrides.length === 0 ? {} : { freezeOverrides }) };
    const result = await runStep(
      run,
      {
        id: environments.length === 1 ? 'production.deployment' : `production.deployment.${environment.name}`,
        title: `Deploy ${published.version} to ${environment.name}`,
        phase: 'production',
        describe: (r: DeploymentResult) => r.reason,
      },
      () =>
        shipOrThrow(run, {
          ...describeDeployment(run, published),
          environment,
          strategy: published.policy.strategy,
          monitoring: published.policy.monitoring,
          authorization: thawed,
        }),
    );
    if (result.deployed) shipped = { ...shipped, production: result.deployed };
    shipped = { ...shipped, monitoring: describeMonitoring(result) };
  }
  return shipped;
}

function describeMonitoring(result: DeploymentResult): ShippedRelease['monitoring'] {
  return { status: result.monitoring ?? 'not_configured', summary: result.reason };
}
