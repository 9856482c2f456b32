import { ApplicationFailure, getExternalWorkflowHandle } from '@temporalio/workflow';
import type { Authorization } from '../../../contracts/activities.ts';
import { INTERNAL_SIGNALS } from '../../../contracts/internal-signals.ts';
import { deploymentWorkflowId } from '../../../contracts/workflow-ids.ts';
import type { DeploymentInput, DeploymentResult, Steer } from '../../../contracts/workflows.ts';
import type { Asked } from '../../../release/record/control.ts';
import type { FailureInfo } from '../../../release/record/record.ts';
import type { EnvironmentSettings } from '../../../release/settings.ts';
import type { PublishedRelease, ShippedRelease } from '../../../release/values.ts';
import { runDeployment } from '../../deployment/start-deployment.ts';
import { RolledBack } from '../../shared/interrupts.ts';
import type { ReleaseRun } from '../../shared/release-run.ts';
import { runStep } from '../../shared/run-step.ts';
import { goBackEverywhere, type Live } from './go-back-everywhere.ts';
import { type GoLive, ThawedGoLive } from './go-live.ts';
import { describeDeployment } from './staging.ts';

interface Ended {
  environment: EnvironmentSettings;
  result: DeploymentResult;
}

/**
 * Deploys to several production environments, wave after wave, those of one wave at the same time; each has its own
 * lease, freeze, canary and monitoring. A wave that fails stops the next, and policy says whether what runs the new
 * version by then goes back too.
 */
export async function shipInWaves(
  run: ReleaseRun,
  published: PublishedRelease,
  goLive: GoLive,
  waves: EnvironmentSettings[][],
): Promise<ShippedRelease> {
  const live: Live[] = [];
  let goBack: Asked | undefined;
  for (const [index, wave] of waves.entries()) {
    const names = wave.map(({ name }) => name).join(', ');
    await runStep(
      run,
      {
        id: `production.wave_${index + 1}`,
        title: `Deploy ${published.version} to ${names} (wave ${index + 1} of ${waves.length})`,
        phase: 'production',
        describe: () => `${published.version} is live in ${names}`,
        // Each try looks at freezes and expired approvals by itself.
        decision: { renew: async () => undefined, askAgain: () => goLive.askAgain() },
        // With the version live elsewhere, going back is a way on as well.
        goBack: {
          isPossible: () => live.length > 0,
          choose: (asked) => {
            goBack = asked;
          },
        },
      },
      async () => {
        if (goBack) {
          const helped = await goBackEverywhere(run, published, live, `${goBack.by} asked for it`);
          throw new RolledBack(`${goBack.by} asked for it: ${goBack.reason}`, helped);
        }
        const missing = wave.filter(({ name }) => !live.some((one) => one.environment.name === name));
        // Each environment's own freeze, and approvals that still count.
        const decision = new ThawedGoLive(run, goLive, missing, published);
        await decision.renew();
        await shipWave(run, published, decision.authorization, missing, live);
      },
    );
  }
  const endedEarly = live.some(({ monitoring }) => monitoring === 'ended_early');
  const watched = live.some(({ monitoring }) => monitoring !== undefined);
  return {
    ...published,
    ...(live[0] === undefined ? {} : { production: live[0].deployed }),
    monitoring: {
      status: endedEarly ? 'ended_early' : watched ? 'passed' : 'not_configured',
      summary: live.map(({ environment, reason }) => `${environment.name}: ${reason}`).join('; '),
    },
  };
}

