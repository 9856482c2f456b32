import type { Authorization } from '../../../contracts/activities.ts';
import type { DeploymentResult } from '../../../contracts/workflows.ts';
import { planWaves } from '../../../release/policy/waves.ts';
import type { PublishedRelease, ShippedRelease } from '../../../release/values.ts';
import { shipOrThrow } from '../../deployment/start-deployment.ts';
import { awaitThaw } from '../../environment/freeze.ts';
import type { ReleaseRun } from '../../shared/release-run.ts';
import { noteNotConfigured, runStep } from '../../shared/run-step.ts';
import { renewGoLive } from './go-live.ts';
import { describeDeployment } from './staging.ts';
import { shipInWaves } from './waves.ts';

/** Deploys to production and watches it there. The deployment keeps its lease until the window has passed. */
export async function ship(
  run: ReleaseRun,
  published: PublishedRelease,
  authorization: Authorization,
): Promise<ShippedRelease> {
  run.apply({ event: 'phase_entered', phase: 'production' });
  const waves = planWaves(published.settings.environments);
  const [environment, ...others] = waves.flat();
  if (!environment) {
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
  if (others.length > 0) return await shipInWaves(run, published, authorization, waves);
  const freezeOverrides = await awaitThaw(run, environment, published);
  // A freeze may last longer than an approval counts.
  const approved = await renewGoLive(run, published, authorization);
  const thawed = { ...approved, ...(freezeOverrides.length === 0 ? {} : { freezeOverrides }) };
  const result = await runStep(
    run,
    {
      id: 'production.deployment',
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
  return {
    ...published,
    ...(result.deployed === undefined ? {} : { production: result.deployed }),
    monitoring: describeMonitoring(result),
  };
}

function describeMonitoring(result: DeploymentResult): ShippedRelease['monitoring'] {
  return { status: result.monitoring ?? 'not_configured', summary: result.reason };
}
