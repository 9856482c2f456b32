import { randomBytes } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { type NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roleQueue, workflowQueue } from '../../src/contracts/task-queues.ts';
import { WORKFLOW_TYPES } from '../../src/contracts/workflow-ids.ts';
import { createDataConverter } from '../../src/temporal/data-converter.ts';
import type { SealingKeys } from '../../src/temporal/sealing/sealing-keys.ts';
import { createWorker } from '../../src/workers/start-workers.ts';
import { commitToMain, type GreeterWorld, startGreeterWorld } from '../support/fixture/greeter-world.ts';
import { readWorkflowBundle } from '../support/fixture/made-once.ts';
import { connectTestClient, connectTestWorker, makeUniqueName } from '../support/server/temporal-server.ts';

const sealing = makeKeys();
/** What only the installation knows; in the plan, the notes and the record. */
const SECRET_FEATURE = 'greet in Klingon on request';

describe('an installation that seals what goes through Temporal', () => {
  let scene: GreeterWorld;
  /** Has the namespace, and nothing else. */
  let stranger: Client;
  let native: NativeConnection;
  let leave: () => Promise<void>;

  beforeAll(async () => {
    scene = await startGreeterWorld(undefined, {}, sealing);
    const connected = await connectTestClient();
    stranger = connected.client;
    native = await connectTestWorker();
    leave = async () => {
      await native.close();
      await connected.close();
    };
    commitToMain(scene, [`feat: ${SECRET_FEATURE}`]);
    await scene.start();
    await scene.approveEverything();
  });

  afterAll(async () => {
    await leave?.();
    await scene?.stop();
  });

  it('releases as one that does not', async () => {
    const record = await scene.record();
    expect(record.outcome).toBe('released');
    expect(record.plan?.included.some(({ subject }) => subject.includes(SECRET_FEATURE))).toBe(true);
  });

  it('shows nothing of it to who only reads the namespace', async () => {
    const history = await scene.handle().fetchHistory();
    const payloads = findPayloads(history);
    expect(payloads.length).toBeGreaterThan(50);
    const open = payloads.filter(({ encoding }) => encoding !== 'binary/encrypted');
    // Temporal itself writes search attributes and the names of patches, past any codec.
    const byTemporal = /searchAttributes|markerRecordedEventAttributes\/details\/patch-data/;
    expect(open.filter(({ path }) => !byTemporal.test(path))).toEqual([]);
    expect(JSON.stringify(history)).not.toContain(
      Buffer.from(SECRET_FEATURE).toString('base64').slice(4, -4),
    );
    expect(payloads.some(({ text }) => text.includes(SECRET_FEATURE))).toBe(false);
    await expect(
      stranger.workflow.getHandle(scene.handle().workflowId).query('status'),
    ).resolves.not.toMatchObject({ format: 1 });
  });

  it('refuses a workflow whose input it did not seal, before any of its code runs', async () => {
    const handle = await stranger.workflow.start(WORKFLOW_TYPES.rollBackProduct, {
      workflowId: `rollback/${scene.product}`,
      taskQueue: workflowQueue(scene.product),
      args: [{ request: { releaseId: 'x', product: scene.product }, reason: 'because' }],
    });
    await expect(handle.result()).rejects.toMatchObject({
      cause: {
        message: expect.stringContaining('its input is not from this installation: it is not sealed'),
      },
    });
    const events = (await handle.fetchHistory()).events ?? [];
    expect(events.some((event) => event.activityTaskScheduledEventAttributes)).toBe(false);
  });

  it('refuses a sealed input that was copied from the history of another workflow', async () => {
    const history = await scene.handle().fetchHistory();
    const input = history.events?.[0]?.workflowExecutionStartedEventAttributes?.input;
    const workflowId = `hotfix/${scene.product}`;
    await stranger.workflowService.startWorkflowExecution({
      namespace: 'default',
      workflowId,
      requestId: makeUniqueName('request'),
      workflowType: { name: WORKFLOW_TYPES.release },
      taskQueue: { name: workflowQueue(scene.product) },
      ...(input === undefined || input === null ? {} : { input }),
    });
    await expect(stranger.workflow.getHandle(workflowId).result()).rejects.toMatchObject({
      cause: { message: expect.stringContaining('it was sealed for another workflow') },
    });
  });

  it('lets no activity of a role be called by a workflow of somebody else', async () => {
    const taskQueue = makeUniqueName('rogue');
    const worker = await Worker.create({
      connection: native,
      taskQueue,
      // Its own failure to read the answer would wedge it.
      dataConverter: createDataConverter(),
      workflowsPath: new URL('./rogue.workflow.ts', import.meta.url).pathname,
    });
    const input = { product: scene.product, releaseId: 'x', tag: 'v9.9.9', commit: 'HEAD', version: '9.9.9' };
    const called = worker.runUntil(
      stranger.workflow.execute('callActivity', {
        taskQueue,
        workflowId: makeUniqueName('rogue'),
        args: [{ taskQueue: roleQueue(workflowQueue(scene.product), 'release'), activity: 'pushTag', input }],
      }),
    );
    await expect(called).rejects.toMatchObject({
      cause: { cause: { type: 'NotAuthorized' } },
    });
  });

  it('believes no answer of a worker that has not its keys', async () => {
    const prefix = makeUniqueName('impostor');
    const workflows = await createWorker('workflow', {
      connection: native,
      namespace: 'default',
      client: scene.client,
      installation: scene.installation,
      queuePrefix: prefix,
      bundle: await readWorkflowBundle(),
      sealing,
    });
    const running = workflows.run();
    const handle = await scene.client.workflow.start(WORKFLOW_TYPES.checkGates, {
      workflowId: `gates/${prefix}`,
      taskQueue: workflowQueue(prefix),
      args: [
        {
          request: {
            releaseId: prefix,
            product: scene.product,
            bump: 'auto',
            requestedBy: 'ada',
            requestedAt: new Date().toISOString(),
            via: 'api',
          },
        },
      ],
    });
    const name = roleQueue(workflowQueue(prefix), 'release');
    const task = await stranger.withDeadline(Date.now() + 60_000, () =>
      stranger.workflowService.pollActivityTaskQueue({ namespace: 'default', taskQueue: { name } }),
    );
    expect(task.activityType?.name).toBe('loadProduct');
    const lie = { name: scene.product, title: 'Owned', environments: [] };
    await stranger.workflowService.respondActivityTaskCompleted({
      namespace: 'default',
      taskToken: task.taskToken,
      result: { payloads: [defaultPayloadConverter.toPayload(lie) as Payload] },
    });
    const failure = await waitForEnding(scene.client, handle.workflowId);
    await handle.terminate();
    workflows.shutdown();
    await running;
    expect(failure).toContain('the answer of loadProduct is not from this installation: it is not sealed');
  });
});

/** What the record says of its end. */
async function waitForEnding(client: Client, workflowId: string): Promise<string> {
  for (;;) {
    const record = await client.workflow
      .getHandle(workflowId)
      .query<{ ending?: string; steps: { failure?: { what: string } }[] }>('status');
    const said = record.ending ?? record.steps.find(({ failure }) => failure)?.failure?.what;
    if (said !== undefined) return said;
  }
}

function makeKeys(): SealingKeys {
  const key = randomBytes(32);
  return { sealing: { keyId: 'test', key }, opening: new Map([['test', key]]) };
}

/** Every payload of a history, wherever it stands. */
function findPayloads(value: unknown, path = ''): { path: string; encoding: string; text: string }[] {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return [];
  const { metadata, data } = value as { metadata?: Record<string, Uint8Array>; data?: Uint8Array };
  if (metadata?.['encoding'] instanceof Uint8Array) {
    const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('utf8');
    return [{ path, encoding: text(metadata['encoding']), text: text(data) }];
  }
  return Object.entries(value).flatMap(([name, inner]) => findPayloads(inner, `${path}/${name}`));
}
