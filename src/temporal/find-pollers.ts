// The package is CommonJS whose names Node cannot see: only its default can be imported.
import proto from '@temporalio/proto';
import { connectClient, type TemporalEndpoint } from './connection.ts';

const { TaskQueueType } = proto.temporal.api.enums.v1;

/** A worker that asks a task queue for work, as the server sees it. */
export interface Poller {
  /** `PROCESS@HOST` where the worker did not choose another name. */
  identity: string;
}

export interface FindPollersOptions extends TemporalEndpoint {
  taskQueue: string;
  kind: 'workflow' | 'activity';
  /** Pollers that last asked longer ago than this are left out; in milliseconds, two minutes by default. */
  maxAgeMs?: number;
}

/**
 * The workers that polled the task queue lately. A poll lasts up to a minute, so a worker that ended may be
 * listed for a while: `maxAgeMs` bounds that.
 * @throws TemporalProblem when the server is away.
 */
export async function findPollers(options: FindPollersOptions): Promise<Poller[]> {
  const { connection, close } = await connectClient(options);
  try {
    const { pollers } = await connection.workflowService.describeTaskQueue({
      namespace: options.namespace,
      taskQueue: { name: options.taskQueue },
      taskQueueType:
        options.kind === 'workflow'
          ? TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
          : TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
    });
    const oldest = Date.now() - (options.maxAgeMs ?? 120_000);
    return (pollers ?? [])
      .filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000 >= oldest)
      .map(({ identity }) => ({ identity: identity ?? '' }));
  } finally {
    await close();
  }
}
