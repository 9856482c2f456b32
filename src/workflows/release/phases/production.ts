import type { DeploymentResult } from '../../../contracts/workflows.ts';
import { planWaves } from '../../../release/policy/waves.ts';
import type { PublishedRelease, ShippedRelease } from '../../../release/values.ts';
import { shipOrThrow } from '../../deployment/start-deployment.ts';
import type { ReleaseRun } from '../../shared/release-run.ts';
import { noteNotConfigured, runStep } from '../../shared/run-step.ts';
import { type GoLive, ThawedGoLive } from './go-live.ts';
import { describeDeployment } from './staging.ts';
import { shipInWaves } from './waves.ts';

/** Deploys to production and watches it there. The deployment keeps its lease until the window has passed. */
export async function ship(
  run: ReleaseRun,
  published: PublishedRelease,
  goLive: GoLive,
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
  if (others.length > 0) return await shipInWaves(run, published, goLive, waves);
  const decision = new ThawedGoLive(run, goLive, [environment], published);
  await decision.renew();
  const result = await runStep(
    run,
    {
      id: 'production.deployment',
      title: `Deploy ${published.version} to ${environment.name}`,
      phase: 'production',
      decision,
      describe: (r: DeploymentResult) => r.reason,
    },
    () =>
      shipOrThrow(run, {
        ...describeDeployment(run, published),
        environment,
        strategy: published.policy.strategy,
        monitoring: published.policy.monitoring,
        authorization: decision.authorization,
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
