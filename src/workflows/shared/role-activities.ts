import type { ActivityInterfaceFor } from '@temporalio/workflow';
import { patched, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type {
  DevopsActivities,
  QaActivities,
  ReleaseActivities,
  SupportActivities,
  WriterActivities,
} from '../../contracts/activities.ts';
import { NON_RETRYABLE } from '../../contracts/failures.ts';
import type { WorkerRole } from '../../contracts/task-queues.ts';
import { roleQueue } from '../../contracts/task-queues.ts';
import { untilConfigured } from './workers/until-configured.ts';
import { type TellOfWorker, untilTakenUp } from './workers/until-taken-up.ts';

/** The roles that a workflow can ask for work. Each call names, in one line, what it is for: the Web UI shows it. */
export interface RoleActivities {
  release(summary: string): ActivityInterfaceFor<ReleaseActivities>;
  writer(summary: string): ActivityInterfaceFor<WriterActivities>;
  qa(summary: string): ActivityInterfaceFor<QaActivities>;
  devops(summary: string): ActivityInterfaceFor<DevopsActivities>;
  support(summary: string): ActivityInterfaceFor<SupportActivities>;
}

/**
 * The activities on the task queues beside this workflow's own. With `tell`, a role whose worker takes nothing up is
 * told of, and told of again when one does; without it, work waits in its queue in silence. What a worker's
 * configuration refuses waits in the same way.
 */
export function proxyRoleActivities(tell?: TellOfWorker): RoleActivities {
  const askRole = <Activities>(role: WorkerRole, summary: string) =>
    askInSight<Activities>(role, summary, tell);
  return {
    release: (summary) => askRole<ReleaseActivities>('release', summary),
    writer: (summary) => askRole<WriterActivities>('writer', summary),
    qa: (summary) => askRole<QaActivities>('qa', summary),
    devops: (summary) => askRole<DevopsActivities>('devops', summary),
    support: (summary) => askRole<SupportActivities>('support', summary),
  };
}

function askInSight<Activities>(
  role: WorkerRole,
  summary: string,
  tell: TellOfWorker | undefined,
): ActivityInterfaceFor<Activities> {
  // Workflows that began before it have another order of commands.
  const seen = tell !== undefined && patched('worker-missing') ? tell : undefined;
  return new Proxy({} as ActivityInterfaceFor<Activities>, {
    get: (_target, name) => {
      const within = (limitMs?: number) =>
        Reflect.get(askRole<Activities>(role, summary, limitMs) as object, name) as Ask;
      return (...args: unknown[]) =>
        untilConfigured(role, seen, (asking) => {
          const all = asking === undefined ? args : [...args, asking];
          return seen ? untilTakenUp(role, seen, (limitMs) => within(limitMs)(...all)) : within()(...all);
        });
    },
  });
}

type Ask = (...args: unknown[]) => Promise<unknown>;

/** `takenWithinMs`: how long it may lie in the queue. */
function askRole<Activities>(
  role: WorkerRole,
  summary: string,
  takenWithinMs?: number,
): ActivityInterfaceFor<Activities> {
  return proxyActivities<Activities>({
    ...(takenWithinMs === undefined ? {} : { scheduleToStartTimeout: takenWithinMs }),
    taskQueue: roleQueue(workflowInfo().taskQueue, role),
    summary: cutSummary(summary),
    // Scripts carry limits of their own; this one only catches an activity that hangs while it heartbeats.
    startToCloseTimeout: '4 hours',
    // A worker that was killed is noticed after this long, and its activity starts again elsewhere.
    heartbeatTimeout: '10 seconds',
    // An abort waits until what runs has really ended: a push that lands after the clean-up would be half a release.
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry: {
      initialInterval: '1 second',
      backoffCoefficient: 2,
      maximumInterval: '20 seconds',
      // Then the step has failed and waits for a person, who sees why.
      maximumAttempts: 6,
      nonRetryableErrorTypes: NON_RETRYABLE,
    },
  });
}

/** The Web UI takes 400 bytes. */
function cutSummary(summary: string): string {
  return summary.length > 120 ? `${summary.slice(0, 119)}…` : summary;
}
