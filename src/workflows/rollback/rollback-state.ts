/**
 * How going back stands: what is done, what failed, and what people said about it; the one state that a rollback decides
 * by, changed only by events. What it tells the record of its release are events of that record.
 */
import type { StoreRef } from '../../release/store-ref.ts';

/** What a script can deploy: a file, an image (`repository@sha256:…`), or both. */
export interface RollbackBytes {
  artifact?: StoreRef;
  image?: string;
}

export interface RollbackState {
  /** Parts that are done, in their order; of the last look also why it was no help. */
  done: string[];
  /** The part that failed last, and how; until a later one is done. */
  failed?: string;
  waitsForRetry: boolean;
  /** How often somebody said that the cause is mended. */
  retries: number;
  /** Why somebody left the environment as it is. */
  givenUp?: string;
  /** Where it really went: a slot that is not warm any more is replaced by the idle one. */
  slot?: string;
  /** Whether the bytes of the version before were given, or have been looked for. */
  looked: boolean;
  /** What was found of them, for an environment that does not keep the version before. */
  bytes: RollbackBytes;
  helped: boolean;
}

export type RollbackEvent =
  | { event: 'part_done'; title: string; slot?: string }
  | { event: 'did_not_help'; title: string; why: string }
  | ({ event: 'looked_for_bytes' } & RollbackBytes)
  | { event: 'failed'; problem: string }
  | { event: 'waited' }
  | { event: 'retry_asked' }
  | { event: 'given_up'; reason: string };

/** A rollback that has done nothing yet; `to`: what is known of the version that it goes to. */
export function openRollbackState(to: RollbackBytes & { slot?: string }): RollbackState {
  return {
    done: [],
    waitsForRetry: false,
    retries: 0,
    ...(to.slot === undefined ? {} : { slot: to.slot }),
    looked: to.artifact !== undefined || to.image !== undefined,
    bytes: {},
    helped: true,
  };
}

/** The state after the event. */
export function changeRollback(state: RollbackState, event: RollbackEvent): RollbackState {
  switch (event.event) {
    case 'part_done': {
      const { failed: _mended, ...rest } = state;
      const slot = event.slot === undefined ? {} : { slot: event.slot };
      return { ...rest, ...slot, done: [...state.done, event.title] };
    }
    case 'did_not_help':
      return { ...state, helped: false, done: [...state.done, `${event.title}: ${event.why}`] };
    case 'looked_for_bytes': {
      const { event: _name, ...bytes } = event;
      return { ...state, looked: true, bytes };
    }
    case 'failed':
      return { ...state, failed: event.problem, waitsForRetry: true };
    case 'waited':
      return { ...state, waitsForRetry: false };
    case 'retry_asked':
      return { ...state, retries: state.retries + 1 };
    case 'given_up':
      return { ...state, givenUp: event.reason };
  }
}
