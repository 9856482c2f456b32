import type { Authorization } from '../../contracts/activities.ts';
import type { DeploymentResult, DeployVersionInput, ReleaseResult } from '../../contracts/workflows.ts';
import type { EnvironmentSettings, ProductSettings } from '../../release/settings.ts';
import { subjectOf } from '../../release/subject.ts';
import { shipOrThrow } from '../deployment/start-deployment.ts';
import { awaitThaw } from '../environment/freeze.ts';
import { endRelease } from '../release/end-release.ts';
import { GoLive } from '../release/phases/go-live.ts';
import type { ReleaseRun } from '../shared/release-run.ts';
import { runStep, type StepDecision } from '../shared/run-step.ts';
import { deployable, describeReleased, findVersion, mistake } from './find-production.ts';
import { runOperation } from './run-operation.ts';

/**
 * Deploys a version that is released already: the same lease, approvals, strategies, monitoring and rollback as a
 * release. Its bytes are those of its release, from the store, or from a registry by the digest that it states.
 */
export async function deployVersion(input: DeployVersionInput): Promise<ReleaseResult> {
  return await runOperation('deployment', input.request, async (run, settings) => {
    const environment = settings.environments.find((candidate) => candidate.name === input.environment);
    if (!environment) {
      const names = settings.environments.map((candidate) => candidate.name).join(', ');
      throw mistake(
        `${settings.name} has no environment "${input.environment}": use one of ${names || '(none)'}`,
      );
    }
    const found = await findVersion(run, { version: input.request.version });
    run.apply({
      event: 'planned',
      plan: describeReleased(settings, found),
      title: `${settings.title} ${found.version}`,
    });
    const goLive =
      environment.kind === 'production'
        ? await askForDeployment(run, settings, environment, found)
        : undefined;
    const result = await deployFound(run, settings, environment, found, input.strategy, goLive);
    await endRelease(run, 'completed', result.reason);
  });
}

async function askForDeployment(
  run: ReleaseRun,
  settings: ProductSettings,
  environment: EnvironmentSettings,
  found: Awaited<ReturnType<typeof findVersion>>,
): Promise<DeploymentDecision> {
  const planHash = run.record.plan?.planHash ?? '';
  const image = found.image?.split('@').at(-1);
  const parts = {
    product: settings.name,
    version: found.version,
    type: found.type,
    planHash,
    commit: found.commit,
    // Of a product with images only, the image is what is deployed.
    artifact: found.artifact?.digest ?? image ?? '',
    ...(image === undefined ? {} : { image }),
  };
  const subject = subjectOf(parts);
  run.apply({ event: 'subject_known', subject });
  const goLive = new GoLive(
    run,
    {
      key: 'go_live',
      step: 'go_live.approval',
      phase: 'go_live',
      title: `Deploy ${settings.title} ${found.version} to production?`,
      required: settings.policy[found.type].goLiveApprovals,
      subject,
      approvals: settings.approvals,
    },
    { parts, requestedBy: run.record.request.requestedBy, authors: [] },
  );
  await goLive.ask();
  const { version } = found;
  const thaw = () => awaitThaw(run, environment, { version, subject, authors: [] });
  let freezeOverrides = await thaw();
  return {
    renew: async () => {
      freezeOverrides = await thaw();
      await goLive.renew();
    },
    askAgain: () => goLive.askAgain(),
    read: () => ({
      ...goLive.authorization,
      ...(freezeOverrides.length === 0 ? {} : { freezeOverrides }),
    }),
  };
}

/** Whether the deployment may be done, as it stands at each try. */
interface DeploymentDecision extends StepDecision {
  read(): Authorization;
}

async function deployFound(
  run: ReleaseRun,
  settings: ProductSettings,
  environment: EnvironmentSettings,
  found: Awaited<ReturnType<typeof findVersion>>,
  strategy: DeployVersionInput['strategy'],
  decision: DeploymentDecision | undefined,
): Promise<DeploymentResult> {
  const policy = settings.policy[found.type];
  return await runStep(
    run,
    {
      id: `${environment.kind}.deployment`,
      title: `Deploy ${found.version} to ${environment.name}`,
      phase: environment.kind,
      ...(decision === undefined ? {} : { decision }),
      describe: (r: DeploymentResult) => r.reason,
    },
    () => {
      run.apply({ event: 'deployment_counted' });
      return shipOrThrow(run, {
        releaseId: run.record.releaseId,
        product: settings.name,
        environment,
        version: found.version,
        commit: found.commit,
        ...deployable(found),
        type: found.type,
        strategy: strategy ?? policy.strategy,
        ...(environment.kind === 'production' ? { monitoring: policy.monitoring } : {}),
        severity: settings.severity,
        rollbackOnFailure: settings.release.rollbackOnFailure,
        migrationsBackwardCompatible: settings.migrationsBackwardCompatible,
        ...(decision === undefined ? {} : { authorization: decision.read() }),
        round: run.control.deployments,
        priority: 'release',
        reportTo: run.workflowId,
      });
    },
  );
}
