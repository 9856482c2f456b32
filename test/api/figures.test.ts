import { afterEach, beforeEach, expect, test } from 'vitest';
import { runMetrics } from '../../src/cli/remote/metrics.ts';
import type { ReleaseRecord } from '../../src/release/record/record.ts';
import { say } from '../cli/cli-context.ts';
import { recordAfter, SAMPLE_PLAN, UNTIL_MONITORING } from '../release/views/sample-record.ts';
import { startTestApp, type TestApp, tokenOf } from './support/test-app.ts';

let world: TestApp;

beforeEach(async () => {
  world = await startTestApp();
});

afterEach(async () => {
  await world.close();
});

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Records of a past that is known: a day each, `ago` days before now. */
function put(ago: number, change: Partial<ReleaseRecord>): ReleaseRecord {
  const at = new Date(world.deps.clock().getTime() - ago * DAY);
  const id = `shop-${at.toISOString().slice(0, 10).replaceAll('-', '')}-${ago.toString(16).padStart(6, '0')}`;
  const production = {
    name: 'production',
    kind: 'production' as const,
    url: 'https://shop.test',
    version: '1.3.0',
    deployedAt: at.toISOString(),
  };
  const record: ReleaseRecord = {
    ...recordAfter(UNTIL_MONITORING),
    releaseId: id,
    endedAt: at.toISOString(),
    environments: [production],
    incidents: [],
    timeline: [],
    ...change,
  };
  world.gateway.put(record, false);
  return record;
}

test('DORA’s figures come from what ended in the last 30 and 90 days', async () => {
  const now = world.deps.clock().getTime();
  const before = (ms: number) => new Date(now - ms).toISOString();
  // Lead times of 2, 4 and 12 hours; the third one lies in the longer window only.
  for (const [ago, hours] of [
    [2, 2],
    [9, 4],
    [40, 12],
  ] as const) {
    const commitTimes = { oldest: before(ago * DAY + 99 * HOUR), median: before(ago * DAY + hours * HOUR) };
    put(ago, { outcome: 'released', plan: { ...SAMPLE_PLAN, commitTimes } });
  }
  // Rolled back; production was well again 20 minutes after the incident.
  put(5, {
    outcome: 'rolled_back',
    incidents: [
      {
        id: 'i',
        at: before(5 * DAY + HOUR),
        severity: 'high',
        summary: 'search is broken',
        reportedBy: 'pager',
        verified: true,
      },
    ],
    timeline: [
      { at: before(5 * DAY + HOUR - 20 * 60_000), what: 'production runs 1.2.0 again', link: 'sha256:0' },
    ],
  });
  // A hotfix: asked for 40 minutes before it was live.
  const hotfix = put(8, { outcome: 'released', kind: 'hotfix', plan: SAMPLE_PLAN });
  world.gateway.put(
    { ...hotfix, request: { ...hotfix.request, requestedAt: before(8 * DAY + 40 * 60_000) } },
    false,
  );
  put(3, { outcome: 'aborted' });
  put(200, { outcome: 'released' });

  const answer = await world.ask('rita', 'GET', '/v1/products/shop/metrics');
  expect(answer.statusCode).toBe(200);
  const [month, quarter] = answer.json().windows;
  expect(month).toMatchObject({
    days: 30,
    deployments: 4,
    released: 3,
    rolledBack: 1,
    hotfixes: 1,
    aborted: 1,
    leadTimeMs: 3 * HOUR,
    changeFailureRate: 0.5,
    timeToRestoreMs: 30 * 60_000,
  });
  expect(month.deploymentsPerWeek).toBeCloseTo(4 / (30 / 7));
  expect(quarter).toMatchObject({ days: 90, deployments: 5, leadTimeMs: 4 * HOUR, changeFailureRate: 0.4 });
});

test('the command line shows them, and a dash where nothing is known', async () => {
  put(2, { outcome: 'released', plan: SAMPLE_PLAN });
  await world.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = world.app.server.address() as { port: number };
  const environment = { WINDLASS_API: `http://127.0.0.1:${port}`, WINDLASS_TOKEN: tokenOf('rita') };
  const { code, out, err } = await say(runMetrics, ['shop'], environment);
  expect(code, err).toBe(0);
  expect(out).toMatch(/^deployments +1 +1$/m);
  expect(out).toMatch(/^change failure rate +0 % +0 %$/m);
  expect(out).toMatch(/^time to restore +- +-$/m);
});

test('an unknown product has no figures', async () => {
  expect((await world.ask('rita', 'GET', '/v1/products/nothing/metrics')).statusCode).toBe(404);
});

test('a post-mortem is owned and closed in the name of whoever asks; viewers only look', async () => {
  const { releaseId } = put(5, { outcome: 'rolled_back' });
  put(2, { outcome: 'released' });
  const own = await world.ask('otto', 'POST', '/v1/post-mortems/shop/latest/own');
  expect([own.statusCode, own.json()]).toEqual([202, { accepted: true, product: 'shop', releaseId }]);
  const path = `/v1/post-mortems/shop/${releaseId}/close`;
  expect((await world.ask('otto', 'POST', path, {})).statusCode).toBe(400);
  expect((await world.ask('otto', 'POST', path, { comment: 'a test was missing' })).statusCode).toBe(202);
  expect((await world.ask('vera', 'POST', path, { comment: 'me too' })).statusCode).toBe(403);
  expect(world.gateway.signals).toMatchObject([
    { workflowId: `post-mortem/shop/${releaseId}`, name: 'own', argument: { owner: 'otto' } },
    {
      workflowId: `post-mortem/shop/${releaseId}`,
      name: 'close',
      argument: { by: 'otto', reason: 'a test was missing' },
    },
  ]);
});
