/**
 * What a deployment has found and done, and what people asked of it: the one state that it decides by, changed only by
 * events. What it tells the record of its release are events of that record; these are its own.
 */
import type { Asked as Said } from './control.ts';

/** What people, or a hotfix that has right of way (`preempt`), may ask of a deployment. */
export const ASKS = ['rollback', 'preempt', 'end_monitoring', 'dismiss', 'restore_database', 'hold'] as const;

export type Ask = (typeof ASKS)[number];

/** `signed`: the order itself, where the worker that obeys asks for it. */
export interface Asked extends Said {
  signed?: { signed: string; keyId: string; signature: string };
}

export interface DeploymentState {
  /** What ran there when it began, where the environment says so. */
  found?: { version: string; slot?: string };
  /** The version's own slot, once it has one, and the one that had the traffic before. */
  slot?: string;
  previousSlot?: string;
  /** Whether the environment has changed, so that a failure must be put back. */
  changed: boolean;
  /** Migrations that were applied, or may have been. */
  migrations: number;
  /** `at`: a restore loses every write since. */
  backup?: { id: string; at: string };
  /** What was asked and is not answered yet; `hold` until it is resumed. */
  asked: Partial<Record<Ask, Asked>>;
  /** By how much the window is to become longer, as far as it was not told yet. In milliseconds. */
  extendMs: number;
}

export type DeploymentEvent =
  | { event: 'looked_around'; version?: string; previousSlot?: string }
  | { event: 'slot_chosen'; slot: string }
  | { event: 'change_began' }
  | { event: 'migration_began' }
  | { event: 'nothing_to_migrate' }
  | { event: 'backed_up'; id: string; at: string }
  | ({ event: 'asked'; what: Ask } & Asked)
  | { event: 'answered'; what: Ask }
  | { event: 'extended'; ms: number }
  | { event: 'extension_told' };

/** A deployment that has done nothing yet. */
export function openDeploymentState(): DeploymentState {
  return { changed: false, migrations: 0, asked: {}, extendMs: 0 };
}

/** The state after the event. */
export function changeDeployment(state: DeploymentState, event: DeploymentEvent): DeploymentState {
  switch (event.event) {
    case 'looked_around': {
      const { version, previousSlot: slot } = event;
      const where = slot === undefined ? {} : { slot };
      return {
        ...state,
        ...(slot === undefined ? {} : { previousSlot: slot }),
        ...(version === undefined ? {} : { found: { version, ...where } }),
      };
    }
    case 'slot_chosen':
      return { ...state, slot: event.slot };
    case 'change_began':
      return { ...state, changed: true };
    case 'migration_began':
      // One that fails may have applied a part.
      return { ...state, migrations: state.migrations + 1 };
    case 'nothing_to_migrate':
      return { ...state, migrations: Math.max(0, state.migrations - 1) };
    case 'backed_up':
      return { ...state, backup: { id: event.id, at: event.at } };
    case 'asked':
      return { ...state, asked: { ...state.asked, [event.what]: pickAsked(event) } };
    case 'answered': {
      const { [event.what]: _answered, ...asked } = state.asked;
      return { ...state, asked };
    }
    case 'extended':
      return { ...state, extendMs: state.extendMs + event.ms };
    case 'extension_told':
      return { ...state, extendMs: 0 };
  }
}

function pickAsked({ by, reason, signed }: Asked): Asked {
  return { by, reason, ...(signed === undefined ? {} : { signed }) };
}
