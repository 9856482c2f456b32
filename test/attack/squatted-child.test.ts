import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awaitDeployment } from '../../src/activities/support/watch-workflows.ts';
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
