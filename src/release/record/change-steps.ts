import type { StoreRef } from '../store-ref.ts';
import type { FailureInfo, Phase, ReleaseRecord, StepRecord } from './record.ts';

/** What happens to a step of a release. */
export type StepEvent = { at: string } & (
  | { event: 'step_started'; id: string; title: string; role?: string; phase?: Phase }
  | { event: 'step_done'; id: string; detail?: string; logs?: StoreRef[] }
  | { event: 'step_failed'; id: string; failure: FailureInfo; logs?: StoreRef[] }
  | { event: 'step_skipped'; id: string; by: string; reason: string }
  | { event: 'step_not_configured'; id: string; title: string; reason: string; phase?: Phase }
);

/** The most of a failed program's last words that a record holds, in characters; all of it is in the store. */
const TAIL_KEPT = 4_000;

/** The record with the step as it is after the event; as it was where the event is about a step that never began. */
export function changeSteps(record: ReleaseRecord, event: StepEvent): ReleaseRecord {
  switch (event.event) {
    case 'step_started': {
      // A deployment's steps pass from production into monitoring without the release's own doing.
      const moved = { ...record, phase: event.phase ?? record.phase };
      return withStep(moved, event.id, (before) => startStep(moved, before, event));
    }
    case 'step_done':
      return withStep(record, event.id, (before) => {
        if (!before) return undefined;
        const { failure: _settled, ...rest } = before;
        return {
          ...rest,
          status: 'done',
          endedAt: event.at,
          ...(event.detail === undefined ? {} : { detail: event.detail }),
          ...(event.logs === undefined ? {} : { logs: event.logs }),
        };
      });
    case 'step_failed':
      return withStep(record, event.id, (before) =>
        before
          ? {
              ...before,
              status: 'failed',
              endedAt: event.at,
              failure: cutTail(event.failure),
              ...(event.logs === undefined ? {} : { logs: event.logs }),
            }
          : undefined,
      );
    case 'step_skipped':
      return withStep(record, event.id, (before) =>
        before
          ? {
              ...before,
              status: 'skipped',
              endedAt: event.at,
              detail: `skipped by ${event.by}: ${event.reason}`,
            }
          : undefined,
      );
    case 'step_not_configured':
      return withStep(record, event.id, () => ({
        id: event.id,
        title: event.title,
        phase: event.phase ?? record.phase,
        status: 'not_configured',
        startedAt: event.at,
        endedAt: event.at,
        attempts: 0,
        detail: event.reason,
      }));
  }
}

function startStep(
  record: ReleaseRecord,
  before: StepRecord | undefined,
  event: Extract<StepEvent, { event: 'step_started' }>,
): StepRecord {
  return {
    id: event.id,
    title: event.title,
    phase: event.phase ?? before?.phase ?? record.phase,
    ...(event.role === undefined ? {} : { role: event.role }),
    status: 'running',
    startedAt: before?.startedAt ?? event.at,
    attempts: (before?.attempts ?? 0) + 1,
  };
}

function withStep(
  record: ReleaseRecord,
  id: string,
  next: (before: StepRecord | undefined) => StepRecord | undefined,
): ReleaseRecord {
  const index = record.steps.findIndex((step) => step.id === id);
  const changed = next(index < 0 ? undefined : record.steps[index]);
  if (!changed) return record;
  if (index < 0) return { ...record, steps: [...record.steps, changed] };
  return { ...record, steps: record.steps.with(index, changed) };
}

function cutTail(failure: FailureInfo): FailureInfo {
  return failure.logTail === undefined ? failure : { ...failure, logTail: failure.logTail.slice(-TAIL_KEPT) };
}
