import { fileURLToPath } from 'node:url';
import { type NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ActivityDeps, findProduct } from '../../src/activities/deps.ts';
import type { ConfigMistake } from '../../src/config/mistakes/mistake.ts';
import { readAsking } from '../../src/contracts/inbound/read-asking.ts';
import type { ConnectedClient } from '../../src/temporal/connection.ts';
import {
  connectTestClient,
  connectTestWorker,
  makeUniqueName,
  waitFor,
} from '../support/server/temporal-server.ts';

const taskQueue = makeUniqueName('waiting');
let connected: ConnectedClient;
let native: NativeConnection;
let worker: Worker;
let running: Promise<void>;

beforeAll(async () => {
  connected = await connectTestClient();
  native = await connectTestWorker();
  const workflowsPath = fileURLToPath(new URL('./fixtures/waiting-workflows.ts', import.meta.url));
  worker = await Worker.create({ connection: native, taskQueue, workflowsPath });
  running = worker.run();
});

afterAll(async () => {
  worker?.shutdown();
  await running;
  await native?.close();
  await connected?.close();
});

async function startWaiting() {
  const queue = makeUniqueName('waiting-qa');
  const handle = await connected.client.workflow.start('waiting', {
    workflowId: queue,
    taskQueue,
    args: [queue],
  });
  const untilTold = async (told: string[]) =>
    await waitFor(told.at(-1) ?? '', async () => {
      const now = await handle.query<string[]>('told');
      return now.length === told.length && now.every((one, at) => one === told[at]);
    });
  return { queue, handle, untilTold };
}

async function withWorker(queue: string, work: () => Promise<string>, during: () => Promise<void>) {
  const role = await Worker.create({ connection: native, taskQueue: queue, activities: { work } });
  await role.runUntil(during());
}

const TAKEN = ['worker_missing qa', 'worker_wait_over qa'];

describe('work for which no worker is there', () => {
  it('is told of once, and again when one takes it up, also while it is still at it', async () => {
    const { queue, handle, untilTold } = await startWaiting();
    await untilTold(['worker_missing qa']);
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    await withWorker(
      queue,
      async () => {
        await finished;
        return 'done';
      },
      async () => {
        await untilTold(TAKEN);
        finish();
        expect(await handle.result()).toEqual(['done', 'done']);
      },
    );
  });

  it('that fails has been taken up as well, and its failure is the answer', async () => {
    const { queue, handle, untilTold } = await startWaiting();
    await untilTold(['worker_missing qa']);
    await withWorker(
      queue,
      async () => {
        throw new Error('the tests are red');
      },
      async () => {
        expect(await handle.result()).toEqual(['the tests are red', 'the tests are red']);
        expect(await handle.query('told')).toEqual(TAKEN);
      },
    );
  });

  it('is not waited for any more once it is cancelled', async () => {
    const { handle, untilTold } = await startWaiting();
    await untilTold(['worker_missing qa']);
    await handle.cancel();
    await handle.result().catch(() => undefined);
    await untilTold(TAKEN);
  });
});

describe('work that the configuration of its worker refuses', () => {
  const MISTAKE: ConfigMistake = {
    path: 'products.shop.titel',
    line: 7,
    expected: '"title"',
    found: '"titel"',
  };

  it('fails no step: why it waits is told once, and it is done as soon as the file is mended', async () => {
    const queue = makeUniqueName('refusing-qa');
    const installation = { file: '/etc/windlass.yaml', products: {}, stopped: { shop: [MISTAKE] } };
    let asked = 0;
    const work = async (_input: object, asking?: object) => {
      asked += 1;
      // The answer of a worker, to the try that the server made.
      const deps = { installation, round: () => readAsking(asking).round } as unknown as ActivityDeps;
      if (asking !== undefined) Object.assign(installation, { products: { shop: {} }, stopped: {} });
      findProduct(deps, 'shop');
      return 'done';
    };
    const role = await Worker.create({ connection: native, taskQueue: queue, activities: { work } });
    const handle = await connected.client.workflow.start('refusing', {
      workflowId: queue,
      taskQueue,
      args: [queue],
    });
    expect(await role.runUntil(handle.result())).toBe('done');
    expect(await handle.query('told')).toEqual([
      'qa: shop is stopped: /etc/windlass.yaml has 1 mistake in what it says of it, at products.shop.titel (line 7): expected "title", found "titel"',
      'worker_wait_over',
    ]);
    expect(asked).toBe(2);
  });
});
