import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { SupportActivities } from '../../contracts/activities.ts';
import { WORKFLOW_TYPES } from '../../contracts/workflow-ids.ts';
import type { ReleaseResult } from '../../contracts/workflows.ts';
import { fail } from '../fail.ts';

/**
 * Waits for the rollback that a run in flight was told of. Anybody who reaches the namespace can tell it so: it counts
 * that Windlass's own code runs there, which Temporal itself says by type and task queue.
 */
export function awaitTakeBack(client: Client): SupportActivities['awaitTakeBack'] {
  return async ({ workflowId, runId, taskQueue }) => {
    const about = await findFlow(client, workflowId, runId);
    if (about?.type !== WORKFLOW_TYPES.rollBackProduct || about.taskQueue !== taskQueue) {
      throw fail('Conflict', {
        what: `${workflowId} (run ${runId}) is no rollback of Windlass`,
        changed: 'nothing: it is not believed, whatever it says',
        next: 'find out who said so in the Temporal namespace, and what production runs',
      });
    }
    if (about.status.name !== 'RUNNING' && about.status.name !== 'COMPLETED') {
      return { outcome: 'failed', ending: `${workflowId} was ended from outside` };
    }
    // Of one that is ended from outside meanwhile this fails: the next try sees that, or where it was reset to.
    const handle = client.workflow.getHandle(workflowId, about.runId);
    const { outcome, ending } = (await handle.result()) as ReleaseResult;
    return { outcome, ending };
  };
}

/** As it stands now: a reset goes on with the flow's first run; a later flow of the same id is another. */
async function findFlow(client: Client, workflowId: string, runId: string) {
  try {
    const newest = await client.workflow.getHandle(workflowId).describe();
    if (newest.runId === runId || newest.raw.workflowExecutionInfo?.firstRunId === runId) return newest;
    return await client.workflow.getHandle(workflowId, runId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
