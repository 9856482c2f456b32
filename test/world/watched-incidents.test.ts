import { afterAll, beforeAll, expect, it } from 'vitest';
import { listOpen } from '../../src/release/incidents.ts';
import type { ReleaseRecord } from '../../src/release/record/record.ts';
import { renderPostMortem } from '../../src/release/views/post-mortem.ts';
import { personWith, startCustomers } from '../support/fixture/demo.ts';
import { type ReleaseWorld, startReleaseWorld } from '../support/fixture/release-world.ts';

let world: ReleaseWorld;
let customers: ReturnType<typeof startCustomers>;

beforeAll(async () => {
  world = await startReleaseWorld({
    adjust: (installation, fixture) => {
      const policy = installation.products[fixture.product]?.policy;
      if (policy) policy.minor.monitoring = { level: 'standard', windowMs: 3_600_000, intervalMs: 1_000 };
    },
  });
  customers = startCustomers(`http://127.0.0.1:${world.fixture.ports.production}`);
}, 300_000);

afterAll(async () => {
  await customers?.stop();
  await world?.stop();
});

const names = (record: ReleaseRecord) => listOpen(record.incidents).map((one) => one.summary);

/** From the release's own signals to its deployment and back into its record. */
it('incidents of a watched release are settled one by one, by their ids, and all are in its record', async () => {
  const onCall = personWith(world.fixture, 'on_call');
  await world.start();
  const released = world.approveEverything(900_000);
  await world.until('the window', (now) =>
    now.steps.some(({ id, status }) => id === 'monitoring.window' && status === 'running'),
  );
  await world.send('incident', onCall, {
    reason: 'checkout fails',
    severity: 'high',
    incidentKey: 'alert/1',
  });
  await world.until('the first', (now) => now.incidents.length === 1);
  await world.send('incident', onCall, { reason: 'search is slow', severity: 'low', incidentKey: 'alert/2' });
  await world.send('incident', onCall, {
    reason: 'payments are down',
    severity: 'high',
    incidentKey: 'alert/3',
  });
  const three = await world.until('three', (now) => now.incidents.length === 3);
  expect(names(three)).toEqual(['checkout fails', 'payments are down']);
  expect(three.waiting?.actions).toContain('dismiss');

  await world.send('dismiss', onCall, { reason: 'harmless' });
  const refused = await world.until('the refusal', (now) => now.refusalCount === 1);
  expect(refused.refusals[0]?.reason).toMatch(/^several incidents are open: say which one/);
  await world.send('incident', onCall, { reason: 'over', incidentKey: 'alert/3', over: true });
  await world.until('the end of one', (now) => now.incidents[2]?.over !== undefined);
  for (const incident of listOpen(refused.incidents)) {
    await world.send('dismiss', onCall, { reason: 'looked at it', incidentId: incident.id });
    await world.until(`${incident.summary} settled`, (now) => !names(now).includes(incident.summary));
  }
  const settled = await world.until('nobody to be asked', (now) => now.waiting === undefined);
  expect(settled.incidents.map((one) => one.resolution)).toEqual([
    `dismissed by ${onCall.name}: looked at it`,
    'an issue for the next release',
    `dismissed by ${onCall.name}: looked at it`,
  ]);
  await world.send('end_monitoring', onCall, { reason: 'seen enough' });
  const record = await released;
  expect(record.outcome, record.ending).toBe('released');
  const postMortem = renderPostMortem(record) ?? '';
  for (const { id, summary } of record.incidents) {
    expect(postMortem).toContain(id);
    expect(postMortem).toContain(summary);
  }
}, 900_000);
