import { describe, expect, it } from 'vitest';
import { paceLooks } from '../../../src/release/policy/pace-looks.ts';

const HOUR_MS = 3_600_000;
/** Of one look at a pull request: what a workflow's history takes for an activity, a timer and their tasks. */
const EVENTS_OF_A_LOOK = 12;
/** Temporal ends a workflow whose history has more. */
const MOST_EVENTS = 51_200;

describe('the pace of looks at a pull request', () => {
  const countLooks = (waitMs: number) => {
    let looks = 0;
    for (let waited = 0; waited < waitMs; waited += paceLooks(waited)) looks += 1;
    return looks;
  };

  it('sees checks that take minutes within seconds, and a review of hours within minutes', () => {
    expect(paceLooks(0)).toBe(2_000);
    expect(paceLooks(2 * 60_000)).toBe(10_000);
    expect(paceLooks(3 * HOUR_MS)).toBe(15 * 60_000);
    expect(paceLooks(100 * 24 * HOUR_MS)).toBe(3 * HOUR_MS);
  });

  it('leaves room in the history for a year of waiting', () => {
    expect(countLooks(24 * HOUR_MS)).toBeLessThan(150);
    expect(countLooks(365 * 24 * HOUR_MS) * EVENTS_OF_A_LOOK).toBeLessThan(MOST_EVENTS * 0.8);
  });
});
