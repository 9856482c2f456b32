import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Command } from '../../src/contracts/commands.ts';
import { STATUS_QUERY } from '../../src/contracts/commands.ts';
import { workflowQueue } from '../../src/contracts/task-queues.ts';
import { incidentWorkflowId, rollBackProductWorkflowId } from '../../src/contracts/workflow-ids.ts';
import type { IncidentRecord } from '../../src/release/record/record.ts';
import { type GreeterWorld, startGreeterWorld } from '../support/fixture/greeter-world.ts';
import { signAs } from '../support/fixture/requests.ts';
import { waitFor } from '../support/server/temporal-server.ts';
import { startWithTimeSkipping } from '../support/server/time-skipping.ts';

const QUARTER_MS = 15 * 60_000;

/** The fifteen minutes of a `high` incident, on the server's own clock. */
describe('the deadline of a high incident', { timeout: 90_000 }, () => {
  let world: GreeterWorld;
  let notices: string;

  beforeAll(async () => {
    world = await startGreeterWorld();
    notices = join(world.root, 'notices', 'on-call.jsonl');
    world.installation.channels['on_call'] = [{ file: notices }];
  });

  afterAll(async () => {
    await world?.stop();
  });

  const handle = () => world.client.workflow.getHandle(incidentWorkflowId(world.product));
  const report = (severity?: string) => ({
    person: 'pager',
    reason: 'search is broken',
    ...(severity ? { severity } : {}),
  });
  const open = async () =>
    await waitFor('the incident', async () => (await handle().query<IncidentRecord[]>(STATUS_QUERY))[0]);
  const sign = (name: Command['name'], more: Partial<Command> = {}) => {
    const command = { name, releaseId: incidentWorkflowId(world.product), reason: 'looked at it', ...more };
    return signAs(world.fixture, 'on_call', command, 60_000);
  };
  /** A rollback that has begun is none that has ended: its own record says how it does. */
  const begun = () => `goes back: rollback/${world.product} says how that ends`;
  const answer = async (name: 'dismiss' | 'rollback') => {
    await handle().signal(name, sign(name));
    return (await handle().result()) as IncidentRecord[];
  };
  const start = async (severity?: string) => {
    await world.client.workflow.signalWithStart('incident', {
      workflowId: incidentWorkflowId(world.product),
      taskQueue: workflowQueue(world.product),
      args: [{ product: world.product }],
      signal: 'incident',
      signalArgs: [report(severity)],
    });
    return await open();
  };

  it('is dismissed by a signed word only', async () => {
    const incident = await start('high');
    expect(Date.parse(incident.deadline ?? '') - Date.parse(incident.at)).toBe(QUARTER_MS);
    for (let again = 0; again < 5; again++) {
      await handle().signal('dismiss', { person: 'mallory', reason: 'nothing to see' });
    }
    const [ended] = await answer('dismiss');
    expect(ended?.resolution).toBe('dismissed by ben: looked at it');
    // On-call hears of it once, however often mallory tries; the Web UI shows each.
    const told = readFileSync(notices, 'utf8').trimEnd().split('\n');
    const alerts = told.filter((line) => line.includes('does not come from the API'));
    expect(alerts).toHaveLength(1);
    expect(alerts[0]).toContain('Says it is from: mallory (unverified)');
  });

  it('is beaten by a person who rolls back at once', async () => {
    await start('high');
    const [ended] = await answer('rollback');
    expect(ended?.resolution).toBe(begun());
    await world.client.workflow.getHandle(rollBackProductWorkflowId(world.product)).terminate('seen');
  });

  it('asks for an unknown severity, which counts as high, and takes a worse one from anybody', async () => {
    expect((await start()).severity).toBe('high');
    await handle().signal('incident', report('low'));
    await handle().signal('incident', report('critical'));
    const [ended] = (await handle().result()) as IncidentRecord[];
    expect(ended).toMatchObject({ severity: 'critical', resolution: begun() });
    await world.client.workflow.getHandle(rollBackProductWorkflowId(world.product)).terminate('seen');
  });

  it('each is its own: rated and dismissed by its id, and what goes back has all of them in its record', async () => {
    await start('high');
    const all = async () => await handle().query<IncidentRecord[]>(STATUS_QUERY);
    const tell = async (reason: string, severity: string, more = {}) => {
      await handle().signal('incident', { person: 'pager', reason, severity, ...more });
      await waitFor(reason, async () => (await all()).some((one) => one.summary === reason));
    };
    await tell('a typo', 'low');
    await tell('payments are down', 'high');
    expect((await all()).map(({ severity, resolution }) => [severity, resolution])).toEqual([
      ['high', undefined],
      ['low', 'an issue for the next release'],
      ['high', undefined],
    ]);
    // Meant for neither, as far as anybody can tell; then for one.
    await handle().signal('dismiss', sign('dismiss'));
    const [first, , second] = await all();
    await handle().signal('dismiss', sign('dismiss', { incidentId: first?.id ?? '' }));
    await waitFor('the first to be settled', async () => (await all())[0]?.resolution !== undefined);
    expect((await all())[2]?.resolution).toBeUndefined();
    await handle().signal('incident', sign('incident', { incidentId: second?.id ?? '', severity: 'medium' }));
    await waitFor('the new rating', async () => (await all())[2]?.severity === 'medium');
    const over = { incidentKey: 'alert/1', severity: 'high', reason: 'many errors' } as const;
    await handle().signal('incident', sign('incident', over));
    await waitFor('the alert', async () => (await all()).length === 4);
    await handle().signal('incident', sign('incident', { ...over, over: true }));
    await waitFor('its end', async () => (await all())[3]?.over !== undefined);
    await handle().signal('incident', { person: 'pager', severity: 'critical', incidentId: second?.id });
    const ended = (await handle().result()) as IncidentRecord[];
    expect(ended.map((one) => one.resolution)).toEqual([
      'dismissed by ben: looked at it',
      'an issue for the next release',
      begun(),
      `${begun()}, with ${second?.id}`,
    ]);
    const rollback = world.client.workflow.getHandle(rollBackProductWorkflowId(world.product));
    await rollback.terminate('seen');
  });

  it('runs out after fifteen minutes, and the rollback starts', async () => {
    const started = await startWithTimeSkipping(world.client, {
      workflowId: incidentWorkflowId(world.product),
      workflowType: 'incident',
      taskQueue: workflowQueue(world.product),
      args: [{ product: world.product }],
    });
    await started.signal('incident', report('high'));
    const [ended] = (await started.result()) as IncidentRecord[];
    expect(ended?.resolution).toBe(begun());
    const { closeTime } = await started.describe();
    expect((closeTime?.getTime() ?? 0) - Date.parse(ended?.at ?? '')).toBeGreaterThanOrEqual(QUARTER_MS);
    const rollback = world.client.workflow.getHandle(rollBackProductWorkflowId(world.product));
    expect((await rollback.describe()).type).toBe('rollBackProduct');
    await rollback.terminate('seen');
  });
});
