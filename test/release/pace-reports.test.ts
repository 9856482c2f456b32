import { expect, it } from 'vitest';
import { isWorthTelling, noteTold, type Told } from '../../src/release/record/pace-reports.ts';
import type { MonitoringRecord } from '../../src/release/record/record.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const START = Date.parse('2026-11-21T10:00:00.000Z');

/** Reports of a window that is looked at once a minute; `verdict` of its one check at each look. */
function count(windowMs: number, verdict: (look: number) => string): number {
  let told: Told | undefined;
  let reports = 0;
  for (let look = 0; look * MINUTE < windowMs; look++) {
    const now = START + look * MINUTE;
    const record: MonitoringRecord = {
      level: 'standard',
      windowMs,
      observedMs: look * MINUTE,
      startedAt: new Date(START).toISOString(),
      status: 'watching',
      samples: look,
      reason: 'within limits',
      checks: [{ name: 'errors', verdict: verdict(look), reason: '' }],
    };
    if (!isWorthTelling(told, record, now)) continue;
    told = noteTold(record, now);
    reports += 1;
  }
  return reports;
}

it('tells each look of a usual window, and of a month far fewer than Temporal takes signals', () => {
  expect(count(60 * MINUTE, () => 'pass')).toBe(60);
  expect(count(30 * DAY, () => 'pass')).toBeLessThanOrEqual(501);
  // Also where each look says something else.
  expect(count(30 * DAY, (look) => (look % 2 === 0 ? 'pass' : 'inconclusive'))).toBeLessThanOrEqual(2_001);
});

it('tells what changes sooner than what does not', () => {
  const turns = (look: number) => (look < 100 ? 'pass' : 'fail');
  expect(count(30 * DAY, turns)).toBeGreaterThan(count(30 * DAY, () => 'pass'));
});
