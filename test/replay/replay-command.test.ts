import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import proto from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { runReplay } from '../../src/cli/replay.ts';
import { workflowQueue } from '../../src/contracts/task-queues.ts';
import { WORKFLOW_TYPES } from '../../src/contracts/workflow-ids.ts';
import { createDataConverter } from '../../src/temporal/data-converter.ts';
import { ensureSearchAttributes } from '../../src/temporal/search-attributes.ts';
import { say } from '../cli/cli-context.ts';
import { readWorkflowBundle } from '../support/fixture/made-once.ts';
import {
  connectTestClient,
  connectTestWorker,
  createTestNamespace,
  readSharedTemporal,
  waitFor,
} from '../support/server/temporal-server.ts';

const { History } = proto.temporal.api.history.v1;
const RECORDED = fileURLToPath(new URL('./histories/hotfix-deployment-1.bin.gz', import.meta.url));

const ROLES = ['ceo', 'engineering_lead', 'product_manager', 'release_manager', 'qa', 'on_call'];
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'windlass-replay-'));
});

afterAll(async () => await rm(folder, { recursive: true, force: true }));

const replay = async (...argv: string[]) => await say(runReplay, argv, {}, folder);

/** The recorded deployment with its first two different activities in the other order. */
async function writeChangedOrder(): Promise<string> {
  const history = History.decode(gunzipSync(await readFile(RECORDED)));
  const steps = history.events.flatMap((event) => event.activityTaskScheduledEventAttributes ?? []);
  const [first] = steps;
  const other = steps.find((step) => step.activityType?.name !== first?.activityType?.name);
  if (!first || !other) throw new Error('the recorded deployment has fewer than two activities');
  [first.activityType, other.activityType] = [other.activityType ?? null, first.activityType ?? null];
  const file = join(folder, 'changed-order.bin');
  await writeFile(file, History.encode(history).finish());
  return file;
}

describe('windlass replay of files', () => {
  test('a history that this version would have made goes on', async () => {
    expect(await replay(RECORDED)).toEqual({ code: 0, out: 'All 1 go on with this version.\n', err: '' });
  });

  test('one whose steps had another order is named in one sentence, and the others are still looked at', async () => {
    const { code, out, err } = await replay(await writeChangedOrder(), RECORDED);
    expect({ code, err }).toEqual({ code: 1, err: '' });
    const [broken = '', total = ''] = out.split('\n');
    expect(broken).toMatch(/^deployment\/.* would not go on: the code of this version does something else/);
    expect(broken).not.toMatch(/\n|at .*\.js|undefined/);
    expect(total).toMatch(/^1 of 2 would not go on.*Nothing was changed.*upgrading\.md/);
  });

  test('every file that is no history is told at once, and nothing is replayed', async () => {
    const text = join(folder, 'notes.json');
    await writeFile(text, '{"events": []}');
    const { code, out, err } = await replay(text, join(folder, 'absent.bin'), RECORDED);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/notes\.json: it is no history.*\n.*absent\.bin: there is no such file/);
  });

  test('neither files nor the server, or both, is wrong use', async () => {
    expect((await replay()).code).toBe(2);
    expect((await replay('--from-server', RECORDED)).code).toBe(2);
  });
});

describe('windlass replay --from-server', { timeout: 120_000 }, () => {
  test('opens what the installation sealed, and names a workflow that a newer version began', async () => {
    const shared = await connectTestClient();
    const namespace = await createTestNamespace(shared.connection);
    await ensureSearchAttributes({ connection: shared.connection, namespace });
    await shared.close();
    const key = randomBytes(32);
    const sealing = { sealing: { keyId: 'first', key }, opening: new Map([['first', key]]) };
    await writeFile(join(folder, 'payload'), key.toString('base64'));
    const config = (keyId: string) =>
      stringify({
        temporal: {
          address: readSharedTemporal().address,
          namespace,
          payload_keys: [{ key_id: keyId, key: 'payload' }],
        },
        secrets: { payload: { file: join(folder, 'payload') } },
        people: Object.fromEntries(
          ROLES.map((role) => [role, { roles: [role], token_sha256: sha256(role) }]),
        ),
        products: {
          shop: {
            repository: 'https://git.example.test/team/shop.git',
            scripts: { build: 'ops/build', test: 'ops/test' },
          },
        },
      });
    await writeFile(join(folder, 'windlass.yaml'), config('first'));
    expect(await replay('--from-server')).toMatchObject({
      code: 0,
      out: 'No workflow is open: nothing could break.\n',
    });

    const { client, close } = await connectTestClient(namespace, sealing);
    const connection = await connectTestWorker();
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue: workflowQueue(),
      workflowBundle: await readWorkflowBundle(),
      dataConverter: createDataConverter(sealing),
    });
    const running = worker.run();
    const release = {
      releaseId: 'shop-20261121-0d0d0d',
      product: 'shop',
      bump: 'patch',
      requestedBy: 'cleo',
      requestedAt: '2026-11-21T10:00:00.000Z',
      via: 'api',
    };
    const handle = await client.workflow.start(WORKFLOW_TYPES.checkGates, {
      workflowId: 'gates/shop',
      taskQueue: workflowQueue(),
      args: [{ request: release }],
    });
    try {
      await waitFor('its first step', async () => {
        const { events } = await handle.fetchHistory();
        return events?.some((event) => event.activityTaskScheduledEventAttributes);
      });
      // In visibility, which is behind the history.
      const listed = async (count: number) =>
        await waitFor(`${count} open workflows in the list`, async () => {
          const query = "ExecutionStatus = 'Running'";
          return (await client.workflow.count(query)).count === count;
        });
      await listed(1);
      expect(await replay('--from-server')).toEqual({
        code: 0,
        out: 'All 1 go on with this version.\n',
        err: '',
      });

      worker.shutdown();
      await running;
      await client.workflow.start('newerThanThis', { workflowId: 'newer/shop', taskQueue: workflowQueue() });
      await listed(2);
      const newer = await replay('--from-server');
      expect(newer.code).toBe(1);
      expect(newer.out).toMatch(
        /^newer\/shop would not go on: this version has no workflow "newerThanThis"/m,
      );
      expect(newer.out).toContain('1 of 2 would not go on');

      await writeFile(join(folder, 'windlass.yaml'), config('another'));
      const unopened = await replay('--from-server');
      expect(unopened.code).toBe(1);
      expect(unopened.out).toMatch(
        /^gates\/shop would not go on: it is sealed with the payload key "first"/m,
      );
    } finally {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
      await connection.close();
      await close();
    }
  });
});
