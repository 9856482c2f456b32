import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runHealth } from '../../src/cli/process/health.ts';
import { roleQueue, workflowQueue } from '../../src/contracts/task-queues.ts';
import { say } from '../cli/cli-context.ts';
import { findFreePort } from '../support/network/free-port.ts';
import {
  connectTestWorker,
  makeUniqueName,
  readSharedTemporal,
  waitFor,
} from '../support/server/temporal-server.ts';

let native: NativeConnection;
let folder: string;

beforeAll(async () => {
  native = await connectTestWorker();
  folder = await mkdtemp(join(tmpdir(), 'windlass-health-'));
  const { address } = readSharedTemporal();
  const port = await findFreePort();
  const config = `temporal: { address: '${address}', sealed_payloads: false }\napi: { listen: '127.0.0.1:${port}' }\nproducts: {}\n`;
  await writeFile(join(folder, 'windlass.yaml'), config);
});

afterAll(async () => {
  await native?.close();
  await rm(folder, { recursive: true, force: true });
});

test('a worker’s container is healthy while its worker polls the role’s queue, and not before', async () => {
  const prefix = makeUniqueName('health');
  const examine = () =>
    say(async (args, context) => await runHealth(args, { context, queuePrefix: prefix }), ['qa'], {}, folder);
  expect(await examine()).toMatchObject({ code: 1, err: expect.stringContaining(`polls ${prefix}-qa`) });

  const worker = await Worker.create({
    connection: native,
    taskQueue: roleQueue(workflowQueue(prefix), 'qa'),
    activities: { rest: async () => undefined },
  });
  await worker.runUntil(waitFor('the container to be healthy', async () => (await examine()).code === 0));
});

test('the API is healthy while it answers, and a role that there is not is told', async () => {
  const ask = (name: string) =>
    say(async (args, context) => await runHealth(args, { context }), [name], {}, folder);
  expect(await ask('api')).toMatchObject({
    code: 1,
    err: expect.stringContaining('/healthz gives no answer (ECONNREFUSED)'),
  });
  expect(await ask('devopps')).toMatchObject({ code: 2, err: expect.stringContaining('devops') });
});
