/** Reads of a run's history: news as they come, and what was sent before. */

import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import type { SignedCommand } from '../../contracts/commands.ts';
import { API_MS } from '../../release/policy/inner-times.ts';
import { grpcCode } from './temporal-problems.ts';

const DEADLINE_EXCEEDED = 4;
const CANCELLED = 1;
const PAGE = 500;
/** A release has some hundred events; an idempotency key older than this many pages is not looked for. */
const PAGES = 6;

/** One long poll. The first call, without a cursor, runs through what is there and counts as a change. */
export async function waitForEvents(
  client: Client,
  release: { workflowId: string; runId: string },
  cursor: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<{ cursor: Uint8Array | undefined; changed: boolean; closed: boolean }> {
  const { namespace } = client.options;
  try {
    const page = await client.withAbortSignal(signal, () =>
      client.withDeadline(Date.now() + API_MS.longPoll, () =>
        client.workflowService.getWorkflowExecutionHistory({
          namespace,
          execution: { workflowId: release.workflowId, runId: release.runId },
          waitNewEvent: true,
          ...(cursor === undefined ? {} : { nextPageToken: cursor }),
        }),
      ),
    );
    const changed = (page.history?.events?.length ?? 0) > 0;
    const next = page.nextPageToken;
    return next && next.length > 0
      ? { cursor: next, changed, closed: false }
      : { cursor: undefined, changed, closed: true };
  } catch (error) {
    if (signal.aborted || grpcCode(error) === CANCELLED || grpcCode(error) === DEADLINE_EXCEEDED) {
      return { cursor, changed: false, closed: false };
    }
    throw error;
  }
}

/** The argument of a signal that the run has received and that `matches`; newest first. */
export async function findSignal(
  client: Client,
  release: { workflowId: string; runId?: string },
  matches: (argument: unknown) => boolean,
): Promise<SignedCommand | undefined> {
  const { namespace, loadedDataConverter } = client.options;
  const { workflowId } = release;
  const context = { type: 'workflow', namespace, workflowId } as const;
  const read = async (payload: Payload) => {
    let opened = [payload];
    for (const codec of [...loadedDataConverter.payloadCodecs].reverse()) {
      opened = await codec.decode(opened, context);
    }
    return readJson(opened[0]?.data ?? new Uint8Array());
  };
  let nextPageToken: Uint8Array | undefined;
  for (let page = 0; page < PAGES; page++) {
    const answer = await client.workflowService.getWorkflowExecutionHistoryReverse({
      namespace,
      execution: {
        workflowId: release.workflowId,
        ...(release.runId === undefined ? {} : { runId: release.runId }),
      },
      maximumPageSize: PAGE,
      ...(nextPageToken === undefined ? {} : { nextPageToken }),
    });
    for (const event of answer.history?.events ?? []) {
      const payload = event.workflowExecutionSignaledEventAttributes?.input?.payloads?.[0];
      const argument = payload?.data ? await read(payload) : undefined;
      if (argument !== undefined && matches(argument)) return argument as SignedCommand;
    }
    nextPageToken = answer.nextPageToken ?? undefined;
    if (!nextPageToken || nextPageToken.length === 0) return undefined;
  }
  return undefined;
}

/** Tries of one workflow task after which it is no hiccup of a worker any more. */
const STUCK_AFTER = 3;

/**
 * Why a run cannot go on: its workflow task fails again and again, such as with code that does not fit its history
 * (TMPRL1100). `undefined` while it may be a hiccup, or no worker tries.
 */
export async function findStuckTask(
  client: Client,
  run: WorkflowExecutionDescription,
): Promise<string | undefined> {
  const tries = run.raw.pendingWorkflowTask?.attempt ?? 0;
  // Named by servers that know it; its name is not in the SDK's types.
  const reported = (run.searchAttributes['TemporalReportedProblems'] ?? []) as unknown[];
  if (tries < STUCK_AFTER && reported.length === 0) return undefined;
  const { workflowId, runId } = run;
  const answer = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 20,
  });
  const failed = (answer.history?.events ?? []).find((event) => event.workflowTaskFailedEventAttributes);
  const why = failed?.workflowTaskFailedEventAttributes?.failure?.message;
  if (!failed && reported.length === 0) return undefined;
  const said = (why ?? reported.join(', ')).replace(/[^\x20-\x7e]+/g, ' ').slice(0, 300);
  return `${workflowId} cannot go on with the code that runs: its workflow task has failed ${tries} times (${said}). Nothing is lost: it waits.`;
}

function readJson(data: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(data).toString('utf8'));
  } catch {
    return undefined;
  }
}
