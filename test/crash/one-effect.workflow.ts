import { proxyActivities } from '@temporalio/workflow';
import { NON_RETRYABLE } from '../../src/contracts/failures.ts';

export interface OneEffect {
  taskQueue: string;
  activity: string;
  input: unknown;
}

/** One activity, with the retries of the release's crew and a shorter patience for workers that died. */
export async function performOne({ taskQueue, activity, input }: OneEffect): Promise<unknown> {
  const activities = proxyActivities<Record<string, (input: unknown) => Promise<unknown>>>({
    taskQueue,
    startToCloseTimeout: '5 minutes',
    heartbeatTimeout: '3 seconds',
    retry: {
      initialInterval: '200 milliseconds',
      backoffCoefficient: 2,
      maximumInterval: '5 seconds',
      maximumAttempts: 8,
      nonRetryableErrorTypes: NON_RETRYABLE,
    },
  });
  return await activities[activity]?.(input);
}
