import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  patched,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { rollbackWorkflowId, takeOverWorkflowId, WORKFLOW_TYPES } from '../../contracts/workflow-ids.ts';
import type { RollbackInput, RollbackResult } from '../../contracts/workflows.ts';
import type { DeploymentContext } from '../deployment/deployment-context.ts';
import { describeFailure } from '../shared/describe-failure.ts';
import type { RoleActivities } from '../shared/role-activities.ts';

/** Runs a rollback that takes this deployment's lease over and outlives it. */
export async function runRollback(
  context: DeploymentContext,
  input: RollbackInput | undefined,
): Promise<RollbackResult> {
  if (!input) throw new Error('a rollback needs a version to go back to');
  return await startOrJoinRollback(context.activities, { ...input, takeOverFrom: workflowInfo().workflowId });
}

/**
 * Runs a rollback as a child that outlives its parent. If one runs already (an operator was quicker, or the parent was
 * reset), joins it. One that is terminated from outside is begun again by the environment: then that one is joined.
 */
export async function startOrJoinRollback(
  activities: RoleActivities,
  input: RollbackInput,
): Promise<RollbackResult> {
  const { product, environment } = input;
  const usual = rollbackWorkflowId(product, environment.name);
  const first = await runOrFindTaken(usual, input);
  // What runs there waits for the lease that is to be taken over: whoever joined it would wait for ever, and it too.
  const isBusy = 'taken' in first && !first.ended && input.takeOverFrom !== undefined;
  const isBeside = isBusy && patched('take-over-beside');
  const workflowId = isBeside ? takeOverWorkflowId(product, environment.name) : usual;
  const run = isBeside ? await runOrFindTaken(workflowId, input) : first;
  if ('result' in run) return run.result;
  const of = { product, environment: environment.name, taskQueue: workflowInfo().taskQueue };
  return await activities.support(`join the rollback: it ${run.taken}`).awaitRollback({ workflowId, of });
}

/** Its result, or why it is another's: it runs already, or it was ended from outside and is begun again. */
async function runOrFindTaken(
  workflowId: string,
  input: RollbackInput,
): Promise<{ result: RollbackResult } | { taken: string; ended?: true }> {
  try {
    const child = await startChild(WORKFLOW_TYPES.rollback, {
      workflowId,
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      staticSummary: `${input.product} in ${input.environment.name} back to ${input.to.version}`,
    });
    return { result: (await child.result()) as RollbackResult };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return { taken: 'runs already' };
    return { taken: `ended from outside (${describeFailure(error).what})`, ended: true };
  }
}
