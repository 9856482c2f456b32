import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { toPayloads } from '@temporalio/common';
import { payloadConverter } from '../../../src/temporal/payload-converter.ts';

/**
 * Time skipping of the real server, for tests and rehearsals: timers pass at once whenever no activity and no
 * child is in flight. The server must allow it (`frontend.WorkflowTimeSkippingEnabled`; `startLocalServer` does).
 * The SDK has no option of its own for it yet, so this speaks to the raw service.
 */
export interface TimeSkippingStart {
  workflowId: string;
  workflowType: string;
  taskQueue: string;
  args?: readonly unknown[];
  /** Skips allowed before time runs as usual again; the server's default is about a hundred. */
  maxSkips?: number;
}

/**
 * Starts a workflow whose timers are skipped. Fails when one of that id runs already. Children inherit it; each
 * execution has a clock of its own. A wait for a person with a time-out is skipped to its time-out at once: use
 * `setTimeSkipping` for such phases.
 */
export async function startWithTimeSkipping(
  client: Client,
  start: TimeSkippingStart,
): Promise<WorkflowHandleWithFirstExecutionRunId> {
  const payloads = toPayloads(payloadConverter, ...(start.args ?? []));
  const { runId } = await client.workflowService.startWorkflowExecution({
    namespace: client.options.namespace,
    requestId: randomUUID(),
    identity: client.options.identity,
    workflowId: start.workflowId,
    workflowType: { name: start.workflowType },
    taskQueue: { name: start.taskQueue },
    ...(payloads === undefined ? {} : { input: { payloads } }),
    timeSkippingConfig: buildConfig(true, start.maxSkips),
  });
  const handle = client.workflow.getHandle(start.workflowId, undefined, { firstExecutionRunId: runId });
  return Object.assign(handle, { firstExecutionRunId: runId });
}

/** Switches time skipping of a running workflow on or off; its clock keeps the time that was skipped so far. */
export async function setTimeSkipping(
  client: Client,
  workflowId: string,
  enabled: boolean,
  maxSkips?: number,
): Promise<void> {
  await client.workflowService.updateWorkflowExecutionOptions({
    namespace: client.options.namespace,
    workflowExecution: { workflowId },
    workflowExecutionOptions: { timeSkippingConfig: buildConfig(enabled, maxSkips) },
    updateMask: { paths: ['time_skipping_config'] },
  });
}

function buildConfig(enabled: boolean, maxSkips: number | undefined) {
  return { enabled, ...(maxSkips === undefined ? {} : { maxSessionSkipCount: maxSkips }) };
}
