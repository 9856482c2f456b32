import { describe, expect, it } from 'vitest';
import type { Sample } from '../../src/contracts/activities.ts';
import type { MonitoringInput } from '../../src/contracts/workflows.ts';
import {
  changeWindow,
  openWindow,
  pauseAfter,
  type WindowEvent,
} from '../../src/workflows/monitoring/window-state.ts';

const START = Date.parse('2026-11-27T10:00:00.000Z');
const at = (ms: number) => new Date(START + ms).toISOString();
const input: MonitoringInput = {
  releaseId: 'shop-1',
  product: 'shop',
  environment: 'production',
  level: 'standard',
  windowMs: 60_000,
  intervalMs: 1_000,
  checks: [],
  deployedAt: at(0),
};
const seen = (ms: number): Sample => ({
  check: 'errors',
  group: 'candidate',
  time: at(ms),
  value: 0.001,
});
const windowAfter = (...events: WindowEvent[]) =>
  events.reduce((state, event) => changeWindow(input, state, event), openWindow(input, at(0)));

describe('a monitoring window', () => {
  it('counts only time that was observed, and no gap in between', () => {
    const state = windowAfter(
      { event: 'looked', at: at(1_000), samples: [seen(1_000)] },
      { event: 'looked', at: at(2_000), samples: [] },
      { event: 'looked', at: at(60_000), samples: [seen(60_000)] },
    );
    expect(state.record.observedMs).toBe(1_000 + 2 * 1_000);
    expect(state.observedUntil).toBe(at(60_000));
  });

  it('counts no time in which nothing was asked of it: 0 of 0 requests', () => {
    const watched = {
      ...input,
      checks: ['errors', 'checkout'].map((name) => ({ check: { name, kind: 'ratio' } })),
    } as unknown as MonitoringInput;
    const looks = (needsTraffic: boolean, ...requests: [number, number][]) =>
      requests.reduce(
        (state, [errors, checkout], index) =>
          changeWindow(watched, state, {
            event: 'looked',
            at: at((index + 1) * 1_000),
            samples: [
              { ...seen((index + 1) * 1_000), value: 0, requests: errors },
              { ...seen((index + 1) * 1_000), check: 'checkout', value: 0, requests: checkout },
            ],
          }),
        openWindow(watched, at(0), needsTraffic),
      ).record.observedMs;
    expect(looks(true, [0, 0], [0, 0])).toBe(0);
    // Nobody at the checkout is no silence of the whole.
    expect(looks(true, [0, 0], [300, 0])).toBe(1_000);
    expect(looks(true, [300, 20], [300, 20])).toBe(2_000);
    // A window that began before goes on as it began.
    expect(looks(false, [0, 0], [300, 0])).toBe(2_000);
  });

  it('becomes longer at once, and the record says so at the next look', () => {
    const longer = windowAfter({ event: 'extended', ms: 5_000 }, { event: 'extended', ms: 1_000 });
    expect([longer.windowMs, longer.record.windowMs]).toEqual([66_000, 60_000]);
    const looked = changeWindow(input, longer, { event: 'looked', at: at(1_000), samples: [] });
    expect(looked.record.windowMs).toBe(66_000);
  });

  it('knows whether a person was called, and how often', () => {
    const called = windowAfter({ event: 'called', heldLooks: 3 });
    expect(called).toMatchObject({ called: true, holds: 1, heldLooks: 3 });
    const over = changeWindow(input, called, { event: 'not_called', heldLooks: 0, called: false });
    expect(over).toMatchObject({ called: false, holds: 1 });
    expect(changeWindow(input, over, { event: 'called', heldLooks: 3 }).holds).toBe(2);
  });

  it('is looked at three times more often in its first third', () => {
    const young = openWindow(input, at(0));
    expect(pauseAfter(input, young)).toBe(1_000);
    const old = { ...young, record: { ...young.record, observedMs: 20_000 } };
    expect(pauseAfter(input, old)).toBe(3_000);
  });
});
