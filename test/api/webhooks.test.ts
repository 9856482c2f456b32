import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordAfter, UNTIL_MONITORING } from '../release/views/sample-record.ts';
import { startTestApp, type TestApp } from './support/test-app.ts';

let world: TestApp;

beforeEach(async () => {
  world = await startTestApp();
});

afterEach(async () => {
  await world.close();
});

/** What was started comes to its end, and is archived. */
function end(releaseId: string, outcome: 'released' | 'aborted', ending: string): void {
  const over = recordAfter([{ event: 'ended', outcome, ending, remains: [] }]);
  world.gateway.put({ ...over, releaseId });
}

const commands = () => world.gateway.signals.map((signal) => JSON.parse(signal.argument.signed));

describe('Alertmanager', () => {
  const alert = (labels: Record<string, string>, more = {}) => ({
    status: 'firing',
    labels: { alertname: 'ErrorsHigh', ...labels },
    annotations: { summary: 'many errors\n# not a heading' },
    startsAt: '2026-11-20T11:50:00Z',
    fingerprint: `f-${JSON.stringify(labels)}`.replace(/[^a-z0-9-]/gi, ''),
    ...more,
  });
  const send = (alerts: object[]) =>
    world.ask('otto', 'POST', '/v1/webhooks/alertmanager', { version: '4', status: 'firing', alerts });

  test('firing alerts of a release in production become incidents by their severity, once each', async () => {
    world.gateway.put(recordAfter(UNTIL_MONITORING));
    const alerts = [
      alert({ product: 'shop', severity: 'critical' }),
      alert({ product: 'shop', severity: 'warning' }),
      alert({ product: 'shop', severity: 'page' }),
      alert({ product: 'shop', severity: 'info' }, { status: 'resolved' }),
      alert({ product: 'elsewhere', severity: 'critical' }),
    ];
    const answer = await send(alerts);
    expect(answer.statusCode).toBe(202);
    expect(answer.json().taken.map((one: { severity: string }) => one.severity)).toEqual([
      'critical',
      'medium',
      'high',
    ]);
    expect(answer.json().ignored).toHaveLength(2);
    expect(commands().map((command) => [command.name, command.severity, command.reason])).toEqual([
      ['incident', 'critical', 'many errors # not a heading'],
      ['incident', 'medium', 'many errors # not a heading'],
      ['incident', 'high', 'many errors # not a heading'],
    ]);
    // Alertmanager repeats itself.
    await send(alerts);
    expect(commands()).toHaveLength(3);
  });

  test('a group is one incident of each product in it, as bad as its worst alert, however often it is sent', async () => {
    world.gateway.put(recordAfter(UNTIL_MONITORING));
    const group = (status: string, alerts: object[]) =>
      world.ask('otto', 'POST', '/v1/webhooks/alertmanager', {
        version: '4',
        groupKey: '{}:{alertname="ErrorsHigh"}',
        status,
        alerts,
      });
    const [warning, page] = [
      alert({ product: 'shop', severity: 'warning' }),
      alert({ product: 'shop', severity: 'high', pod: 'b' }),
    ];
    expect((await group('firing', [warning])).json().taken).toMatchObject([{ severity: 'medium' }]);
    // Repeated as it was: nothing is sent again. With one more alert it is the same incident, and worse.
    await group('firing', [warning]);
    expect((await group('firing', [page, warning])).json().taken).toMatchObject([{ severity: 'high' }]);
    expect(commands().map((command) => command.severity)).toEqual(['medium', 'high']);
    expect(new Set(commands().map((command) => command.incidentKey)).size).toBe(1);
    // Resolved means something only while it is open.
    const over = [
      { ...page, status: 'resolved' },
      { ...warning, status: 'resolved' },
    ];
    expect((await group('resolved', over)).json()).toMatchObject({ taken: [], resolved: [], ignored: [{}] });
    const { incidentKey: key } = commands()[0];
    const open = {
      id: 'inc-1',
      at: '2026-11-20T11:50:00.000Z',
      severity: 'high',
      summary: 'many errors',
    } as const;
    const record = recordAfter(UNTIL_MONITORING);
    world.gateway.put({ ...record, incidents: [{ ...open, reportedBy: 'otto', verified: true, key }] });
    expect((await group('resolved', over)).json()).toMatchObject({ resolved: [{ product: 'shop' }] });
    expect(commands().at(-1)).toMatchObject({ name: 'incident', over: true, incidentKey: key });
  });

  test('while Temporal is away it is told to come again', async () => {
    world.gateway.broken = 'away';
    expect((await send([alert({ product: 'shop' })])).statusCode).toBe(503);
  });

  test('somebody who may not is refused', async () => {
    world.gateway.put(recordAfter(UNTIL_MONITORING));
    const body = { alerts: [alert({ product: 'shop' })] };
    expect((await world.ask('vera', 'POST', '/v1/webhooks/alertmanager', body)).statusCode).toBe(403);
    expect((await world.ask(undefined, 'POST', '/v1/webhooks/alertmanager', body)).statusCode).toBe(401);
  });
});

