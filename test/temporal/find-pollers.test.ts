import { fileURLToPath } from 'node:url';
import { type NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { roleQueue, workflowQueue } from '../../src/contracts/task-queues.ts';
import { runCommand } from '../../src/temporal/server/run-command.ts';
import {
  connectTestWorker,
  makeUniqueName,
  readSharedTemporal,
  waitFor,
} from '../support/server/temporal-server.ts';

const check = fileURLToPath(new URL('../../docker/check-worker.mjs', import.meta.url));
let native: NativeConnection;

beforeAll(async () => {
  native = await connectTestWorker();
});

afterAll(() => native?.close());

test('a worker’s container is healthy while its worker polls the role’s queue, and not before', async () => {
  const prefix = makeUniqueName('health');
  const examine = () =>
    runCommand(process.execPath, [check, 'qa', prefix], {
      environment: { ...process.env, TEMPORAL_ADDRESS: readSharedTemporal().address },
      timeoutMs: 20_000,
    });
  const before = await examine();
  expect(before.code).toBe(1);
  expect(before.stderr).toContain(`polls ${prefix}-qa`);

  const worker = await Worker.create({
    connection: native,
    taskQueue: roleQueue(workflowQueue(prefix), 'qa'),
    activities: { rest: async () => undefined },
  });
  await worker.runUntil(waitFor('the container to be healthy', async () => (await examine()).code === 0));
});
