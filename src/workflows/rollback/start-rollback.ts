import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { rollbackWorkflowId, WORKFLOW_TYPES } from '../../contracts/workflow-ids.ts';
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
  const workflowId = rollbackWorkflowId(input.product, input.environment.name);
  try {
    const child = await startChild(WORKFLOW_TYPES.rollback, {
      workflowId,
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      staticSummary: `${input.product} in ${input.environment.name} back to ${input.to.version}`,
    });
    return (await child.result()) as RollbackResult;
  } catch (error) {
    const joined =
      error instanceof WorkflowExecutionAlreadyStartedError
        ? 'runs already'
        : `ended from outside (${describeFailure(error).what})`;
    const of = {
      product: input.product,
      environment: input.environment.name,
      taskQueue: workflowInfo().taskQueue,
    };
    return await activities.support(`join the rollback: it ${joined}`).awaitRollback({ workflowId, of });
  }
}
