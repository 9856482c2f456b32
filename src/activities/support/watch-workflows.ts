import {
  type Client,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { SupportActivities } from '../../contracts/activities.ts';
import { STATUS_QUERY } from '../../contracts/commands.ts';
import {
  environmentWorkflowId,
  hotfixWorkflowId,
  releaseWorkflowId,
  rollBackProductWorkflowId,
  WORKFLOW_TYPES,
} from '../../contracts/workflow-ids.ts';
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
    return (await followRun(client, workflowId, raw).result()) as DeploymentResult;
  };
}

/**
 * Exactly the run that was looked at: its id may be somebody else's by the time that it ends. One that is reset ends, and
 * is looked for anew: the first run of its flow would tell of the reset for ever.
 */
function followRun(
  client: Client,
  workflowId: string,
  { workflowExecutionInfo }: WorkflowExecutionDescription['raw'],
): WorkflowHandle {
  return client.workflow.getHandle(workflowId, workflowExecutionInfo?.execution?.runId ?? undefined);
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

type IsOf = (id: string, of: { product: string; environment: string }) => boolean;

/** Whose child a rollback of an environment may be, by the type and the id of who starts it. */
const STARTS_ROLLBACKS: Record<string, IsOf> = {
  [WORKFLOW_TYPES.deployment]: (id, { product, environment }) =>
    id.startsWith(`deployment/${product}/${environment}/`),
  [WORKFLOW_TYPES.release]: (id, { product }) => id === releaseWorkflowId(product),
  [WORKFLOW_TYPES.hotfix]: (id, { product }) => id === hotfixWorkflowId(product),
  [WORKFLOW_TYPES.rollBackProduct]: (id, { product }) => id === rollBackProductWorkflowId(product),
  // It begins one again that was terminated from outside.
  [WORKFLOW_TYPES.environment]: (id, { product, environment }) =>
    id === environmentWorkflowId(product, environment),
};

/**
 * Waits for a rollback that another flow started. Any flow of the product may have: so it counts that it is Windlass's
 * own code that runs there and that started it, which Temporal itself says by type and task queue.
 */
export function awaitRollback(client: Client): SupportActivities['awaitRollback'] {
  return async ({ workflowId, of }) => {
    const handle = client.workflow.getHandle(workflowId);
    if (of === undefined) return (await handle.result()) as RollbackResult;
    const { raw, type, taskQueue } = await handle.describe();
    const parent = raw.workflowExecutionInfo?.parentExecution;
    const isOurs = type === WORKFLOW_TYPES.rollback && taskQueue === of.taskQueue;
    if (!isOurs || !(await isOwnFlow(client, parent, of))) {
      const starter = isOurs ? describeStarter(parent) : `it is ${type} on ${taskQueue}`;
      throw fail('Conflict', {
        what: `${workflowId} runs already, and no flow of ${of.product} started it: ${starter}`,
        changed: 'nothing: it is not believed, whatever it says',
        next: 'find out who started it in the Temporal namespace, terminate it there, then retry',
      });
    }
    return (await followRun(client, workflowId, raw).result()) as RollbackResult;
  };
}

/** Whether a run is one of the product's own flows that take something back, on the queue of its workflows. */
async function isOwnFlow(
  client: Client,
  run: { workflowId?: string | null; runId?: string | null } | null | undefined,
  of: { product: string; environment: string; taskQueue: string },
): Promise<boolean> {
  if (!run?.workflowId || !run.runId) return false;
  try {
    const { type, taskQueue } = await client.workflow.getHandle(run.workflowId, run.runId).describe();
    const isOf = Object.hasOwn(STARTS_ROLLBACKS, type) ? STARTS_ROLLBACKS[type] : undefined;
    return taskQueue === of.taskQueue && isOf?.(run.workflowId, of) === true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
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
