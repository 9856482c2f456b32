import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { Worker as TemporalWorker, type Worker } from '@temporalio/worker';
import type { Notice, Sample } from '../../src/contracts/activities.ts';
import { roleQueue, workflowQueue } from '../../src/contracts/task-queues.ts';
import type { MonitoringInput } from '../../src/contracts/workflows.ts';
import type { MonitoringCheck } from '../../src/release/settings.ts';
import { createDataConverter } from '../../src/temporal/data-converter.ts';
import { startWithTimeSkipping } from '../../src/temporal/time-skipping.ts';
import { bundleWorkflows } from '../../src/workers/start-workers.ts';
import { connectTestClient, connectTestWorker, makeUniqueName } from './temporal-server.ts';

/** What the metric source answers; stateful, as a source that is down for a while is. */
export interface MetricSource {
  looks: number;
  intervalMs: number;
  answer: (look: number) => number | null;
  missing?: string;
}

/** Monitoring with nothing but its metrics given: timers, worker, server and history are real. */
export interface MonitoringBench {
  source: MetricSource;
  /** Notices that were sent, in order. */
  notices: Notice[];
  /** Starts a window on the server's own time skipping. */
  watch(
    windowMs: number,
    intervalMs: number,
    answer: MetricSource['answer'],
  ): Promise<WorkflowHandleWithFirstExecutionRunId>;
  client: Awaited<ReturnType<typeof connectTestClient>>['client'];
  stop(): Promise<void>;
}

/** Starts the workers on queues of their own. */
export async function startMonitoringBench(): Promise<MonitoringBench> {
  const prefix = makeUniqueName('observed');
  const source: MetricSource = { looks: 0, intervalMs: 0, answer: () => 0 };
  const notices: Notice[] = [];
  const connected = await connectTestClient();
  const connection = await connectTestWorker();
  const common = { connection, dataConverter: createDataConverter() };
  const sampleChecks = async ({ since }: { since: string }): Promise<{ samples: Sample[] }> => {
    source.looks += 1;
    const value = source.answer(source.looks);
    const missing = value === null && source.missing !== undefined ? { missing: source.missing } : {};
    // Skipped time passes in the workflow only: an activity's clock would put all looks into one minute.
    const time = new Date(Date.parse(since) + source.intervalMs).toISOString();
    const about = { time, check: 'error_rate', group: 'candidate' as const };
    return { samples: [{ ...about, value, requests: 600, ...missing }] };
  };
  const notify = async (notice: Notice) => {
    notices.push(notice);
    return { sent: ['test'], failed: [] };
  };
  const workers: Worker[] = [
    await TemporalWorker.create({
      ...common,
      taskQueue: workflowQueue(prefix),
      workflowBundle: await bundleWorkflows(),
    }),
    await TemporalWorker.create({
      ...common,
      taskQueue: roleQueue(workflowQueue(prefix), 'support'),
      activities: { sampleChecks, notify },
    }),
  ];
  const running = workers.map((worker) => worker.run());
  return {
    source,
    notices,
    client: connected.client,
    watch: async (windowMs, intervalMs, answer) => {
      source.looks = 0;
      source.answer = answer;
      source.intervalMs = intervalMs;
      const input: MonitoringInput = {
        releaseId: 'shop-20261121-abcdef',
        product: 'shop',
        environment: 'production',
        level: 'enhanced',
        windowMs,
        intervalMs,
        checks: [errorRate],
        deployedAt: new Date().toISOString(),
      };
      return await startWithTimeSkipping(connected.client, {
        workflowId: makeUniqueName('monitoring'),
        workflowType: 'monitoring',
        taskQueue: workflowQueue(prefix),
        args: [input],
        maxSkips: 10_000,
      });
    },
    stop: async () => {
      for (const worker of workers) worker.shutdown();
      await Promise.allSettled(running);
      await connected.close();
      await connection.close();
    },
  };
}

const errorRate: MonitoringCheck = {
  severity: 'critical',
  source: { script: { run: ['ops/measure'], timeoutMs: 1_000 } },
  check: {
    name: 'error_rate',
    kind: 'ratio',
    direction: 'lower_is_better',
    compare: 'none',
    limit: { value: 2, gross: 40, breaches: 2, of: 3, hysteresis: 0.1 },
    relativeLimit: 2,
    criticality: 'critical',
    minimumSamples: 3,
    minimumRequests: 10,
    minimumCoverage: 0.5,
    hostNoise: 0.03,
  },
};
