import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATUS_QUERY } from '../../src/contracts/commands.ts';
import { INTERNAL_SIGNALS } from '../../src/contracts/internal-signals.ts';
import type { MonitoringResult } from '../../src/contracts/workflows.ts';
import type { MonitoringRecord } from '../../src/release/record/record.ts';
import { type MonitoringBench, startMonitoringBench } from '../support/fixture/monitoring-bench.ts';
import { waitFor } from '../support/server/temporal-server.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Whole days on the server's own time skipping: only the metrics are given, everything else is real. */
describe('monitoring in long windows', { timeout: 240_000 }, () => {
  let bench: MonitoringBench;

  beforeAll(async () => {
    bench = await startMonitoringBench();
  });

  afterAll(async () => {
    await bench?.stop();
  });

  it('watches a whole day, below 2,000 events a run', async () => {
    const handle = await bench.watch(DAY, 6 * MINUTE, () => 0);
    const result = (await handle.result()) as MonitoringResult;
    expect(result.status).toBe('passed');
    const first = bench.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId);
    const events: number[] = [];
    let runId: string | undefined = handle.firstExecutionRunId;
    while (runId) {
      const { events: found } = await bench.client.workflow
        .getHandle(handle.workflowId, runId)
        .fetchHistory();
      events.push(found?.length ?? 0);
      runId = found?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
    }
    expect(Math.max(...events)).toBeLessThan(2_000);
    const { startTime } = await first.describe();
    const { closeTime } = await handle.describe();
    // On the workflow's own clock, which is the one that counts, a day has passed.
    expect((closeTime?.getTime() ?? 0) - startTime.getTime()).toBeGreaterThanOrEqual(DAY);
    expect(bench.notices).toEqual([]);
    console.log(`events a run: ${events.join(', ')}; looks: ${bench.source.looks}`);
  });

  it('makes up for an hour in which nothing could be measured', async () => {
    // Looks 5 to 16 find nothing.
    const handle = await bench.watch(60 * MINUTE, 5 * MINUTE, (look) => (look >= 5 && look <= 16 ? null : 0));
    const result = (await handle.result()) as MonitoringResult;
    const record = await handle.query<MonitoringRecord>(STATUS_QUERY);
    expect(result.status).toBe('passed');
    expect(record.observedMs).toBeGreaterThanOrEqual(60 * MINUTE);
    const { startTime, closeTime } = await handle.describe();
    expect((closeTime?.getTime() ?? 0) - startTime.getTime()).toBeGreaterThanOrEqual(120 * MINUTE);
  });

  it('is held while a critical check has no data, and calls a person once', async () => {
    bench.notices.length = 0;
    bench.source.missing = 'Prometheus at metrics.test cannot be asked: ECONNREFUSED.';
    // Nothing for forty minutes, in a window of an hour.
    const handle = await bench.watch(60 * MINUTE, 5 * MINUTE, (look) => (look <= 8 ? null : 0));
    const result = (await handle.result()) as MonitoringResult;
    expect(result.status).toBe('passed');
    const record = await handle.query<MonitoringRecord>(STATUS_QUERY);
    expect(record.observedMs).toBeGreaterThanOrEqual(60 * MINUTE);
    const [notice, ...more] = bench.notices;
    expect(more).toEqual([]);
    expect(notice?.channel).toBe('on_call');
    expect(notice?.text).toContain('error_rate: the candidate has no usable sample');
    expect(notice?.text).toContain('metrics.test cannot be asked: ECONNREFUSED');
    expect(notice?.text).toContain('windlass rollback shop');
    expect(notice?.text).toContain('windlass monitoring end shop --comment WHY');
  });

  it('calls again for another hold, and never passes one that lasts', async () => {
    bench.notices.length = 0;
    // Data for a while between two holds; the second one lasts. It has to be silent for 8 looks before it counts.
    const handle = await bench.watch(600 * MINUTE, 5 * MINUTE, (look) => (look > 4 && look <= 10 ? 0 : null));
    await waitFor('two calls', () => bench.notices.length >= 2, 300_000);
    const record = await handle.query<MonitoringRecord>(STATUS_QUERY);
    await handle.terminate('seen');
    expect(record.status).toBe('held');
    expect(new Set(bench.notices.map(({ id }) => id)).size).toBe(bench.notices.length);
    expect(record.observedMs).toBeLessThan(200 * MINUTE);
  });

  it('lasts longer when somebody extends it', async () => {
    const handle = await bench.watch(60 * MINUTE, 5 * MINUTE, () => 0);
    await handle.signal(INTERNAL_SIGNALS.steer, { what: 'extend', extendMs: 120 * MINUTE });
    expect(((await handle.result()) as MonitoringResult).status).toBe('passed');
    const { startTime, closeTime } = await handle.describe();
    expect((closeTime?.getTime() ?? 0) - startTime.getTime()).toBeGreaterThanOrEqual(180 * MINUTE);
    expect((await handle.query<MonitoringRecord>(STATUS_QUERY)).windowMs).toBe(180 * MINUTE);
  });
});
