import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { type NativeConnection, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import type { ActivityDeps } from '../activities/deps.ts';
import { createDevopsActivities } from '../activities/devops/index.ts';
import type { Barrier } from '../activities/effects.ts';
import { createQaActivities } from '../activities/qa/index.ts';
import { createReleaseActivities } from '../activities/release/index.ts';
import { createSupportActivities } from '../activities/support/index.ts';
import { createWriterActivities } from '../activities/writer/index.ts';
import type { Installation } from '../config/installation.ts';
import type { WorkerRole } from '../contracts/task-queues.ts';
import { DEFAULT_QUEUE_PREFIX, roleQueue, workflowQueue } from '../contracts/task-queues.ts';
import { sweepCheckouts } from '../integrations/git/checkout.ts';
import { tidyMirrors } from '../integrations/git/mirror/tidy-mirrors.ts';
import { type Isolation, probeIsolation } from '../integrations/process/isolate-script.ts';
import { WORKER_MS } from '../release/policy/inner-times.ts';
import { createDataConverter } from '../temporal/data-converter.ts';
import type { SealingKeys } from '../temporal/sealing/sealing-keys.ts';
import { createSupervision, HEARTBEAT_THROTTLE } from './activity-interceptor.ts';
import { openStore } from './open-store.ts';
import { openTrust } from './open-trust.ts';
import { bundleWorkflows } from './workflow-bundle.ts';

export { bundleWorkflows };

/** A worker process's part: one role's activities, or the workflows themselves. */
export type WorkerPart = WorkerRole | 'workflow';

export interface WorkerSetUp {
  connection: NativeConnection;
  namespace: string;
  client: Client;
  installation: Installation;
  queuePrefix?: string;
  /**
   * How long what runs may go on once the worker was asked to stop, in milliseconds; 5 s where nothing is said. Then it
   * is ended, with its scripts' process groups, and handed back.
   */
  shutdownGraceMs?: number;
  /** Only the crash test gives one. */
  barrier?: Barrier;
  bundle?: WorkflowBundle;
  /** The keys that seal what goes through Temporal; the client must have been given the same. */
  sealing?: SealingKeys | undefined;
}

/** One worker for one part, ready to run. */
export async function createWorker(part: WorkerPart, setUp: WorkerSetUp): Promise<Worker> {
  const prefix = setUp.queuePrefix ?? DEFAULT_QUEUE_PREFIX;
  const workflows = workflowQueue(prefix);
  const common = {
    connection: setUp.connection,
    namespace: setUp.namespace,
    dataConverter: createDataConverter(setUp.sealing),
    shutdownGraceTime: setUp.shutdownGraceMs ?? WORKER_MS.grace,
  };
  if (part === 'workflow') {
    return await Worker.create({
      ...common,
      taskQueue: workflows,
      workflowBundle: setUp.bundle ?? (await bundleWorkflows()),
    });
  }
  // What a worker that was killed on this machine left behind.
  await sweepCheckouts(setUp.installation.workFolder);
  await tidyMirrors(setUp.installation.workFolder);
  const store = await openStore(setUp.installation, part);
  const supervision = createSupervision();
  const deps: ActivityDeps = {
    role: part,
    installation: setUp.installation,
    store,
    ...openTrust(store, setUp.installation, part),
    isolation: await findIsolation(setUp.installation, part),
    barrier: setUp.barrier ?? (async () => undefined),
    signal: () => Context.current().cancellationSignal,
    attempt: () => Context.current().info.attempt,
    round: supervision.round,
    isOwned: supervision.isOwned,
  };
  return await Worker.create({
    ...common,
    taskQueue: roleQueue(workflows, part),
    activities: createActivities(part, deps, setUp.client),
    interceptors: { activity: [supervision.intercept] },
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
    maxConcurrentActivityTaskExecutions: 8,
  });
}

/** The roles whose scripts only build and test. */
const ISOLATES: readonly WorkerRole[] = ['devops', 'qa'];

/** Whether scripts are kept apart, and where this machine cannot although it should, that is said at once. */
async function findIsolation(
  { file, workers }: Installation,
  role: WorkerRole,
): Promise<Isolation | undefined> {
  if (!ISOLATES.includes(role) || workers.isolateScripts === 'never') return undefined;
  const isolation = await probeIsolation();
  if ('problem' in isolation) {
    const meanwhile =
      workers.isolateScripts === 'always'
        ? 'nothing is built or tested here'
        : 'they can read the environment, the memory and the files of whatever else this user runs';
    Runtime.instance().logger.warn(
      `Scripts of ${role} are not kept apart: ${isolation.problem}. Until they are, ${meanwhile}. "windlass doctor" says ` +
        `what to do; workers.isolate_scripts of ${file} says whether it must be.`,
    );
  }
  return isolation;
}

function createActivities(role: WorkerRole, deps: ActivityDeps, client: Client): object {
  switch (role) {
    case 'release':
      return createReleaseActivities(deps);
    case 'writer':
      return createWriterActivities(deps);
    case 'qa':
      return createQaActivities(deps);
    case 'devops':
      return createDevopsActivities(deps);
    case 'support':
      return createSupportActivities(deps, client);
  }
}
