import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { SupportActivities } from '../../contracts/activities.ts';
import type { DeploymentResult, RollbackResult } from '../../contracts/workflows.ts';

/** Waits for a deployment that another run of the release started. Its result comes from Temporal itself. */
export function awaitDeployment(client: Client): SupportActivities['awaitDeployment'] {
  return async ({ workflowId }) => (await client.workflow.getHandle(workflowId).result()) as DeploymentResult;
}

export function awaitRollback(client: Client): SupportActivities['awaitRollback'] {
  return async ({ workflowId }) => (await client.workflow.getHandle(workflowId).result()) as RollbackResult;
}

/** Whether this run still runs. One that Temporal has forgotten does not. */
export function isWorkflowOpen(client: Client): SupportActivities['isWorkflowOpen'] {
  return async ({ workflowId, runId }) => {
    try {
      const description = await client.workflow.getHandle(workflowId, runId).describe();
      return description.status.name === 'RUNNING' || description.status.name === 'PAUSED';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  };
}
