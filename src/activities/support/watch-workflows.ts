import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { SupportActivities } from '../../contracts/activities.ts';
import { STATUS_QUERY } from '../../contracts/commands.ts';
import type { DeploymentResult, EnvironmentState, RollbackResult } from '../../contracts/workflows.ts';

/** Waits for a deployment that another run of the release started. Its result comes from Temporal itself. */
export function awaitDeployment(client: Client): SupportActivities['awaitDeployment'] {
  return async ({ workflowId }) => (await client.workflow.getHandle(workflowId).result()) as DeploymentResult;
}

/** Waits for a rollback that another flow started, as `awaitDeployment` does. */
export function awaitRollback(client: Client): SupportActivities['awaitRollback'] {
  return async ({ workflowId }) => (await client.workflow.getHandle(workflowId).result()) as RollbackResult;
}

/**
 * Whether the workflow still runs, as the same execution: a reset or a continue-as-new goes on with the first run's
 * id, a later one of the same id does not. One that Temporal has forgotten does not run.
 */
export function isWorkflowOpen(client: Client): SupportActivities['isWorkflowOpen'] {
  return async ({ workflowId, runId }) => {
    try {
      const { status, raw } = await client.workflow.getHandle(workflowId).describe();
      const first = raw.workflowExecutionInfo?.firstRunId;
      if (runId !== undefined && first && first !== runId) return false;
      return status.name === 'RUNNING' || status.name === 'PAUSED';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  };
}

/** Asks an environment's workflow; one that does not run has no holder. */
export function readHolder(client: Client): SupportActivities['readHolder'] {
  return async ({ workflowId }) => {
    try {
      const { holder } = await client.workflow.getHandle(workflowId).query<EnvironmentState>(STATUS_QUERY);
      return holder === undefined ? {} : { holder: holder.holder };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return {};
      throw error;
    }
  };
}
