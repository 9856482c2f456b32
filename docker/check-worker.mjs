/**
 * Health check of a worker's container: `node check-worker.mjs ROLE [PREFIX]` ends with 0 when a worker of this host polls
 * the role's task queue. Asks Temporal, not the process: a worker that hangs or lost its connection is unhealthy.
 */
import { hostname } from 'node:os';
import { DEFAULT_QUEUE_PREFIX, roleQueue, workflowQueue } from '../src/contracts/task-queues.ts';
import { findPollers } from '../src/temporal/find-pollers.ts';

const [role, prefix = DEFAULT_QUEUE_PREFIX] = process.argv.slice(2);
const queue = role === 'workflow' ? workflowQueue(prefix) : roleQueue(workflowQueue(prefix), role);
const pollers = await findPollers({
  address: process.env.TEMPORAL_ADDRESS ?? '127.0.0.1:7233',
  namespace: process.env.TEMPORAL_NAMESPACE ?? 'default',
  taskQueue: queue,
  kind: role === 'workflow' ? 'workflow' : 'activity',
});
// The SDK names a worker PROCESS@HOST.
const isHere = pollers.some(({ identity }) => identity.endsWith(`@${hostname()}`));
if (!isHere) console.error(`No worker of this host (${hostname()}) polls ${queue}.`);
process.exit(isHere ? 0 : 1);
