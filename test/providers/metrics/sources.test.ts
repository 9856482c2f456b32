import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { probe } from '../../../src/providers/metrics/http/http-probe.ts';
import { queryRange } from '../../../src/providers/metrics/prometheus/prometheus.ts';
import { findFreePort } from '../../support/network/free-port.ts';
import { type HttpRecorder, startHttpRecorder } from '../../support/network/http-recorder.ts';
import { type Prometheus, prometheusInstalled, startPrometheus } from '../../support/server/prometheus.ts';

if (!prometheusInstalled)
  console.warn('SKIPPED: prometheus is not installed (apt-get install -y prometheus)');

const METRICS = `# TYPE saturation gauge
saturation 42.5
# TYPE broken gauge
broken NaN
# TYPE endless gauge
endless +Inf
# TYPE per_slot gauge
per_slot{slot="blue"} 1
per_slot{slot="green"} 2
`;

describe.skipIf(!prometheusInstalled)('Prometheus', () => {
  let target: HttpRecorder;
  let prometheus: Prometheus;
  let start: Date;

  beforeAll(async () => {
    target = await startHttpRecorder(() => ({
      status: 200,
      body: METRICS,
      headers: { 'content-type': 'text/plain' },
    }));
    start = new Date(Math.floor(Date.now() / 1000) * 1000);
    prometheus = await startPrometheus({ targets: [new URL(target.url).host] });
    // Three scrapes: enough for a range that has points at each of its steps.
    while (target.requests.length < 3) await sleep(50);
  });

  afterAll(async () => {
    await prometheus?.stop();
    await target?.stop();
  });

  function ask(query: string, over: object = {}) {
    const end = new Date();
    return queryRange({ url: prometheus.url, query, start, end, stepSeconds: 1, timeoutMs: 10_000, ...over });
  }

  async function pointsOf(query: string) {
    const answer = await ask(query);
    if ('missing' in answer) throw new Error(answer.missing);
    return answer.points;
  }

  test('gives the values that were scraped, with the times of the steps', async () => {
    const points = await pointsOf('saturation');
    expect(points.length).toBeGreaterThan(0);
    expect(new Set(points.map(({ value }) => value))).toEqual(new Set([42.5]));
    for (const { time } of points) {
      expect((Date.parse(time) - start.getTime()) % 1000).toBe(0);
      expect(Date.parse(time)).toBeGreaterThanOrEqual(start.getTime());
    }
  });

  test.each(['broken', 'endless', 'saturation / 0 * 0'])(
    '%s is kept as points without a value',
    async (query) => {
      const points = await pointsOf(query);
      expect(points.length).toBeGreaterThan(0);
      expect(new Set(points.map(({ value }) => value))).toEqual(new Set([null]));
    },
  );

  test('several series, no series and a query that does not parse are missing, each with its reason', async () => {
    expect(await ask('per_slot')).toMatchObject({
      missing: expect.stringMatching(/2 series.*blue.*sum\(\)/),
    });
    expect(await ask('no_such_metric')).toEqual({ missing: 'The query gives no series in this range.' });
    expect(await ask('sum(')).toMatchObject({ missing: expect.stringMatching(/answered 400.*parse error/) });
    expect(await ask('sum(per_slot)')).toHaveProperty('points');
    expect(await ask('up', { stepSeconds: 0.0001 })).toMatchObject({
      missing: expect.stringContaining('step'),
    });
  });
});

describe('a source that is away', () => {
  test('Prometheus that nobody answers for, that hangs, or that is a login page is missing, never an exception', async () => {
    const silent = await startHttpRecorder(() => 'hang');
    const page = await startHttpRecorder(() => ({ status: 200, body: '<html>' }));
    const range = { query: 'up', start: new Date(0), end: new Date(60_000), stepSeconds: 15, timeoutMs: 150 };
    const nobody = await queryRange({ ...range, url: `http://127.0.0.1:${await findFreePort()}` });
    const hangs = await queryRange({ ...range, url: silent.url });
    const login = await queryRange({ ...range, url: page.url });
    await Promise.all([silent.stop(), page.stop()]);
    expect(nobody).toMatchObject({ missing: expect.stringContaining('ECONNREFUSED') });
    expect(hangs).toMatchObject({ missing: expect.stringContaining('no answer within 150 ms') });
    expect(login).toMatchObject({ missing: expect.stringContaining('answered 200') });
  });

  test('a probe says what it saw: status and time, or why there is none', async () => {
    const service = await startHttpRecorder(({ path }) =>
      path === '/hang' ? 'hang' : { status: Number(path.slice(1)), body: 'x'.repeat(10_000) },
    );
    const at = (path: string, expectStatus?: number) =>
      probe({ url: `${service.url}${path}`, timeoutMs: 200, ...(expectStatus ? { expectStatus } : {}) });
    const results = [
      await at('204'),
      await at('503'),
      await at('503', 503),
      await at('302'),
      await at('hang'),
    ];
    await service.stop();
    expect(results.map((result) => ('missing' in result ? 'missing' : [result.status, result.ok]))).toEqual([
      [204, true],
      [503, false],
      [503, true],
      [302, false],
      'missing',
    ]);
    expect(await at('204')).toMatchObject({ missing: expect.stringContaining('gives no answer') });
  });
});
