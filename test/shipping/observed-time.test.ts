import type { Worker } from '@temporalio/worker';
import { Worker as TemporalWorker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sample } from '../../src/contracts/activities.ts';
import { STATUS_QUERY } from '../../src/contracts/commands.ts';
import { roleQueue, workflowQueue } from '../../src/contracts/task-queues.ts';
import type { MonitoringInput, MonitoringResult } from '../../src/contracts/workflows.ts';
import type { MonitoringRecord } from '../../src/release/record.ts';
import type { MonitoringCheck } from '../../src/release/settings.ts';
import type { ConnectedClient } from '../../src/temporal/connection.ts';
import { createDataConverter } from '../../src/temporal/data-converter.ts';
import { startWithTimeSkipping } from '../../src/temporal/time-skipping.ts';
import { bundleWorkflows } from '../../src/workers/start-workers.ts';
import { connectTestClient, connectTestWorker, makeUniqueName } from '../support/temporal-server.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** What the metric source answers; stateful, as a source that is down for a while is. */
interface Source {
  looks: number;
  answer: (look: number) => number | null;
}

/** Whole days on the server's own time skipping: only the metrics are given, everything else is real. */
describe('monitoring in long windows', { timeout: 240_000 }, () => {
  const prefix = makeUniqueName('observed');
  const source: Source = { looks: 0, answer: () => 0 };
  let connected: ConnectedClient;
  let workers: Worker[];
  let running: Promise<void>[];
  let close: () => Promise<void>;

  beforeAll(async () => {
    connected = await connectTestClient();
    const connection = await connectTestWorker();
    close = () => connection.close();
    const common = { connection, dataConverter: createDataConverter() };
    const sampleChecks = async (): Promise<{ samples: Sample[] }> => {
      source.looks += 1;
      const value = source.answer(source.looks);
      return {
        samples: [
          { time: new Date().toISOString(), check: 'error_rate', group: 'candidate', value, requests: 600 },
        ],
      };
    };
    workers = [
      await TemporalWorker.create({
        ...common,
        taskQueue: workflowQueue(prefix),
        workflowBundle: await bundleWorkflows(),
      }),
      await TemporalWorker.create({
        ...common,
        taskQueue: roleQueue(workflowQueue(prefix), 'support'),
        activities: { sampleChecks, notify: async () => ({ sent: [], failed: [] }) },
      }),
    ];
    running = workers.map((worker) => worker.run());
  });

  afterAll(async () => {
    for (const worker of workers ?? []) worker.shutdown();
    await Promise.allSettled(running ?? []);
    await connected?.close();
    await close?.();
  });

  const watch = async (windowMs: number, intervalMs: number, answer: Source['answer']) => {
    source.looks = 0;
    source.answer = answer;
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
  };

  it('watches a whole day, below 2,000 events a run', async () => {
    const handle = await watch(DAY, 6 * MINUTE, () => 0);
    const result = (await handle.result()) as MonitoringResult;
    expect(result.status).toBe('passed');
    const first = connected.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId);
    const events: number[] = [];
    let runId: string | undefined = handle.firstExecutionRunId;
    while (runId) {
      const { events: found } = await connected.client.workflow
        .getHandle(handle.workflowId, runId)
        .fetchHistory();
      events.push(found?.length ?? 0);
      runId = found?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
    }
    expect(Math.max(...events)).toBeLessThan(2_000);
    const { startTime } = await first.describe();
    const { closeTime } = await handle.describe();
    // On the workflow's own clock, which is the one that counts, a day has passed.
    expect((closeTime?.getTime() ?? 0) - startTime.getTime()).toBeGreaterThanOrEqual(DAY);
    console.log(`events a run: ${events.join(', ')}; looks: ${source.looks}`);
  });

  it('makes up for an hour in which nothing could be measured', async () => {
    // Looks 5 to 16 find nothing.
    const handle = await watch(60 * MINUTE, 5 * MINUTE, (look) => (look >= 5 && look <= 16 ? null : 0));
    const result = (await handle.result()) as MonitoringResult;
    const record = await handle.query<MonitoringRecord>(STATUS_QUERY);
    expect(result.status).toBe('passed');
    expect(record.observedMs).toBeGreaterThanOrEqual(60 * MINUTE);
    const { startTime, closeTime } = await handle.describe();
    expect((closeTime?.getTime() ?? 0) - startTime.getTime()).toBeGreaterThanOrEqual(120 * MINUTE);
  });

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
});
