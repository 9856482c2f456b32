import { patched } from '@temporalio/workflow';
import type { ReleasedVersion } from '../../contracts/release-answers.ts';
import type { DeploymentResult, DeployVersionInput, ReleaseResult } from '../../contracts/workflows.ts';
import { digestOf } from '../../release/digest.ts';
import { compareVersions, isVersion } from '../../release/plan/version.ts';
import { explainGoLive, listGoLive } from '../../release/policy/approval-rules.ts';
import type { PlanRecord } from '../../release/record/record.ts';
import type { EnvironmentSettings, ProductSettings } from '../../release/settings.ts';
import { subjectOf } from '../../release/subject.ts';
import { nameRole } from '../../release/views/words.ts';
import { shipOrThrow } from '../deployment/start-deployment.ts';
import { endRelease } from '../release/end-release.ts';
import { GoLive, ThawedGoLive } from '../release/phases/go-live.ts';
import { ReplacedMeanwhile } from '../shared/interrupts.ts';
import type { ReleaseRun } from '../shared/release-run.ts';
import { runStep } from '../shared/run-step.ts';
import { deployable, describeReleased, findVersion, mistake, readRunning } from './find-production.ts';
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
    // Approvers decide on what it replaces as well. While it waits, another version may go live: then they are asked anew.
    let runs = await readRuns(run, environment, found);
    for (;;) {
      const replaces = runs === found.version ? undefined : runs;
      run.apply({
        event: 'planned',
        plan: describePlan(settings, found, replaces),
        title: `${settings.title} ${found.version}`,
      });
      const decision =
        environment.kind === 'production'
          ? await askForDeployment(run, settings, environment, found, replaces)
          : undefined;
      const about = { environment, found, strategy: input.strategy, decision, runs };
      try {
        const { reason } = await deployFound(run, settings, about);
        await endRelease(run, 'completed', reason);
        return;
      } catch (error) {
        if (!(error instanceof ReplacedMeanwhile)) throw error;
        runs = error.runs;
      }
    }
  });
}

/** What production runs when the question is asked; nothing where the environment cannot say. */
async function readRuns(
  run: ReleaseRun,
  environment: EnvironmentSettings,
  found: ReleasedVersion,
): Promise<string | undefined> {
  const canSay = environment.kind === 'production' && environment.scripts.status !== undefined;
  if (!canSay || !patched('asked-anew')) return undefined;
  const { version } = await readRunning(run, environment, found);
  return version;
}

/** The plan as approvers see it: with what it would replace, first of all where that is newer. */
function describePlan(
  settings: ProductSettings,
  found: ReleasedVersion,
  replaces: string | undefined,
): PlanRecord {
  const plan = describeReleased(settings, found);
  if (replaces === undefined) return plan;
  const isOlder = isVersion(replaces) && compareVersions(found.version, replaces) < 0;
  const concerns = isOlder
    ? [`it takes the place of ${replaces}, which is newer`, ...plan.concerns]
    : plan.concerns;
  const planHash = digestOf({ released: found.version, commit: found.commit, replaces });
  return { ...plan, previousVersion: replaces, concerns, planHash };
}

async function askForDeployment(
  run: ReleaseRun,
  settings: ProductSettings,
  environment: EnvironmentSettings,
  found: ReleasedVersion,
  replaces: string | undefined,
): Promise<ThawedGoLive> {
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
  // What it changes is known of its release only, not of the step from what runs here: every such rule holds.
  const about = { type: found.type, environments: [environment.name] };
  run.apply({ event: 'subject_known', subject });
  const goLive = new GoLive(
    run,
    {
      key: 'go_live',
      step: 'go_live.approval',
      phase: 'go_live',
      title: `Deploy ${settings.title} ${found.version} to production${replaces === undefined ? '' : ` in place of ${replaces}`}?`,
      required: listGoLive(settings, about),
      asks: explainGoLive(settings, about, nameRole),
      environments: about.environments,
      subject,
      approvals: settings.approvals,
    },
    { parts, requestedBy: run.record.request.requestedBy, authors: [] },
  );
  await goLive.ask();
  const decision = new ThawedGoLive(run, goLive, [environment], {
    version: found.version,
    subject,
    authors: [],
  });
  await decision.thaw();
  return decision;
}

async function deployFound(
  run: ReleaseRun,
  settings: ProductSettings,
  about: {
    environment: EnvironmentSettings;
    found: ReleasedVersion;
    strategy: DeployVersionInput['strategy'];
    decision: ThawedGoLive | undefined;
    /** What production ran when it was decided. */
    runs: string | undefined;
  },
): Promise<DeploymentResult> {
  const { environment, found, strategy, decision, runs } = about;
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
        ...(decision === undefined ? {} : { authorization: decision.authorization }),
        ...(runs === undefined ? {} : { replaces: runs }),
        round: run.control.deployments,
        priority: 'release',
        reportTo: run.workflowId,
      });
    },
  );
}