describe('signed webhooks', () => {
  function post(path: string, body: string, headers: Record<string, string>) {
    return world.app.inject({
      method: 'POST',
      url: path,
      headers: { 'content-type': 'application/json', ...headers },
      payload: body,
    });
  }
  const sign = (secret: string, body: string) =>
    `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

  const dispatch = JSON.stringify({
    inputs: { product: 'shop', version_bump: 'minor' },
    repository: { full_name: 'acme/shop' },
  });
  const github = (body: string, more: Record<string, string> = {}) =>
    post('/v1/webhooks/github', body, {
      'x-github-event': 'workflow_dispatch',
      'x-github-delivery': 'd-1',
      'x-hub-signature-256': sign('secret of github_webhook', body),
      ...more,
    });

  test('a dispatched workflow starts a release, once for each delivery', async () => {
    const first = await github(dispatch);
    expect(first.statusCode).toBe(202);
    expect(world.gateway.started).toMatchObject([
      { product: 'shop', bump: 'minor', requestedBy: 'github', via: 'webhook' },
    ]);
    expect((await github(dispatch)).json()).toEqual(first.json());
    expect(world.gateway.started).toHaveLength(1);
    expect((await github('{"zen":"x"}', { 'x-github-event': 'ping' })).statusCode).toBe(200);
  });

  test('whoever dispatched it on GitHub is noted, as the person of that login', async () => {
    await github(JSON.stringify({ ...JSON.parse(dispatch), sender: { login: 'Rita' } }));
    expect(world.gateway.started).toMatchObject([{ requestedBy: 'github', askedThrough: ['rita'] }]);
  });

  test('a forged, missing or other signature is a 401, and nothing starts', async () => {
    for (const signature of [
      '',
      'sha256=',
      `sha256=${'0'.repeat(64)}`,
      sign('another secret', dispatch),
      sign('secret of github_webhook', `${dispatch} `),
    ]) {
      expect((await github(dispatch, { 'x-hub-signature-256': signature })).statusCode).toBe(401);
    }
    world.deps.secret = () => undefined;
    expect((await github(dispatch)).statusCode).toBe(401);
    expect(world.gateway.started).toEqual([]);
  });

  test('without a person of that name in the configuration a webhook may do nothing', async () => {
    world.installation.people = world.installation.people.filter((person) => person.name !== 'github');
    expect((await github(dispatch)).statusCode).toBe(401);
  });

  const send = (body: object, more: Record<string, string> = {}) => {
    const text = JSON.stringify(body);
    return post('/v1/webhooks/generic', text, {
      'x-windlass-signature': sign('secret of generic_webhook', text),
      ...more,
    });
  };

  test('a delivery of what has ended starts nothing, and says so', async () => {
    const first = (await github(dispatch)).json();
    end(first.releaseId, 'aborted', 'aborted by otto: not today');
    const again = await github(dispatch);
    expect(again.statusCode).toBe(200);
    expect(again.json()).toMatchObject({ releaseId: first.releaseId, ended: { outcome: 'aborted' } });
    expect(again.json().ended.detail).toContain('aborted by otto: not today. Nothing was done now.');
    expect((await github(dispatch, { 'x-github-delivery': 'd-2' })).statusCode).toBe(202);
    // Also when another release came in between.
    expect((await github(dispatch)).json().releaseId).toBe(first.releaseId);
    expect(world.gateway.started).toHaveLength(2);
  });

  test('the same bytes without an id are another release once the first has ended', async () => {
    const body = { action: 'release', product: 'shop' };
    const first = await send(body);
    expect((await send(body)).json()).toEqual(first.json());
    end(first.json().releaseId, 'released', 'done');
    const second = await send(body);
    expect(second.statusCode).toBe(202);
    expect(second.json().releaseId).not.toBe(first.json().releaseId);
    expect((await send(body)).json()).toEqual(second.json());
    expect(world.gateway.started).toHaveLength(2);
  });

  test('the same bytes hold again after somebody resumed, and report again what was settled', async () => {
    const hold = { action: 'hold', product: 'shop', comment: 'error budget is used up' };
    world.gateway.put(recordAfter(UNTIL_MONITORING));
    await send(hold);
    const wasHeld = { event: 'held', by: 'webhook', reason: hold.comment } as const;
    world.gateway.put(recordAfter([...UNTIL_MONITORING, wasHeld]));
    await send(hold);
    expect(commands()).toHaveLength(1);
    world.gateway.put(recordAfter([...UNTIL_MONITORING, wasHeld, { event: 'resumed', by: 'otto' }]));
    world.setNow('2026-11-20T12:10:00.000Z');
    expect((await send(hold)).statusCode).toBe(202);
    expect(new Set(commands().map(({ nonce }) => nonce)).size).toBe(2);

    const incident = { action: 'incident', product: 'shop', summary: 'checkout fails', severity: 'high' };
    world.gateway.put(
      recordAfter([
        ...UNTIL_MONITORING,
        { event: 'ended', outcome: 'released', ending: 'done', remains: [] },
      ]),
    );
    await send(incident);
    await send(incident);
    expect(world.gateway.reported).toHaveLength(1);
    world.gateway.settled = true;
    expect((await send(incident)).statusCode).toBe(202);
    expect(world.gateway.reported).toHaveLength(2);
  });

  test('deliveries with ids of their own are as many wishes, each counted once', async () => {
    world.gateway.put(recordAfter(UNTIL_MONITORING));
    const incident = { action: 'incident', product: 'shop', summary: 'slow', severity: 'low' };
    for (const id of ['msg_1', 'msg_2', 'msg_1']) await send(incident, { 'webhook-id': id });
    expect(commands()).toHaveLength(2);
  });

  test('the generic one starts, holds and reports; the same bytes are the same wish', async () => {
    world.gateway.put(recordAfter(UNTIL_MONITORING));
    const hold = { action: 'hold', product: 'shop', comment: 'deploy freeze' };
    expect((await send(hold)).statusCode).toBe(202);
    expect((await send(hold)).statusCode).toBe(202);
    expect(
      (await send({ action: 'incident', product: 'shop', summary: 'slow', severity: 'low' })).statusCode,
    ).toBe(202);
    expect(commands().map((command) => [command.name, command.person])).toEqual([
      ['hold', 'webhook'],
      ['incident', 'webhook'],
    ]);
    expect((await send({ action: 'release', product: 'library' })).statusCode).toBe(202);
    expect((await send({ action: 'approve', product: 'shop' })).statusCode).toBe(400);
    expect(
      (
        await post('/v1/webhooks/generic', '{', {
          'x-windlass-signature': sign('secret of generic_webhook', '{'),
        })
      ).statusCode,
    ).toBe(400);
  });
});
