/**
 * How a monitoring window stands: what was measured, for how long, and whether a person was called. Pure, changed only
 * by events; the timers, the looks and the telling are in `monitoring.ts`.
 */
import type { Sample } from '../../contracts/activities.ts';
import type { MonitoringInput, MonitoringResult, MonitoringState } from '../../contracts/workflows.ts';
import { observe } from '../../release/verdict/judge.ts';
import { startJudge } from '../../release/verdict/judge-state.ts';
import { currentVerdict } from '../../release/verdict/verdict.ts';

/** Points of each check that the record keeps for its chart. */
const POINTS_KEPT = 120;
/** After the window's first third the looks are so many times sparser. */
const SPARSER = 3;

/** `heldLooks`: looks in a row at which a critical check had no data. Times in milliseconds, moments in ISO 8601. */
export type WindowEvent =
  | { event: 'looked'; at: string; samples: Sample[] }
  | { event: 'extended'; ms: number }
  | { event: 'called'; heldLooks: number }
  | { event: 'not_called'; heldLooks: number; called: boolean }
  | { event: 'concluded'; status: MonitoringResult['status'] };

/** The window after the event. */
export function changeWindow(
  input: MonitoringInput,
  state: MonitoringState,
  event: WindowEvent,
): MonitoringState {
  switch (event.event) {
    case 'looked':
      return takeSamples(state, event.samples, input, event.at);
    case 'extended':
      // The record says so at the next look, together with what was measured.
      return { ...state, windowMs: state.windowMs + event.ms };
    case 'called':
      return { ...state, heldLooks: event.heldLooks, holds: (state.holds ?? 0) + 1, called: true };
    case 'not_called':
      return { ...state, heldLooks: event.heldLooks, called: event.called };
    case 'concluded':
      return { ...state, record: { ...state.record, status: event.status } };
  }
}

/**
 * A window in which nothing was measured yet. `now` is ISO 8601. `needsTraffic`: false for windows that began when
 * looks without a request counted as observed time.
 */
export function openWindow(input: MonitoringInput, now: string, needsTraffic = true): MonitoringState {
  return {
    judge: startJudge(
      input.checks.map((c) => c.check),
      { intervalMs: input.intervalMs, horizonMs: input.windowMs },
    ),
    record: {
      level: input.level,
      windowMs: input.windowMs,
      observedMs: 0,
      startedAt: now,
      environment: input.environment,
      status: 'watching',
      samples: 0,
      reason: 'nothing measured yet',
      checks: input.checks.map((c) => ({
        name: c.check.name,
        verdict: 'missing',
        reason: 'not measured yet',
        points: [],
      })),
    },
    windowMs: input.windowMs,
    observedUntil: now,
    reported: 0,
    ...(needsTraffic ? { needsTraffic } : {}),
  };
}

/** Dense while problems are most likely, in the window's first third; three times sparser after. */
export function pauseAfter(input: MonitoringInput, state: MonitoringState): number {
  const young = state.record.observedMs < state.windowMs / 3;
  return young ? input.intervalMs : input.intervalMs * SPARSER;
}

function takeSamples(
  before: MonitoringState,
  samples: Sample[],
  input: MonitoringInput,
  now: string,
): MonitoringState {
  let judge = before.judge;
  for (const sample of samples) judge = observe(judge, sample);
  const verdict = currentVerdict(judge);
  const mine = samples.filter((sample) => sample.group === 'candidate');
  const seen = mine.some(({ value }) => value !== null) && (!before.needsTraffic || hasTraffic(input, mine));
  const elapsed = Date.parse(now) - Date.parse(before.observedUntil);
  // A gap longer than two pauses was not observed, whatever its ends say; nor is time in which a critical check is blind.
  const observed = seen && !verdict.held ? Math.min(elapsed, 2 * pauseAfter(input, before)) : 0;
  return {
    ...before,
    judge,
    observedUntil: now,
    record: {
      ...before.record,
      windowMs: before.windowMs,
      observedMs: before.record.observedMs + observed,
      samples: before.record.samples + samples.length,
      status: verdict.held ? 'held' : 'watching',
      reason: verdict.reason,
      checks: verdict.checks.map((check) => ({
        name: check.name,
        verdict: check.verdict,
        reason: check.reason,
        points: addPoints(before, check.name, samples),
      })),
    },
  };
}

/** Nothing was asked of it, so nothing was learned: no failure of 0 requests is no observed time. */
function hasTraffic({ checks }: MonitoringInput, samples: readonly Sample[]): boolean {
  const ratios = checks.flatMap(({ check }) => (check.kind === 'ratio' ? [check.name] : []));
  const requests = samples.flatMap((sample) =>
    ratios.includes(sample.check) ? (sample.requests ?? []) : [],
  );
  return requests.length === 0 || requests.some((count) => count > 0);
}

function addPoints(before: MonitoringState, name: string, samples: Sample[]): number[] {
  const earlier = before.record.checks.find((check) => check.name === name)?.points ?? [];
  const fresh = samples.flatMap((s) =>
    s.check === name && s.group === 'candidate' && s.value !== null ? [Number(s.value.toPrecision(4))] : [],
  );
  return [...earlier, ...fresh].slice(-POINTS_KEPT);
}
