import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ScheduleDescription } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { startApi } from '../../src/api/server.ts';
import { runSchedule } from '../../src/cli/schedule.ts';
import { isConfigMistakes } from '../../src/config/installation.ts';
import { loadInstallation } from '../../src/config/load.ts';
import type { ConnectedClient } from '../../src/temporal/connection.ts';
import { ensureSearchAttributes } from '../../src/temporal/search-attributes.ts';
import { openStore } from '../../src/workers/open-store.ts';
import {
  connectTestClient,
  createTestNamespace,
  readSharedTemporal,
  waitFor,
} from '../support/server/temporal-server.ts';
import { type Said, say } from './cli-context.ts';

const ROLES = ['ceo', 'engineering_lead', 'product_manager', 'release_manager', 'qa', 'on_call'];
const SCHEDULE = {
  day: 'fri',
  time: '16:00',
  time_zone: 'Europe/Berlin',
  every_weeks: 2,
  anchor: '2026-11-20',
};

let folder: string;
let namespace: string;
let connected: ConnectedClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'windlass-schedule-'));
  const shared = await connectTestClient();
  namespace = await createTestNamespace(shared.connection);
  await shared.close();
  connected = await connectTestClient(namespace);
  await ensureSearchAttributes({ connection: connected.connection, namespace });
});

afterAll(async () => {
  await connected?.close();
  await rm(folder, { recursive: true, force: true });
});

