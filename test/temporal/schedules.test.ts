import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConnectedClient } from '../../src/temporal/connection.ts';
import {
  applySchedules,
  listSchedules,
  triggerSchedule,
  type WantedSchedule,
} from '../../src/temporal/schedules.ts';
import { connectTestClient, makeUniqueName, waitFor } from '../support/server/temporal-server.ts';

const prefix = `${makeUniqueName('calendar')}/`;
let connected: ConnectedClient;

beforeAll(async () => {
  connected = await connectTestClient();
});

afterAll(async () => {
  await applySchedules(connected.client, [], prefix);
  await connected.close();
});

function want(product: string, hour: number): WantedSchedule {
  return {
    id: `${prefix}${product}`,
    calendar: { dayOfWeek: 'FRIDAY', hour, minute: 0 },
    timeZone: 'Europe/Berlin',
    workflowType: 'endAtOnce',
    workflowId: `${prefix}${product}`,
    args: [product],
    taskQueue: 'nobody-listens-here',
    note: 'Starts paused; enable it when ready.',
  };
}

describe('applying schedules', () => {
  test('creates them paused, keeps a person’s un-pausing, changes the time, removes what is not wanted', async () => {
    const { client } = connected;
    const first = await applySchedules(client, [want('shop', 9), want('docs', 9)], prefix);
    expect(first.created).toEqual([`${prefix}shop`, `${prefix}docs`]);
    const created = await client.schedule.getHandle(`${prefix}shop`).describe();
    expect(created.state.paused).toBe(true);
    expect(created.policies).toEqual({ overlap: 'SKIP', catchupWindow: 3_600_000, pauseOnFailure: true });

    await client.schedule.getHandle(`${prefix}shop`).unpause('Ready now');
    await waitFor('both schedules to be listed', async () => {
      return (await listSchedules(client, prefix)).length === 2;
    });
    const second = await applySchedules(client, [want('shop', 14)], prefix);
    expect(second).toEqual({ created: [], updated: [`${prefix}shop`], removed: [`${prefix}docs`] });

    const states = await waitFor('the removed one to leave the list', async () => {
      const all = await listSchedules(client, prefix);
      return all.length === 1 && all;
    });
    expect(states[0]).toMatchObject({ id: `${prefix}shop`, paused: false, note: 'Ready now' });
    const next = new Date(states[0]?.nextTimes[0] ?? '');
    const local = new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Europe/Berlin',
      weekday: 'long',
      hour: '2-digit',
      minute: '2-digit',
    }).format(next);
    expect(local).toMatch(/Friday.*14:00/);
  });

  test('leaves a schedule alone that somebody else made under a wanted id', async () => {
    const { client } = connected;
    const wanted = want('foreign', 9);
    await client.schedule.create({
      scheduleId: wanted.id,
      spec: { intervals: [{ every: '365 days' }] },
      action: { type: 'startWorkflow', workflowType: 'other', workflowId: 'other', taskQueue: 'other' },
    });
    await expect(applySchedules(client, [wanted], prefix)).rejects.toThrow(
      /exists that Windlass did not make/,
    );
    const untouched = await client.schedule.getHandle(wanted.id).describe();
    expect(untouched.action).toMatchObject({ workflowType: 'other' });
    await client.schedule.getHandle(wanted.id).delete();
  });

  test('a trigger starts the workflow of a paused schedule once', async () => {
    const { client } = connected;
    const wanted = want('triggered', 9);
    await applySchedules(client, [wanted], prefix);
    await triggerSchedule(client, wanted.id);
    const description = await waitFor('the schedule to have started its workflow', async () => {
      const each = await client.schedule.getHandle(wanted.id).describe();
      return each.info.recentActions.length > 0 && each;
    });
    expect(description.info.recentActions).toHaveLength(1);
    const { workflowId } = description.info.recentActions[0]?.action.workflow ?? {};
    expect(workflowId).toMatch(new RegExp(`^${wanted.workflowId}-\\d{4}-\\d{2}-\\d{2}T`));
    await client.workflow.getHandle(workflowId ?? '').terminate('end of test');
  });

  test('a trigger of an unknown schedule says which command shows those that exist', async () => {
    await expect(triggerSchedule(connected.client, `${prefix}nothing`)).rejects.toThrow(
      /no schedule .*nothing.*Nothing was started.*windlass schedule list/,
    );
  });
});
