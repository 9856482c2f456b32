import { executeChild } from '@temporalio/workflow';

/** Stands for Windlass's own rollback: it says what it is told to. */
export async function rollback(said: unknown): Promise<unknown> {
  return said;
}

/** Stands for Windlass's own flow that takes a version back. */
export async function rollBackProduct(workflowId: string, said: unknown): Promise<unknown> {
  return await executeChild(rollback, { workflowId, args: [said] });
}
