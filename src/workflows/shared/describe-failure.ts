import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { FailureInfo } from '../../release/record/record.ts';

/** What people are told of an error that came out of an activity or a child. Total. */
export function describeFailure(error: unknown): FailureInfo {
  const cause = rootCause(error);
  if (cause instanceof ApplicationFailure) {
    const detail = cause.details?.[0];
    if (isFailureInfo(detail)) return detail;
    return unexpected(cause.message);
  }
  if (cause instanceof TimeoutFailure) {
    return {
      type: 'Unavailable',
      what: `no worker finished it in time (${cause.timeoutType})`,
      changed:
        'unknown: a worker may have begun it; what it does is looked at again before anything is repeated',
      next: "see that the role's worker runs (windlass doctor), then retry",
    };
  }
  if (cause instanceof CancelledFailure) return unexpected('it was cancelled');
  return unexpected(cause instanceof Error ? cause.message : String(cause));
}

function unexpected(message: string): FailureInfo {
  return {
    type: 'Unexpected',
    what: message.slice(0, 1_000),
    changed: 'not known',
    next: "look at the activity in the Web UI and the worker's log, then retry or abort",
  };
}

function rootCause(error: unknown): unknown {
  let cause = error;
  while ((cause instanceof ActivityFailure || cause instanceof ChildWorkflowFailure) && cause.cause) {
    cause = cause.cause;
  }
  return cause;
}

function isFailureInfo(value: unknown): value is FailureInfo {
  if (value === null || typeof value !== 'object') return false;
  const info = value as Record<string, unknown>;
  return ['type', 'what', 'changed', 'next'].every((key) => typeof info[key] === 'string');
}
