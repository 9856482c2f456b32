import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IncidentRecord } from '../../../src/release/record/record.ts';
import { waitFor } from '../../support/server/temporal-server.ts';
import { type RealApi, startRealApi } from '../support/real-api.ts';

/** Alerts and people at the API, incidents in the real workflow of what is long live. */
describe('incidents of what is long live', { timeout: 120_000 }, () => {
  let real: RealApi;

  beforeAll(async () => {
    real = await startRealApi();
  }, 120_000);

  afterAll(async () => {
    await real?.stop();
  });

  const all = async () =>
    await real.world.client.workflow
      .getHandle(`incident/${real.world.product}`)
      .query<IncidentRecord[]>('status')
      .catch((): IncidentRecord[] => []);
  const until = async (what: string, isIt: (incidents: IncidentRecord[]) => boolean) =>
    await waitFor(what, async () => {
      const now = await all();
      return isIt(now) ? now : undefined;
    });
  const group = async (name: string, status: 'firing' | 'resolved', severity: string) =>
    await real.ask('operator', 'POST', '/v1/webhooks/alertmanager', {
      version: '4',
      groupKey: `{}:{alertname="${name}"}`,
      status,
      alerts: [
        {
          status,
          labels: { alertname: name, product: real.world.product, severity },
          annotations: { summary: name },
          startsAt: '2026-11-27T10:00:00Z',
          fingerprint: `f-${name}-${severity}`,
        },
      ],
    });
  const dismiss = async (body: object) => await real.ask('on_call', 'POST', real.path('/dismiss'), body);

  it('one for each group of alerts; ratings and dismissals by id; that one is over is noted', async () => {
    await group('CheckoutErrors', 'firing', 'high');
    await until('the first', (now) => now.length === 1);
    await group('SlowSearch', 'firing', 'info');
    await group('PaymentsDown', 'firing', 'warning');
    await group('PaymentsDown', 'firing', 'high');
    const [checkout, search, payments] = await until(
      'three incidents',
      (now) => now.length === 3 && now[2]?.severity === 'high',
    );
    expect(checkout).toMatchObject({ summary: 'CheckoutErrors', severity: 'high' });
    expect(checkout?.resolution).toBeUndefined();
    expect(search).toMatchObject({ severity: 'low', resolution: 'an issue for the next release' });

    const ambiguous = await dismiss({ comment: 'harmless' });
    expect(ambiguous.status).toBe(409);
    expect(ambiguous.body).toMatchObject({
      type: expect.stringContaining('which-incident'),
      incidents: [{ summary: 'CheckoutErrors' }, { summary: 'PaymentsDown' }],
    });
    expect((await dismiss({ comment: 'x', incident: 'inc-0' })).status).toBe(409);
    expect((await dismiss({ comment: 'harmless', incident: checkout?.id })).status).toBe(202);
    await until('the first to be settled', (now) => now[0]?.resolution !== undefined);
    // Two people at the same time: the second is told, and does not answer the next question.
    const late = await dismiss({ comment: 'harmless', incident: checkout?.id });
    expect([late.status, late.body.detail]).toEqual([
      409,
      expect.stringContaining('is settled: dismissed by'),
    ]);
    expect((await all())[2]?.resolution).toBeUndefined();

    const over = await group('PaymentsDown', 'resolved', 'high');
    expect(over.body).toMatchObject({ resolved: [{ summary: 'PaymentsDown' }] });
    await until('its end', (now) => now[2]?.over !== undefined);
    const rated = await real.ask('on_call', 'POST', real.path('/incidents'), {
      summary: 'seen, it is small',
      severity: 'low',
      incident: payments?.id,
    });
    expect(rated.status).toBe(202);
    const ended = (await real.world.client.workflow
      .getHandle(`incident/${real.world.product}`)
      .result()) as IncidentRecord[];
    expect(
      ended.map(({ severity, resolution }) => [severity, resolution?.replace(/by \S+:/, 'by SOMEBODY:')]),
    ).toEqual([
      ['high', 'dismissed by SOMEBODY: harmless'],
      ['low', 'an issue for the next release'],
      ['low', 'an issue for the next release'],
    ]);
    expect((await dismiss({ comment: 'harmless' })).body).toMatchObject({
      type: expect.stringContaining('no-incident'),
    });
  });
});
