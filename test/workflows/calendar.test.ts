import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { type NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { releaseWorkflowId, WORKFLOW_TYPES } from '../../src/contracts/workflow-ids.ts';
import type { CalendarInput, ReleaseInput } from '../../src/contracts/workflows.ts';
import { NOT_KNOWN } from '../../src/release/approvals.ts';
import { nextOccurrences } from '../../src/release/calendar/calendar.ts';
import type { ConnectedClient } from '../../src/temporal/connection.ts';
import { createDataConverter } from '../../src/temporal/data-converter.ts';
import type { CalendarResult } from '../../src/workflows/operations/calendar.ts';
import {
  connectTestClient,
  connectTestWorker,
  makeUniqueName,
  waitFor,
} from '../support/server/temporal-server.ts';

const DAY = 86_400_000;
const taskQueue = makeUniqueName('calendar');
let connected: ConnectedClient;
let native: NativeConnection;
let worker: Worker;
let running: Promise<void>;

beforeAll(async () => {
  connected = await connectTestClient();
  native = await connectTestWorker();
  worker = await Worker.create({
    connection: native,
    taskQueue,
    workflowsPath: fileURLToPath(new URL('./fixtures/calendar-workflows.ts', import.meta.url)),
    dataConverter: createDataConverter(),
  });
  running = worker.run();
});

afterAll(async () => {
  worker?.shutdown();
  await running;
  await native?.close();
  await connected?.close();
});

const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

/** A product whose sprints end in the week of `anchor` (an instant) and every second week from it. */
function makeInput(anchor: number, everyWeeks = 2): CalendarInput {
  return { product: makeUniqueName('shop'), everyWeeks, anchor: dayOf(anchor), timeZone: 'UTC' };
}

async function fire(input: CalendarInput): Promise<CalendarResult> {
  return await connected.client.workflow.execute(WORKFLOW_TYPES.calendar, {
    workflowId: makeUniqueName(`calendar/${input.product}`),
    taskQueue,
    args: [input],
  });
}

function releaseOf(input: CalendarInput): WorkflowHandle {
  return connected.client.workflow.getHandle(releaseWorkflowId(input.product));
}

describe('one firing of a schedule', () => {
  test('starts the release under its own id, ends at once, and the release goes on alone', async () => {
    const input = makeInput(Date.now());
    const result = await fire(input);
    expect(result.outcome).toBe('release started');
    const release = releaseOf(input);
    const { request } = await release.query<ReleaseInput>('input');
    expect(request).toMatchObject({
      product: input.product,
      bump: 'auto',
      requestedBy: 'schedule',
      via: 'schedule',
      releaseId: result.releaseId,
    });
    expect(request.releaseId).toMatch(
      new RegExp(`^${input.product}-${dayOf(Date.now()).replaceAll('-', '')}-[0-9a-f]{6}$`),
    );
    // Its parent has ended; had it not been abandoned, it would have been terminated with it.
    await release.signal('end');
    await release.result();
    expect((await release.describe()).status.name).toBe('COMPLETED');
  });

  test('by hand, in the Web UI: nobody knows by whom, so no one person can approve its release', async () => {
    const soon = new Date(Date.now() + DAY / 2);
    const day = (['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const)[soon.getUTCDay()] ?? 'fri';
    const input = {
      ...makeInput(Date.now()),
      everyWeeks: 1,
      fires: { day, time: soon.toISOString().slice(11, 16) },
    };
    await fire(input);
    const { request } = await releaseOf(input).query<ReleaseInput>('input');
    expect(request).toMatchObject({ via: 'schedule', askedThrough: [NOT_KNOWN] });
    await releaseOf(input).signal('end');
  });

  test('ends as "release in flight" where one runs already, and leaves that one alone', async () => {
    const input = makeInput(Date.now());
    const first = await fire(input);
    const second = await fire(input);
    expect(second.outcome).toBe('release in flight');
    expect(second.ending).toContain(releaseWorkflowId(input.product));
    const { request } = await releaseOf(input).query<ReleaseInput>('input');
    expect(request.releaseId).toBe(first.releaseId);
    await releaseOf(input).signal('end');
  });

  test('starts nothing in a week that ends no sprint', async () => {
    const input = makeInput(Date.now() + 7 * DAY);
    expect((await fire(input)).outcome).toBe('not a sprint end');
    await expect(releaseOf(input).describe()).rejects.toThrow(/not found/i);
  });

  test('belongs to the week for which it was scheduled, however late a worker comes to it', async () => {
    // Three weeks ago a sprint ended; this week does not count. A backfill makes up for that firing today.
    const then = Math.floor(Date.now() / DAY) * DAY - 21 * DAY + DAY / 2;
    const input = makeInput(then, 50);
    const weekday = new Date(then).toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' });
    const handle = await connected.client.schedule.create({
      scheduleId: `calendar/${input.product}`,
      spec: {
        calendars: [{ dayOfWeek: weekday.toUpperCase() as 'FRIDAY', hour: 12, minute: 0 }],
        timezone: 'UTC',
      },
      action: {
        type: 'startWorkflow',
        workflowType: WORKFLOW_TYPES.calendar,
        workflowId: `calendar/${input.product}`,
        taskQueue,
        args: [input],
      },
      state: { paused: true },
    });
    try {
      await handle.backfill([{ start: new Date(then - 60_000), end: new Date(then + 60_000) }]);
      const started = await waitFor('the release of that week', async () => {
        return await releaseOf(input)
          .query<ReleaseInput>('input')
          .catch(() => undefined);
      });
      expect(started.request.releaseId).toContain(`-${dayOf(then).replaceAll('-', '')}-`);
      expect((await fire(input)).outcome).toBe('not a sprint end');
      await releaseOf(input).signal('end');
    } finally {
      await handle.delete();
    }
  });
});

describe('the preview of a schedule', () => {
  test.each([
    ['Europe/Berlin', 'sun', '02:30'],
    ['Europe/Berlin', 'fri', '16:00'],
    ['America/New_York', 'sun', '01:30'],
    ['America/New_York', 'sun', '02:15'],
    ['America/Santiago', 'sun', '00:00'],
    // Not 02:15, which the half hour of this zone's spring leaves out: there the server fires at 02:45.
    ['Australia/Lord_Howe', 'sun', '01:45'],
    ['Asia/Kolkata', 'mon', '00:00'],
  ])('agrees with the server for two years: %s, %s %s', async (timeZone, day, time) => {
    const names = { sun: 'SUNDAY', mon: 'MONDAY', fri: 'FRIDAY' } as const;
    const [hour = 0, minute = 0] = time.split(':').map(Number);
    const handle = await connected.client.schedule.create({
      scheduleId: makeUniqueName('preview'),
      spec: {
        calendars: [{ dayOfWeek: names[day as keyof typeof names], hour, minute }],
        timezone: timeZone,
      },
      action: { type: 'startWorkflow', workflowType: 'none', taskQueue },
      state: { paused: true },
    });
    try {
      const [from, until] = [Date.UTC(2027, 0, 1), Date.UTC(2029, 0, 1)];
      // A plain number is encoded as well as the Long that the type asks for.
      const toTimestamp = (at: number) => ({ seconds: (at / 1_000) as never });
      const { startTime } = await connected.client.workflowService.listScheduleMatchingTimes({
        namespace: 'default',
        scheduleId: handle.scheduleId,
        startTime: toTimestamp(from),
        endTime: toTimestamp(until),
      });
      const server = (startTime ?? []).map(({ seconds }) => Number(seconds) * 1_000);
      const settings = { day, time, timeZone, everyWeeks: 1, anchor: '2027-01-01' };
      const ours = nextOccurrences(settings, from, 300).filter((at) => at <= until);
      expect(server.length).toBeGreaterThan(100);
      expect(server.filter((at) => !ours.includes(at))).toEqual([]);
      // Of a time that is there twice on one day, the server takes only one in some zones.
      const onlyOurs = ours.filter((at) => !server.includes(at));
      for (const at of onlyOurs) {
        const twins = server.filter((other) => other !== at && Math.abs(other - at) <= 3_600_000);
        expect(twins).toHaveLength(1);
      }
    } finally {
      await handle.delete();
    }
  });
});
