import { executeChild, proxyActivities } from '@temporalio/workflow';

/** What anybody who reaches the namespace can run: one call of one activity on a role's queue. */
export async function callActivity(call: {
  taskQueue: string;
  activity: string;
  input: unknown;
}): Promise<unknown> {
  const activities = proxyActivities<Record<string, (input: unknown) => Promise<unknown>>>({
    taskQueue: call.taskQueue,
    startToCloseTimeout: '1 minute',
    retry: { maximumAttempts: 1 },
  });
  return await activities[call.activity]?.(call.input);
}

/** Says what it is told to. */
export async function answer(said: unknown): Promise<unknown> {
  return said;
}

/** Runs a child under that id. */
export async function runChild(workflowId: string, said: unknown): Promise<unknown> {
  return await executeChild(answer, { workflowId, args: [said] });
}

/** A child of another name, on a queue of its own. */
export async function runChildElsewhere(
  type: string,
  workflowId: string,
  taskQueue: string,
  said: unknown,
): Promise<unknown> {
  return await executeChild(type, { workflowId, taskQueue, args: [said] });
}
