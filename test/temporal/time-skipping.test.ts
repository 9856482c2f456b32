import { fileURLToPath } from 'node:url';
import { type NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConnectedClient } from '../../src/temporal/connection.ts';
import { createDataConverter } from '../../src/temporal/data-converter.ts';
import { connectTestClient, connectTestWorker, makeUniqueName } from '../support/server/temporal-server.ts';
import { setTimeSkipping, startWithTimeSkipping } from '../support/server/time-skipping.ts';

const DAY = 24 * 3_600_000;
const taskQueue = makeUniqueName('time');
let connected: ConnectedClient;
let native: NativeConnection;
let worker: Worker;

beforeAll(async () => {
  connected = await connectTestClient();
  native = await connectTestWorker();
  worker = await Worker.create({
    connection: native,
    taskQueue,
    workflowsPath: fileURLToPath(new URL('./fixtures/workflows.ts', import.meta.url)),
    dataConverter: createDataConverter(),
  });
});

afterAll(async () => {
  await native?.close();
  await connected?.close();
});

test('a timer of a day passes within seconds, in a workflow started so or switched while it runs', async () => {
  const { client } = connected;
  const startedAt = Date.now();
  const results = await worker.runUntil(async () => {
    const started = await startWithTimeSkipping(client, {
      workflowId: makeUniqueName('sleep'),
      workflowType: 'sleepFor',
      taskQueue,
      args: [DAY],
    });
    const workflowId = makeUniqueName('sleep');
    const switched = await client.workflow.start('sleepFor', { workflowId, taskQueue, args: [DAY] });
    await setTimeSkipping(client, workflowId, true);
    return [await started.result(), await switched.result()];
  });
  for (const result of results) expect((result as { slept: number }).slept).toBeGreaterThanOrEqual(DAY);
  expect(Date.now() - startedAt).toBeLessThan(30_000);
});
