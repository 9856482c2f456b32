import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningApi, startApi } from '../../../src/api/server.ts';
import type { IncidentRecord, ReleaseRecord } from '../../../src/release/record/record.ts';
import type { PersonRole } from '../../../src/release/settings.ts';
import { listWantedSchedules } from '../../../src/temporal/product-schedules.ts';
import { applySchedules } from '../../../src/temporal/schedules.ts';
import { personWith, startCustomers } from '../../support/fixture/demo.ts';
import { type ReleaseWorld, startReleaseWorld } from '../../support/fixture/release-world.ts';
import { waitFor } from '../../support/server/temporal-server.ts';
import { type Asked, askApi } from '../support/real-api.ts';

/** Every flow besides a release, asked for over HTTP, seen at work on a real server in the example's world. */
describe('flows through the API', { timeout: 600_000 }, () => {
  let world: ReleaseWorld;
  let api: RunningApi;
  let customers: ReturnType<typeof startCustomers>;

  beforeAll(async () => {
    world = await startReleaseWorld({
      keepsLedger: true,
      adjust: (installation, fixture) => {
        const product = installation.products[fixture.product]!;
        product.schedule = {
          day: 'fri',
          time: '16:00',
          timeZone: 'Europe/Berlin',
          everyWeeks: 1,
          anchor: '2026-11-20',
        };
      },
    });
    const { client, installation, product } = world;
    api = await startApi({ installation, client, queuePrefix: product, port: 0 });
    customers = startCustomers(`http://127.0.0.1:${world.fixture.ports.production}`);
  }, 300_000);

  afterAll(async () => {
    await customers?.stop();
    await api?.close();
    await world?.stop();
  });

  const ask = (role: PersonRole, method: string, path: string, body?: object): Promise<Asked> =>
    askApi(api.url, personWith(world.fixture, role).token, method, path, body);
  const read = async (kind: string): Promise<ReleaseRecord> =>
    (await ask('qa', 'GET', `/v1/releases/${world.product}?kind=${kind}`)).body.record;
  const until = (kind: string, what: string, reached: (record: ReleaseRecord) => boolean) =>
    waitFor(
      what,
      async () => {
        const record = await read(kind);
        if (record.waiting?.actions.includes('retry')) throw new Error(record.waiting.reason);
        return reached(record) ? record : undefined;
      },
      300_000,
    );
  const done = (kind: string) => until(kind, `${kind} to end`, (record) => record.outcome !== undefined);
  /** What Temporal itself says of the run. */
  const describeRun = async (workflowId: string) =>
    await world.client.workflow.getHandle(workflowId).describe();

  it('run the quality gates alone, and push nothing', async () => {
    const { product } = world;
    const asked = await ask('qa', 'POST', '/v1/gates', { product, profile: 'baseline' });
    expect([asked.status, asked.body.workflowId]).toEqual([202, `gates/${product}`]);
    expect((await describeRun(`gates/${product}`)).type).toBe('checkGates');
    const record = await done('gates');
    expect(record.outcome).toBe('completed');
    expect(record.gates.map((gate) => gate.gate)).toContain('tests');
    const branches = execFileSync('git', ['ls-remote', '--heads', world.folders.origin]).toString();
    expect(branches).not.toContain('release/');
  });

  it('deploy a released version to an environment, and watch production for a while', async () => {
    const { product } = world;
    const deployment = await ask('release_manager', 'POST', '/v1/deployments', {
      product,
      environment: 'staging',
      version: '1.2.0',
    });
    expect([deployment.status, deployment.body.kind]).toEqual([202, 'deployment-staging']);
    const watch = await ask('on_call', 'POST', '/v1/monitorings', { product, windowMs: 4_000 });
    expect([watch.status, watch.body.kind]).toEqual([202, 'monitoring']);
    const deployed = await done('deployment-staging');
    expect(deployed.outcome).toBe('completed');
    expect(deployed.environments).toMatchObject([{ name: 'staging', version: '1.2.0' }]);
    const watched = await done('monitoring');
    expect(watched.monitoring?.observedMs).toBeGreaterThanOrEqual(4_000);
  });

  it('take an alert of Alertmanager as an incident, by its label', async () => {
    const { product } = world;
    const taken = await ask('operator', 'POST', '/v1/webhooks/alertmanager', {
      version: '4',
      status: 'firing',
      alerts: [
        {
          status: 'firing',
          labels: { alertname: 'SlowSearch', product, severity: 'info' },
          annotations: { summary: 'search answers slowly' },
          startsAt: '2026-11-21T10:00:00.000Z',
          fingerprint: 'f1',
        },
      ],
    });
    expect(taken.status).toBe(202);
    const handle = world.client.workflow.getHandle(`incident/${product}`);
    expect((await handle.describe()).type).toBe('incident');
    const incidents = (await handle.result()) as IncidentRecord[];
    expect(incidents).toMatchObject([
      { severity: 'low', verified: true, summary: expect.stringContaining('search answers slowly') },
    ]);
  });

  it('start a hotfix of what production runs, and a rollback of it', async () => {
    const { product } = world;
    const commit = commitFix(world);
    const asked = await ask('release_manager', 'POST', '/v1/hotfixes', { product, commits: [commit] });
    expect([asked.status, asked.body.workflowId]).toEqual([202, `hotfix/${product}`]);
    expect((await describeRun(`hotfix/${product}`)).type).toBe('hotfix');
    const waiting = await until('hotfix', 'the hotfix gate', (record) =>
      record.approvals.some((gate) => gate.key === 'hotfix' && gate.status === 'open'),
    );
    expect(waiting.plan).toMatchObject({ previousVersion: '1.2.0', version: '1.2.1', type: 'hotfix' });
    const abort = `/v1/releases/${product}/abort?kind=hotfix`;
    expect((await ask('on_call', 'POST', abort, { comment: 'not needed' })).status).toBe(202);
    expect((await done('hotfix')).outcome).toBe('aborted');

    const back = await ask('on_call', 'POST', `/v1/releases/${product}/rollback`, {
      comment: 'it was worse',
    });
    expect([back.status, back.body.workflowId]).toEqual([202, `rollback/${product}`]);
    expect((await describeRun(`rollback/${product}`)).type).toBe('rollBackProduct');
    const record = await waitFor('the rollback to look at production', async () => {
      const now = await read('rollback');
      return now.steps.length > 0 ? now : undefined;
    });
    expect(record).toMatchObject({ kind: 'rollback', request: { requestedBy: 'ben', via: 'api' } });
    // What there is to go back to is tested where production has a history; here it is enough that it is at work.
    await world.client.workflow
      .getHandle(`rollback/${product}`)
      .terminate('the test is over')
      .catch(() => undefined);
  });

  it('list the calendar, and start its release at once', async () => {
    const { product, client, installation } = world;
    await applySchedules(client, listWantedSchedules(installation, product), `calendar/${product}`);
    try {
      const listed = await waitFor('the schedule to be listed', async () => {
        const answer = await fetch(`${api.url}/v1/schedules`, {
          headers: { authorization: `Bearer ${personWith(world.fixture, 'qa').token}` },
        });
        const { schedules } = (await answer.json()) as { schedules: Record<string, unknown>[] };
        return schedules.find((one) => one['product'] === product);
      });
      expect(listed).toMatchObject({ id: `calendar/${product}`, paused: true });
      const triggered = await ask('release_manager', 'POST', `/v1/schedules/${product}/trigger`, {});
      expect(triggered.status).toBe(202);
      const record = await waitFor('the release of the schedule', async () => {
        const { body, status } = await ask('qa', 'GET', `/v1/releases/${product}`);
        return status === 200 ? body.record : undefined;
      });
      // Whoever fired it asked for it, and cannot approve it alone.
      expect(record.request).toMatchObject({
        requestedBy: personWith(world.fixture, 'release_manager').name,
        via: 'api',
      });
      await ask('operator', 'POST', `/v1/releases/${product}/abort`, { comment: 'the test is over' });
      await world.handle().result();
      expect((await read('release')).outcome).toBe('aborted');
    } finally {
      await client.schedule.getHandle(`calendar/${product}`).delete();
    }
  });
});

/** A colleague mends something on main. Returns the commit. */
function commitFix(world: ReleaseWorld): string {
  const clone = join(world.folders.root, 'clone-of-ola');
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', clone, '-c', 'user.name=Ola', '-c', 'user.email=ola@example.test', ...args], {
      encoding: 'utf8',
    }).trim();
  execFileSync('git', ['clone', '--quiet', world.folders.origin, clone]);
  writeFileSync(join(clone, 'FIXED.md'), 'mended\n');
  git('add', '.');
  git('commit', '--quiet', '-m', 'fix: mend the cart');
  git('push', '--quiet', 'origin', 'HEAD:refs/heads/main');
  return git('rev-parse', 'HEAD');
}