async function writeConfig(
  products: Record<string, { schedule?: object; autoTrigger?: boolean }>,
): Promise<void> {
  const product = ({ schedule, autoTrigger }: { schedule?: object; autoTrigger?: boolean }) => ({
    repository: 'https://git.example.test/team/shop.git',
    scripts: { build: 'ops/build', test: 'ops/test' },
    ...(schedule === undefined ? {} : { schedule }),
    ...(autoTrigger === undefined ? {} : { release: { auto_trigger: autoTrigger } }),
  });
  const config = {
    temporal: { address: readSharedTemporal().address, namespace, sealed_payloads: false },
    people: Object.fromEntries(
      ROLES.map((role) => [role, { roles: [role], token_sha256: sha256(`token-of-${role}`) }]),
    ),
    products: Object.fromEntries(Object.entries(products).map(([name, each]) => [name, product(each)])),
  };
  await writeFile(join(folder, 'windlass.yaml'), stringify(config));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const schedule = async (...argv: string[]): Promise<Said> => await say(runSchedule, argv, {}, folder);
const describeSchedule = async (product: string): Promise<ScheduleDescription> =>
  await connected.client.schedule.getHandle(`calendar/${product}`).describe();

describe('windlass schedule', () => {
  test('apply creates it paused, enable and pause are kept, auto_trigger has its own say and no more', async () => {
    await writeConfig({
      shop: { schedule: SCHEDULE },
      docs: { schedule: SCHEDULE, autoTrigger: true },
      lib: {},
    });
    const first = await schedule('apply');
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toMatch(/created: shop\ncreated: docs\n/);
    const shop = await describeSchedule('shop');
    expect(shop.state.paused).toBe(true);
    expect(shop.action).toMatchObject({
      workflowType: 'calendar',
      workflowId: 'calendar/shop',
      taskQueue: 'windlass-workflows',
      args: [{ product: 'shop', everyWeeks: 2, anchor: '2026-11-20', timeZone: 'Europe/Berlin' }],
    });
    expect((await describeSchedule('docs')).state.paused).toBe(false);

    expect((await schedule('enable', 'shop')).code).toBe(0);
    expect((await schedule('pause', 'docs')).code).toBe(0);
    await schedule('apply');
    // What a person did by hand outlives an apply, in both directions.
    expect((await describeSchedule('shop')).state.paused).toBe(false);
    expect((await describeSchedule('docs')).state.paused).toBe(true);

    await writeConfig({ shop: { schedule: SCHEDULE, autoTrigger: true }, docs: { schedule: SCHEDULE } });
    await schedule('pause', 'shop');
    await schedule('apply');
    expect((await describeSchedule('shop')).state.paused).toBe(true);
  });

  test('apply pauses again what only auto_trigger had enabled', async () => {
    await writeConfig({ site: { schedule: SCHEDULE, autoTrigger: true } });
    await schedule('apply');
    expect((await describeSchedule('site')).state.paused).toBe(false);
    await writeConfig({ site: { schedule: SCHEDULE, autoTrigger: false } });
    const again = await schedule('apply');
    expect((await describeSchedule('site')).state.paused).toBe(true);
    expect(again.out).toContain('Paused until someone enables it: site');
  });

  test('preview shows the coming sprint ends without any server', async () => {
    await writeConfig({ shop: { schedule: SCHEDULE } });
    const { code, out } = await schedule('preview', 'shop', '--count', '3', '--from', '2027-03-10');
    expect(code).toBe(0);
    expect(out.split('\n').slice(1, 4)).toEqual([
      '  Fri 2027-03-12 16:00   (2027-03-12T15:00Z)',
      '  Fri 2027-03-26 16:00   (2027-03-26T15:00Z)',
      '  Fri 2027-04-09 16:00   (2027-04-09T14:00Z)',
    ]);
  });

  test('list and trigger go through the API, in the name of a person who may', async () => {
    // A sprint ends this week: else firing it starts nothing.
    const anchor = new Date().toISOString().slice(0, 10);
    const { day: _day, ...rest } = SCHEDULE;
    const day = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][new Date().getUTCDay()];
    await writeConfig({ shop: { schedule: { ...rest, day, anchor, time_zone: 'UTC' } } });
    await schedule('apply');
    const installation = loadInstallation({ file: join(folder, 'windlass.yaml'), environment: {} });
    if (isConfigMistakes(installation)) throw new Error('the configuration of this test has mistakes');
    const store = await openStore(installation);
    const { client } = connected;
    const api = await startApi({ installation, client, store, port: 0, log: () => undefined });
    try {
      const as = async (role: string, ...argv: string[]) =>
        await say(runSchedule, argv, { WINDLASS_API: api.url, WINDLASS_TOKEN: `token-of-${role}` });
      const listed = await waitFor('the list to know the schedule', async () => {
        const said = await as('qa', 'list');
        return said.out.includes('shop') && said;
      });
      expect(listed).toMatchObject({ code: 0, err: '' });
      expect(listed.out).toMatch(/^shop +(paused|enabled) +\d{4}-\d\d-\d\d \d\d:00/m);
      expect(await as('qa', 'trigger', 'shop')).toMatchObject({ code: 1, out: '' });
      expect((await describeSchedule('shop')).info.recentActions).toEqual([]);
      expect(await as('release_manager', 'trigger', 'shop')).toMatchObject({ code: 0, err: '' });
      // In the name of whoever fired it, which a firing of Temporal's schedule would not carry.
      const { events } = await client.workflow.getHandle('release/shop').fetchHistory();
      const [input] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
      expect(Buffer.from(input?.data ?? []).toString()).toContain('"requestedBy":"release_manager"');
      await client.workflow.getHandle('release/shop').terminate('end of test');
      expect((await as('release_manager', 'trigger', 'shpo')).err).toContain('There is no product "shpo"');
    } finally {
      await api.close();
    }
  });

  test('says what is wrong: an unknown product, one without a schedule, one not applied, bad figures', async () => {
    await writeConfig({ shop: { schedule: SCHEDULE }, lib: {}, fresh: { schedule: SCHEDULE } });
    expect(await schedule('preview', 'shpo')).toMatchObject({
      code: 1,
      err: expect.stringContaining('Did you mean "shop"?'),
    });
    expect((await schedule('preview', 'lib')).err).toContain('products.lib.schedule');
    expect((await schedule('enable', 'fresh')).err).toContain('windlass schedule apply');
    expect((await schedule('preview', 'shop', '--count', '1000')).code).toBe(2);
    expect((await schedule('preview', 'shop', '--from', '2027-02-30')).code).toBe(2);
    expect(await schedule('previev', 'shop')).toMatchObject({
      code: 2,
      err: expect.stringContaining('"preview"'),
    });
    expect((await schedule()).code).toBe(2);
  });

  test('shows every mistake of the configuration at once, and changes nothing', async () => {
    await writeFile(join(folder, 'windlass.yaml'), 'temporl: {}\nproducts: { shop: { repository: 7 } }\n');
    const { code, err } = await schedule('apply');
    expect(code).toBe(1);
    expect(err).toMatch(/temporl(?:.|\n)*did you mean "temporal"(?:.|\n)*products\.shop\.repository/);
  });
});
