import type { DeploymentInput } from '../../../contracts/workflows.ts';
import { rehearse } from '../../../release/policy/strategies.ts';
import type { DeployedTo, StagedRelease, TestedRelease } from '../../../release/values.ts';
import { deploymentFailed, runDeployment } from '../../deployment/start-deployment.ts';
import { awaitApproval } from '../../shared/approval-gate.ts';
import type { ReleaseRun } from '../../shared/release-run.ts';
import { noteNotConfigured, runStep } from '../../shared/run-step.ts';
import { isTriedInStaging, smokeByHand } from '../manual-smoke.ts';

/** Deploys to every staging environment, with a smoke test; QA tries it by hand and signs off. A product without one goes on. */
export async function stage(run: ReleaseRun, tested: TestedRelease): Promise<StagedRelease> {
  run.apply({ event: 'phase_entered', phase: 'staging' });
  const environments = tested.settings.environments.filter((e) => e.kind === 'staging');
  if (environments.length === 0) {
    noteNotConfigured(
      run,
      { id: 'staging.deployment', title: 'Deploy to staging', phase: 'staging' },
      'the product has no staging environment',
    );
    return tested;
  }
  let staging: DeployedTo | undefined;
  for (const environment of environments) {
    staging = await runStep(
      run,
      {
        id: environments.length === 1 ? 'staging.deployment' : `staging.deployment.${environment.name}`,
        title: `Deploy ${tested.version} to ${environment.name}`,
        phase: 'staging',
        describe: (d: DeployedTo) => `${d.version} answers at ${d.url}`,
      },
      async () => {
        const input: DeploymentInput = {
          ...describeDeployment(run, tested),
          environment,
          ...(environments.length === 1 ? {} : { named: true }),
          strategy: rehearse(tested.policy.strategy, environment.scripts.traffic !== undefined),
        };
        const result = await runDeployment(run, input);
        if (result.outcome !== 'deployed' || !result.deployed) throw deploymentFailed(result, input);
        return result.deployed;
      },
    );
  }
  const byHand = staging !== undefined && isTriedInStaging(tested);
  if (byHand) await smokeByHand(run, tested, staging);
  const walked = byHand && tested.policy.manualSmoke.length > 0;
  await awaitApproval(run, {
    key: 'staging_sign_off',
    step: 'staging.sign_off',
    phase: 'staging',
    title: `Sign off ${tested.version} on staging`,
    asks: [
      // Whoever walked through them a moment ago is not asked again.
      ...(walked ? [] : tested.settings.criticalPaths),
      'Are there issues that only staging shows? Put them into the comment',
    ],
    required: tested.policy.stagingSignOff,
    subject: tested.subject,
    approvals: tested.settings.approvals,
  });
  return staging ? { ...tested, staging } : tested;
}

/** What every deployment of this release has in common. Each try is a deployment of its own. */
export function describeDeployment(
  run: ReleaseRun,
  tested: TestedRelease,
): Omit<DeploymentInput, 'environment' | 'strategy'> {
  run.apply({ event: 'deployment_counted' });
  const { settings, request } = tested;
  return {
    releaseId: request.releaseId,
    product: request.product,
    version: tested.version,
    ...(tested.previousVersion === undefined ? {} : { previous: { version: tested.previousVersion } }),
    commit: tested.commit,
    bundle: tested.bundle,
    ...(tested.artifact === undefined ? {} : { artifact: tested.artifact }),
    ...(tested.image === undefined ? {} : { image: `${tested.image.repository}@${tested.image.digest}` }),
    type: tested.type,
    severity: settings.severity,
    rollbackOnFailure: settings.release.rollbackOnFailure,
    migrationsBackwardCompatible: settings.migrationsBackwardCompatible,
    round: run.control.deployments,
    priority: tested.type === 'hotfix' ? 'hotfix' : 'release',
    reportTo: run.workflowId,
  };
}