async function shipWave(
  run: ReleaseRun,
  published: PublishedRelease,
  authorization: Authorization,
  wave: EnvironmentSettings[],
  live: Live[],
): Promise<void> {
  const goesBack = published.settings.release.onFailedWave !== 'stop';
  const inputs = wave.map(
    (environment): DeploymentInput => ({
      ...describeDeployment(run, published),
      environment,
      strategy: published.policy.strategy,
      monitoring: published.policy.monitoring,
      authorization,
      named: true,
    }),
  );
  const names = wave.map(({ name }) => name).join(', ');
  run.set(
    'noAbort',
    `${names} ${wave.length === 1 ? 'is' : 'are'} changing: wait until it is whole, or ask for a rollback`,
  );
  const running = new Set(inputs);
  try {
    const settled = await Promise.allSettled(
      inputs.map(async (input) => {
        const result = await shipOne(run, input);
        running.delete(input);
        if (result.outcome === 'deployed' && result.deployed) live.push(describeLive(input, result));
        else if (goesBack) await recall([...running], input.environment.name);
        return { environment: input.environment, result };
      }),
    );
    const broken = settled.find((one) => one.status === 'rejected');
    if (broken) throw broken.reason;
    const ended = settled.map((one) => (one as PromiseFulfilledResult<Ended>).value);
    const failed = ended.filter(({ result }) => result.outcome !== 'deployed');
    if (failed.length > 0) await answerFailure(run, published, failed, live, goesBack);
  } finally {
    run.clear('noAbort');
  }
}

async function shipOne(run: ReleaseRun, input: DeploymentInput): Promise<DeploymentResult> {
  const { name } = input.environment;
  const id = `production.deployment.${name}`;
  const title = `Deploy ${input.version} to ${name}`;
  run.apply({ event: 'step_started', id, title, phase: 'production' });
  const result = await runDeployment(run, input);
  if (result.outcome === 'deployed') run.apply({ event: 'step_done', id, detail: result.reason });
  else
    run.apply({ event: 'step_failed', id, failure: describe([{ environment: input.environment, result }]) });
  return result;
}

function describeLive(input: DeploymentInput, result: DeploymentResult): Live {
  return {
    environment: input.environment,
    deployed: result.deployed!,
    round: input.round,
    reason: result.reason,
    ...(result.monitoring === undefined ? {} : { monitoring: result.monitoring }),
  };
}

/** What is on its way beside an environment that failed makes room, as it would for a hotfix: the safe direction. */
async function recall(inputs: DeploymentInput[], failed: string): Promise<void> {
  for (const { product, environment, releaseId, round } of inputs) {
    const steer: Steer = {
      what: 'park',
      by: `the failure in ${failed}`,
      reason: 'policy takes a failed wave back',
      verified: false,
    };
    await getExternalWorkflowHandle(deploymentWorkflowId(product, environment.name, releaseId, round))
      .signal(INTERNAL_SIGNALS.steer, steer)
      // It ended in between.
      .catch(() => undefined);
  }
}

async function answerFailure(
  run: ReleaseRun,
  published: PublishedRelease,
  failed: Ended[],
  live: Live[],
  goesBack: boolean,
): Promise<void> {
  const details = describe(failed, live);
  const wasLive = failed.some(({ result }) => ['rolled_back', 'rollback_failed'].includes(result.outcome));
  const helped = !failed.some(({ result }) => result.outcome === 'rollback_failed');
  if (live.length === 0 && wasLive) throw new RolledBack(details.what, helped);
  if (goesBack && live.length > 0) {
    const names = live.map(({ environment }) => environment.name).join(', ');
    const allHelped = await goBackEverywhere(run, published, live, details.what);
    throw new RolledBack(`${details.what}; ${names} went back too`, helped && allHelped);
  }
  throw ApplicationFailure.create({
    message: details.what,
    type: details.type,
    nonRetryable: true,
    details: [details],
  });
}

function describe(failed: Ended[], live: Live[] = []): FailureInfo {
  const stays = live.map(({ environment, deployed }) => `${environment.name} runs ${deployed.version}`);
  const back = failed.map(({ environment, result }) =>
    result.outcome === 'failed_before_change'
      ? `nothing in ${environment.name}`
      : `${environment.name} runs ${result.deployed?.version ?? 'the version before'} again`,
  );
  const refused = failed.every(({ result }) => result.failure === 'NotAuthorized');
  return {
    type: refused ? 'NotAuthorized' : 'DeploymentFailed',
    what: failed.map(({ environment, result }) => `${environment.name}: ${result.reason}`).join('; '),
    changed: [...stays, ...back].join('; '),
    next: `look into the log, mend the cause, then retry${live.length > 0 ? '; rollback takes it back everywhere' : ''}; or abort`,
  };
}
