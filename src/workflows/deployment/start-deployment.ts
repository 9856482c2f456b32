import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowCancellationType,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { INTERNAL_SIGNALS } from '../../contracts/internal-signals.ts';
import { deploymentWorkflowId, WORKFLOW_TYPES } from '../../contracts/workflow-ids.ts';
import type { DeploymentInput, DeploymentResult, Steer } from '../../contracts/workflows.ts';
import { joinDeployment, leaveDeployment } from '../../release/record/control.ts';
import type { FailureInfo } from '../../release/record/record.ts';
import { ReplacedMeanwhile, RolledBack } from '../shared/interrupts.ts';
import type { ReleaseRun } from '../shared/release-run.ts';

/**
 * Runs a deployment as a child that outlives its parent: should the release be terminated or reset from the Web UI,
 * the deployment still puts its environment right. A release that was reset finds its deployment running and joins it.
 */
export async function runDeployment(run: ReleaseRun, input: DeploymentInput): Promise<DeploymentResult> {
  const workflowId = deploymentWorkflowId(
    input.product,
    input.environment.name,
    input.releaseId,
    input.round,
  );
  run.apply({
    event: 'environment',
    environment: {
      name: input.environment.name,
      kind: input.environment.kind,
      url: input.environment.url,
      strategy: input.strategy,
      deploymentId: workflowId,
    },
  });
  const steer = async (command: Steer) => {
    await getExternalWorkflowHandle(workflowId).signal(INTERNAL_SIGNALS.steer, command);
  };
  const connect = async () => {
    const production = input.environment.kind === 'production';
    run.set('deployment', joinDeployment(run.control.deployment, workflowId, production));
    // Held while the deployment was being started, when it could not be told yet.
    const { held } = run.record;
    if (!held) return;
    // A deployment that is over already has nothing left to hold.
    await steer({ what: 'hold', by: held.by, reason: held.reason, verified: false }).catch(() => undefined);
  };
  try {
    // Not cancelled with its step: an environment is never left in the middle of a change.
    return await CancellationScope.nonCancellable(() => startOrJoin(run, workflowId, input, steer, connect));
  } finally {
    const left = leaveDeployment(run.control.deployment, workflowId);
    if (left) run.set('deployment', left);
    else run.clear('deployment');
  }
}

/**
 * Runs a deployment to production as the work of a step, which cannot be aborted meanwhile. A version that was taken
 * back ends the whole flow; one that was put back before it was live fails the step.
 */
export async function shipOrThrow(run: ReleaseRun, input: DeploymentInput): Promise<DeploymentResult> {
  run.set('noAbort', `${input.environment.name} is changing: wait until it is whole, or ask for a rollback`);
  try {
    const result = await runDeployment(run, input);
    if (result.outcome === 'rolled_back') throw new RolledBack(result.reason, true);
    if (result.outcome === 'rollback_failed') throw new RolledBack(result.reason, false);
    if (result.outcome === 'replaced_meanwhile')
      throw new ReplacedMeanwhile(result.reason, result.runs ?? '');
    if (result.outcome !== 'deployed') throw deploymentFailed(result, input);
    return result;
  } finally {
    run.clear('noAbort');
  }
}

async function startOrJoin(
  run: ReleaseRun,
  workflowId: string,
  input: DeploymentInput,
  steer: (command: Steer) => Promise<void>,
  connect: () => Promise<void>,
): Promise<DeploymentResult> {
  try {
    const child = await startChild(WORKFLOW_TYPES.deployment, {
      workflowId,
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      staticSummary: `${input.product} ${input.version} to ${input.environment.name} (${input.strategy})`,
    });
    await connect();
    return (await child.result()) as DeploymentResult;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    await steer({
      what: 'attach',
      by: 'windlass',
      reason: 'the release was reset',
      verified: true,
      reportTo: workflowInfo().workflowId,
    }).catch(() => undefined);
    await connect();
    const { workflowId: own, firstExecutionRunId } = workflowInfo();
    return await run.activities
      .support(`join the deployment to ${input.environment.name} that runs already`)
      .awaitDeployment({ workflowId, startedBy: { workflowId: own, runId: firstExecutionRunId } });
  }
}

/** The failure of a deployment that put the old version back, as the release's step tells it. */
export function deploymentFailed(result: DeploymentResult, input: DeploymentInput): ApplicationFailure {
  const untouched = result.outcome === 'failed_before_change';
  const details: FailureInfo = {
    type: result.failure === 'NotAuthorized' ? 'NotAuthorized' : 'DeploymentFailed',
    what: result.reason,
    changed: untouched
      ? `nothing in ${input.environment.name}`
      : `${input.environment.name} runs ${input.previous?.version ?? 'the version before'} again`,
    next: 'look into the log, mend the cause, then retry; or abort',
  };
  return ApplicationFailure.create({
    message: details.what,
    type: 'DeploymentFailed',
    nonRetryable: true,
    details: [details],
  });
}
