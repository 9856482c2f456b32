import type { RunKind } from '../names.ts';
import type { ReleaseRecord } from '../record/record.ts';
import type { PersonRole } from '../settings.ts';

/** Why a command means nothing where a run stands. */
export interface Refused {
  /** Stable, for programs. */
  code: string;
  detail: string;
  hint: string;
}

/** Everything that is known of a command. A new one is a row here and what a workflow does when it is taken. */
export interface CommandRow {
  /** Completes "A person may …": for signals, the API's description and the overview of the command line. */
  does: string;
  /** Counts only with the API's signature. Without: stopping and looking again, which are safe directions. */
  signed: boolean;
  /** Who may give it, unless configuration says otherwise. Of a decision: the gate's own roles instead. */
  roles: readonly PersonRole[];
  /** The record must say why: somebody will read it when it was wrong. */
  needsReason?: true;
  /** The runs for which it has a meaning. */
  kinds: readonly RunKind[];
  /** Why it means nothing where the run stands, although it may have a meaning for its kind. */
  refuse(record: ReleaseRecord): Refused | undefined;
  /** Asked once more before it is signed: what the button says, and what pressing it does. */
  page: { button: string; does: string; danger?: true };
  /** What people may do now, in words, where a run says that it waits for this. `gate`: the one that is open. */
  advise?(write: WriteCommand, gate: string): string;
  /** It is about what production runs. */
  about?: 'production';
  /** Its path below a release, where a reason is all that it takes. */
  path?: string;
  /** Its name on the command line and its help, where a reason is all that it takes. */
  cli?: { name: string; help: string };
}

/** Writes a command line about the run at hand: `windlass retry shop --kind hotfix`. */
export type WriteCommand = (name: string, ...args: string[]) => string;
