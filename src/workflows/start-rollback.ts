import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { rollbackWorkflowId, WORKFLOW_TYPES } from '../contracts/workflow-ids.ts';
import type { RollbackInput, RollbackResult } from '../contracts/workflows.ts';
import type { Rig } from './deployment-rig.ts';

/**
 * Runs a rollback that takes this deployment's lease over and outlives it. If one runs already (an operator was
 * quicker), joins it.
 */
export async function runRollback(rig: Rig, input: RollbackInput | undefined): Promise<RollbackResult> {
  if (!input) throw new Error('a rollback needs a version to go back to');
  const workflowId = rollbackWorkflowId(input.product, input.environment.name);
  try {
    const child = await startChild(WORKFLOW_TYPES.rollback, {
      workflowId,
      args: [{ ...input, takeOverFrom: workflowInfo().workflowId }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
      staticSummary: `${input.product} in ${input.environment.name} back to ${input.to.version}`,
    });
    return (await child.result()) as RollbackResult;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return await rig.crew.support('join the rollback that runs already').awaitRollback({ workflowId });
  }
}
