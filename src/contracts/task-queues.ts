/** The mission's agents. Each is a worker with its own task queue and only the credentials that it needs. */
export const WORKER_ROLES = ['qa', 'devops', 'writer', 'support', 'release'] as const;

export type WorkerRole = (typeof WORKER_ROLES)[number];

/** What workers there are: one for the workflows themselves, and one for each role. */
export const WORKER_PARTS: readonly (WorkerRole | 'workflow')[] = ['workflow', ...WORKER_ROLES];

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
