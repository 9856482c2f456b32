/** The mission's agents. Each is a worker with its own task queue and only the credentials that it needs. */
export type WorkerRole = 'qa' | 'devops' | 'writer' | 'support' | 'release';

export const WORKER_ROLES: readonly WorkerRole[] = ['qa', 'devops', 'writer', 'support', 'release'];

/** The queue on which workflow code itself runs. It holds no credentials at all. */
export const DEFAULT_QUEUE_PREFIX = 'windlass';

/** The queue of the workflows themselves, of one installation. */
export function workflowQueue(prefix: string = DEFAULT_QUEUE_PREFIX): string {
  return `${prefix}-workflows`;
}

/** The queue of a role beside the workflow queue `workflowTaskQueue`: both carry one installation's prefix. */
export function roleQueue(workflowTaskQueue: string, role: WorkerRole): string {
  return `${workflowTaskQueue.replace(/-workflows$/, '')}-${role}`;
}
