import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awaitDeployment, awaitRollback } from '../../src/activities/support/watch-workflows.ts';
import { connectTestClient, connectTestWorker, makeUniqueName } from '../support/server/temporal-server.ts';

/** Ids of children can be known beforehand, and anybody who has the namespace may run something under them. */
describe('a deployment that runs already under the id of a release’s own', () => {
  let client: Client;
  let stop: () => Promise<void>;
  const taskQueue = makeUniqueName('squatter');

  beforeAll(async () => {
    const connected = await connectTestClient();
    client = connected.client;
    const connection = await connectTestWorker();
    const worker = await Worker.create({
      connection,
      taskQueue,
      workflowsPath: new URL('./rogue.workflow.ts', import.meta.url).pathname,
    });
    const running = worker.run();
    stop = async () => {
      worker.shutdown();
      await running;
      await connection.close();
      await connected.close();
    };
  });

  afterAll(async () => {
    await stop?.();
  });

  const workflowId = (name: string) => `deployment/lib/production/${name}/1`;
  /** A workflow of that id with a child of that id, which says what it was told to. */
  const start = (parent: string, child: string) =>
    client.workflow.start('runChild', {
      taskQueue,
      workflowId: parent,
      args: [child, { outcome: 'deployed' }],
    });

  it('is not believed where nobody’s workflow started it, and people are told whose it is', async () => {
    const squatted = workflowId(makeUniqueName('alone'));
    await client.workflow.start('answer', {
      taskQueue,
      workflowId: squatted,
      args: [{ outcome: 'deployed' }],
    });
    await expect(
      awaitDeployment(client)({
        workflowId: squatted,
        startedBy: { workflowId: 'release/lib', runId: 'first' },
      }),
    ).rejects.toMatchObject({
      type: 'Conflict',
      message: `${squatted} runs already, and release/lib did not start it: it has no parent`,
      details: [{ next: expect.stringContaining('terminate it there, then retry') }],
    });
  });

  it('is not believed where another workflow of the release’s id started it, before or after', async () => {
    const own = makeUniqueName('release');
    const squatted = workflowId(own);
    const before = await start(own, squatted);
    await before.result();
    const later = await start(own, workflowId(makeUniqueName('other')));
    await expect(
      awaitDeployment(client)({
        workflowId: squatted,
        startedBy: { workflowId: own, runId: later.firstExecutionRunId },
      }),
    ).rejects.toMatchObject({
      type: 'Conflict',
      message: expect.stringContaining(before.firstExecutionRunId),
    });
  });

  it('is joined by the release whose child it is', async () => {
    const own = makeUniqueName('release');
    const child = workflowId(own);
    const first = await start(own, child);
    await first.result();
    const wanted = { workflowId: child, startedBy: { workflowId: own, runId: first.firstExecutionRunId } };
    expect(await awaitDeployment(client)(wanted)).toEqual({ outcome: 'deployed' });
  });
});

/** A rollback may be joined by whoever comes second: by its id alone, anybody's would do. */
describe('a rollback that runs already under the id of an environment’s own', () => {
  const own = makeUniqueName('own-queue');
  const strange = makeUniqueName('strange-queue');
  const said = { outcome: 'rolled_back', running: '1.0.0' };
  let client: Client;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    const connected = await connectTestClient();
    client = connected.client;
    const connection = await connectTestWorker();
    const workers = await Promise.all(
      [
        { taskQueue: own, file: './own.workflow.ts' },
        { taskQueue: strange, file: './rogue.workflow.ts' },
      ].map(({ taskQueue, file }) =>
        Worker.create({ connection, taskQueue, workflowsPath: new URL(file, import.meta.url).pathname }),
      ),
    );
    const running = workers.map((worker) => worker.run());
    stop = async () => {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
      await connection.close();
      await connected.close();
    };
  });

  afterAll(async () => {
    await stop?.();
  });

  const join = (product: string) =>
    awaitRollback(client)({
      workflowId: `rollback/${product}/production`,
      of: { product, environment: 'production', taskQueue: own },
    });

  it('is not believed where other code runs there', async () => {
    const product = makeUniqueName('lib');
    await client.workflow.start('answer', {
      taskQueue: strange,
      workflowId: `rollback/${product}/production`,
      args: [said],
    });
    await expect(join(product)).rejects.toMatchObject({
      type: 'Conflict',
      message: `rollback/${product}/production runs already, and no flow of ${product} started it: it is answer on ${strange}`,
      details: [{ next: expect.stringContaining('terminate it there, then retry') }],
    });
  });

  it('is not believed where no flow of the product started it', async () => {
    const product = makeUniqueName('lib');
    const workflowId = `rollback/${product}/production`;
    await client.workflow.start('rollback', { taskQueue: own, workflowId, args: [said] });
    await expect(join(product)).rejects.toMatchObject({
      type: 'Conflict',
      message: expect.stringContaining('it has no parent'),
    });
  });

  it('is not believed where somebody else’s workflow started it, also under the id of such a flow', async () => {
    const product = makeUniqueName('lib');
    const workflowId = `rollback/${product}/production`;
    const starter = await client.workflow.start('runChildElsewhere', {
      taskQueue: strange,
      workflowId: `rollback/${product}`,
      args: ['rollback', workflowId, own, said],
    });
    await starter.result();
    await expect(join(product)).rejects.toMatchObject({
      type: 'Conflict',
      message: expect.stringContaining(`rollback/${product} (run ${starter.firstExecutionRunId}) did`),
    });
    const other = makeUniqueName('lib');
    const foreign = await client.workflow.start('rollBackProduct', {
      taskQueue: own,
      workflowId: `rollback/${product}-other`,
      args: [`rollback/${other}/production`, said],
    });
    await foreign.result();
    await expect(join(other)).rejects.toMatchObject({ type: 'Conflict' });
  });

  it('is joined where a flow of the product started it', async () => {
    const product = makeUniqueName('lib');
    const starter = await client.workflow.start('rollBackProduct', {
      taskQueue: own,
      workflowId: `rollback/${product}`,
      args: [`rollback/${product}/production`, said],
    });
    await starter.result();
    expect(await join(product)).toEqual(said);
  });
});
