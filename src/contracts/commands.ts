/**
 * What people tell a workflow, as signals. A name inside a signal proves nothing, since anybody who reaches the
 * Temporal namespace can send one. So a command that lets something happen carries the API's signature, and only
 * commands in a safe direction (stop, look again) count without.
 */
import type { CommandName } from '../release/commands/command-table.ts';
import type { PersonRole, Severity } from '../release/settings.ts';

export type { CommandName };

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
  /** What it answers, as `nameQuestion` says it: refused where something else is asked by now. */
  answers?: string;
  person: string;
  role?: PersonRole;
  reason?: string;
  severity?: Severity;
  /** For `extend_monitoring`; in milliseconds. */
  extendMs?: number;
  /** For `incident` and `dismiss`: which incident it is about. */
  incidentId?: string;
  /** For `incident`: what it is about, such as the group of an alert, and that its source says that it is over. */
  incidentKey?: string;
  over?: true;
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
  incidentId?: string;
}

export const STATUS_QUERY = 'status';
