import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import proto from '@temporalio/proto';
import { workflowQueue } from '../contracts/task-queues.ts';

const { History } = proto.temporal.api.history.v1;

/** What happened in one run of a workflow, as Temporal keeps it. */
export interface RecordedHistory {
  /** The workflow's id, or where that is not recorded, the file that it is in. */
  workflowId: string;
  /** The name of the workflow's code. */
  type: string;
  history: ReturnType<typeof historyFromJSON>;
}

/** The history of every open workflow of Windlass's queue in the client's namespace, one after the other. */
export async function* readOpenHistories(
  client: Client,
  queue: string = workflowQueue(),
): AsyncGenerator<RecordedHistory> {
  const query = `TaskQueue = '${queue}' AND ExecutionStatus = 'Running'`;
  for await (const { workflowId, runId, type } of client.workflow.list({ query })) {
    try {
      yield { workflowId, type, history: await client.workflow.getHandle(workflowId, runId).fetchHistory() };
    } catch (error) {
      // Ended and forgotten since it was listed.
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
}

/**
 * Reads a history from a file: JSON as `temporal workflow show --output json` writes it, or the protobuf message
 * `temporal.api.history.v1.History`; either may be compressed with gzip.
 * @throws Error whose message says why it is none, as the end of a sentence
 */
export async function readHistoryFile(file: string): Promise<RecordedHistory> {
  const bytes = await read(file);
  let history: RecordedHistory['history'];
  try {
    const text = bytes.subarray(0, 64).toString('utf8').trimStart();
    history = text.startsWith('{')
      ? historyFromJSON(JSON.parse(bytes.toString('utf8')))
      : History.decode(bytes);
  } catch {
    throw new Error('it is no history of a workflow');
  }
  const started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
  if (!started) throw new Error('it is no history of a workflow: its first event is not that it was started');
  return { workflowId: started.workflowId || file, type: started.workflowType?.name ?? '', history };
}

async function read(file: string): Promise<Buffer> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`);
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes);
  } catch {
    throw new Error('it is damaged: it cannot be decompressed');
  }
}
