/**
 * What people tell a workflow, as signals. A name inside a signal proves nothing, since anybody who reaches the
 * Temporal namespace can send one. So a command that lets something happen carries the API's signature, and only
 * commands in a safe direction (stop, look again) count without.
 */
import type { PersonRole, Severity } from '../release/settings.ts';

export type CommandName =
  | 'approve'
  | 'reject'
  | 'hold'
  | 'resume'
  | 'retry'
  | 'replan'
  | 'skip'
  | 'abort'
  | 'rollback'
  | 'incident'
  | 'extend_monitoring'
  | 'end_monitoring'
  | 'dismiss'
  | 'edit_notes'
  | 'restore_database';

/** Every command's signal, with whether it counts only when the API signed it. */
export const COMMANDS: Record<CommandName, { signed: boolean; does: string }> = {
  approve: { signed: true, does: 'approve an open gate' },
  reject: { signed: true, does: 'reject an open gate, with a reason' },
  hold: { signed: false, does: 'stop before the next step' },
  resume: { signed: true, does: 'go on after a hold' },
  retry: { signed: false, does: 'repeat the failed step on the same plan' },
  replan: { signed: true, does: 'take the new tip, void the approvals and start again from the plan' },
  skip: { signed: true, does: 'go on without the failed step, where policy allows it' },
  abort: { signed: false, does: 'end the release and clean up what is not public' },
  rollback: { signed: true, does: 'put the previous version back into production' },
  incident: { signed: false, does: 'report an incident in production' },
  extend_monitoring: { signed: false, does: 'lengthen the monitoring window' },
  end_monitoring: { signed: true, does: 'end the monitoring window early, with a reason' },
  dismiss: { signed: true, does: 'dismiss an incident, with a reason' },
  edit_notes: { signed: true, does: 'replace changelog entry and release notes before the release commit' },
  restore_database: { signed: true, does: 'allow a rollback to restore the database backup' },
};

export const COMMAND_NAMES = Object.keys(COMMANDS) as CommandName[];

/** What the API signs: one person's one command on one release, for a limited time. */
export interface Command {
  /** Unique for each command: a second delivery is recognised by it. */
  nonce: string;
  name: CommandName;
  product: string;
  releaseId: string;
  /** For `approve` and `reject`. */
  gate?: string;
  /** Digest of what the decision is about; a changed plan makes another one. */
  subject?: string;
  person: string;
  role?: PersonRole;
  reason?: string;
  severity?: Severity;
  /** For `extend_monitoring`; in milliseconds. */
  extendMs?: number;
  /** For `edit_notes`: the edited texts in the store. */
  changelog?: string;
  notes?: string;
  issuedAt: string;
  /** Different for each time that the API sends the command: the very same bytes again are a copy. */
  delivery?: string;
  /** A protected step that starts after this time does not accept the decision. */
  validUntil: string;
}

/** The exact text that was signed (JSON of a `Command`), so that no canonical form is needed to verify it. */
export interface SignedCommand {
  signed: string;
  keyId: string;
  /** Ed25519, base64. */
  signature: string;
}

/** Why a command cannot have come through the API as it should: somebody signals the workflow past it. */
export type SignatureFault =
  | 'unsigned'
  | 'malformed'
  | 'forged'
  | 'expired'
  | 'replayed'
  | 'other_release'
  | 'other_command'
  | 'other_gate';

/** What anybody may send by hand, from the Temporal Web UI for example: recorded as unverified. */
export interface PlainCommand {
  reason?: string;
  person?: string;
  severity?: Severity;
  extendMs?: number;
}

export const STATUS_QUERY = 'status';
