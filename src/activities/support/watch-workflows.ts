import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { SupportActivities } from '../../contracts/activities.ts';
import { STATUS_QUERY } from '../../contracts/commands.ts';
import type { DeploymentResult, EnvironmentState, RollbackResult } from '../../contracts/workflows.ts';
import { fail } from '../fail.ts';

/**
 * Waits for a deployment that another run of the release started. Its result comes from Temporal itself; but anybody who
 * reaches the namespace can run a workflow under that id, so whose child it is counts as well.
 */
export function awaitDeployment(client: Client): SupportActivities['awaitDeployment'] {
  return async ({ workflowId, startedBy }) => {
    const handle = client.workflow.getHandle(workflowId);
    if (startedBy === undefined) return (await handle.result()) as DeploymentResult;
    const { raw } = await handle.describe();
    const parent = raw.workflowExecutionInfo?.parentExecution;
    if (parent?.workflowId !== startedBy.workflowId || !(await isSameFlow(client, parent, startedBy.runId))) {
      throw fail('Conflict', {
        what: `${workflowId} runs already, and ${startedBy.workflowId} did not start it: ${describeStarter(parent)}`,
        changed: 'nothing: it is not believed, whatever it says',
        next: 'find out who started it in the Temporal namespace, terminate it there, then retry',
      });
    }
    // Exactly the one that was looked at: its id may be somebody else's by the time that it ends.
    const { firstRunId } = raw.workflowExecutionInfo ?? {};
    const own = client.workflow.getHandle(
      workflowId,
      undefined,
      firstRunId ? { firstExecutionRunId: firstRunId } : {},
    );
    return (await own.result()) as DeploymentResult;
  };
}

/** Whether a run belongs to the flow whose first run it is: a reset, a retry and a continue-as-new go on with it. */
async function isSameFlow(
  client: Client,
  { workflowId, runId }: { workflowId?: string | null; runId?: string | null },
  firstRunId: string,
): Promise<boolean> {
  if (!workflowId || !runId) return false;
  if (runId === firstRunId) return true;
  try {
    const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
    return raw.workflowExecutionInfo?.firstRunId === firstRunId;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

function describeStarter(
  parent: { workflowId?: string | null; runId?: string | null } | null | undefined,
): string {
  return parent?.workflowId ? `${parent.workflowId} (run ${parent.runId}) did` : 'it has no parent';
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
