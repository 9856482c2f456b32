import { type Client, type WorkflowExecutionInfo, WorkflowNotFoundError } from '@temporalio/client';
import { GatewayProblem, type StartedFlow } from '../gateway.ts';
import { grpcCode } from './temporal-problems.ts';

/** Runs a call to Temporal within its limit of time. @throws GatewayProblem */
export type Call = <T>(run: () => Promise<T>) => Promise<T>;

/** The release that is in the way of another one. */
export async function describeRunning(
  call: Call,
  client: Client,
  workflowId: string,
  message: string,
): Promise<GatewayProblem> {
  try {
    const running = await readStarted(call, client, workflowId);
    return new GatewayProblem('in_flight', message, running);
  } catch (error) {
    if (grpcCode(error) === undefined) throw error;
    return new GatewayProblem('in_flight', message);
  }
}

/** The newest run of a workflow, by what its start has noted. */
export async function readStarted(
  call: Call,
  client: Client,
  workflowId: string,
): Promise<(StartedFlow & { runId: string }) | undefined> {
  try {
    const run = await call(() => client.workflow.getHandle(workflowId).describe());
    return describeStart(run);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** A run of a workflow by what its start has noted. */
export function describeStart(
  run: Pick<WorkflowExecutionInfo, 'memo' | 'startTime' | 'status' | 'runId'>,
): StartedFlow & { runId: string } {
  const { releaseId, asked } = run.memo ?? {};
  return {
    ...(typeof releaseId === 'string' ? { releaseId } : {}),
    ...(typeof asked === 'string' ? { asked } : {}),
    startedAt: run.startTime.toISOString(),
    open: run.status.name === 'RUNNING',
    runId: run.runId,
  };
}
