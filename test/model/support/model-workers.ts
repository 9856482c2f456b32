import type { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import { roleQueue, WORKER_ROLES, workflowQueue } from '../../../src/contracts/task-queues.ts';
import { createDataConverter } from '../../../src/temporal/data-converter.ts';
import { createSupervision } from '../../../src/workers/activity-interceptor.ts';
import { createModelActivities } from './model-activities.ts';
import type { ModelWorld } from './model-world.ts';

/** Workflow runs that a worker keeps in memory: every query of one that is not costs a replay from its beginning. */
const KEPT_WORKFLOWS = 600;

/** Between two deaths of the workflow worker, after which whatever runs is replayed from its beginning. */
const PAUSE_MS = 15_000;

/** Every worker of the model, for the worlds of all schedules. */
export interface ModelWorkers {
  /** The workflow worker is killed, and another takes its place, which must replay whatever runs. */
  dieAndRestart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one worker for the workflows, and one for each role. */
export async function startModelWorkers(setUp: {
  address: string;
  client: Client;
  bundle: WorkflowBundle;
  queue: string;
  worlds: ReadonlyMap<string, ModelWorld>;
}): Promise<ModelWorkers> {
  const { address, client, bundle, queue, worlds } = setUp;
  // What the model makes go wrong is no news.
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const connection = await NativeConnection.connect({ address });
  const common = { connection, dataConverter: createDataConverter() };
  const workflows = workflowQueue(queue);
  const running: { worker: Worker; ended: Promise<void> }[] = [];
  const run = (worker: Worker) => {
    const one = { worker, ended: worker.run().catch(() => undefined) };
    running.push(one);
    return one;
  };
  const startWorkflowWorker = async () =>
    run(
      await Worker.create({
        ...common,
        taskQueue: workflows,
        workflowBundle: bundle,
        maxCachedWorkflows: KEPT_WORKFLOWS,
        shutdownForceTime: 5_000,
      }),
    );
  let current = await startWorkflowWorker();
  for (const role of WORKER_ROLES) {
    run(
      await Worker.create({
        ...common,
        taskQueue: roleQueue(workflows, role),
        activities: createModelActivities(role, worlds, client),
        interceptors: { activity: [createSupervision().intercept] },
        shutdownGraceTime: 1_000,
        shutdownForceTime: 5_000,
      }),
    );
  }
  let restarting: Promise<void> | undefined;
  let restartedAt = 0;
  const restart = async () => {
    const before = current;
    before.worker.shutdown();
    current = await startWorkflowWorker();
    await before.ended;
    restartedAt = performance.now();
  };
  return {
    // Schedules that are played at the same time share the worker: deaths that follow one another are one.
    dieAndRestart: async () => {
      if (restarting === undefined && performance.now() - restartedAt < PAUSE_MS) return;
      restarting ??= restart().finally(() => {
        restarting = undefined;
      });
      await restarting;
    },
    stop: async () => {
      await restarting?.catch(() => undefined);
      for (const { worker } of running) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.all(running.map(({ ended }) => ended));
      await connection.close();
    },
  };
}
