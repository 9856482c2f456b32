/**
 * Who may open a gate. Pure rules over decisions whose signatures were verified before; the same function decides
 * in the workflow and, a second time and from the worker's own configuration, in the activities that act.
 */

import { shortDigest } from './digest.ts';
import type { VerdictOfPerson } from './names.ts';
import {
  areAlternatives,
  describeApprovers,
  describeMissing,
  findUnfilled,
  listHelpful,
  listRoles,
} from './policy/approvers.ts';
import type { Approver, PersonRole } from './settings.ts';

export const GATE_KEYS = [
  'changelog_review',
  'manual_smoke',
  'staging_sign_off',
  'go_live',
  'first_publish',
  'freeze_override',
  'hotfix',
] as const;

export type GateKey = (typeof GATE_KEYS)[number];

/** Among those who asked: somebody whose name nobody knows. No login is written so. */
export const NOT_KNOWN = '(not known)';

export interface Decision {
  nonce: string;
  gate: string;
  decision: VerdictOfPerson;
  person: string;
  role: PersonRole;
  /** Digest of what was decided about. */
  subject: string;
  reason?: string;
  at: string;
  validUntil: string;
  /** The signed text itself, kept so that the activities can verify it again. */
  signed: { signed: string; keyId: string; signature: string };
}

export interface ApprovalGate {
  key: GateKey;
  title: string;
  /** What the deciding person is to look at or answer, such as the critical paths to walk. */
  asks?: string[];
  subject: string;
  /** Each entry is one approval. */
  required: Approver[];
  requestedBy: string;
  /** People who made what is released alone (a hotfix): they cannot be its only approvers either. */
  authors: string[];
  onePersonManyRoles: boolean;
  /** Whether those may be its only approvers after all: the product is one person's. */
  solo?: boolean;
  openedAt: string;
  closedAt?: string;
  status: 'open' | 'approved' | 'rejected' | 'void';
  decisions: Decision[];
  reminders: number;
}

type Asked = Pick<ApprovalGate, 'required' | 'decisions'>;

/** Roles in which an approval is still missing. One that stands twice in the list takes two people. */
export function missingRoles(gate: Asked): PersonRole[] {
  return listHelpful(gate.required, listGiven(gate));
}

/** What is still missing, in words: `CEO`, `1 more of reviewers`. `name` says how a role is called. */
export function nameMissing(gate: Asked, name?: (role: PersonRole) => string): string[] {
  return describeMissing(gate.required, listGiven(gate), name);
}

function isComplete(gate: Asked): boolean {
  return findUnfilled(gate.required, listGiven(gate)).length === 0;
}

function listGiven({ decisions }: Asked): PersonRole[] {
  return decisions.filter((d) => d.decision === 'approve').map((d) => d.role);
}

/** An approval whose time is over at `now` (milliseconds): it does not count for the step that the gate protects. */
export function lapsedDecision(gate: Pick<ApprovalGate, 'decisions'>, now: number): Decision | undefined {
  return gate.decisions.find((d) => d.decision === 'approve' && Date.parse(d.validUntil) < now);
}

/** The gate without a decision that counts no more. */
export function withoutDecision(gate: ApprovalGate, nonce: string): ApprovalGate {
  return { ...gate, decisions: gate.decisions.filter((d) => d.nonce !== nonce) };
}

/** Why `decision` does not count for `gate`, as a sentence for people; `undefined` when it counts. */
export function refuseDecision(gate: ApprovalGate | undefined, decision: Decision): string | undefined {
  if (!gate) return `there is no gate "${decision.gate}" open for this release`;
  if (gate.status !== 'open') return `the gate "${gate.key}" is not open any more: it was ${gate.status}`;
  if (decision.subject !== gate.subject) {
    return `the decision is about another plan than the one that is waiting (${shortDigest(decision.subject)}, not ${shortDigest(gate.subject)})`;
  }
  if (!listRoles(gate.required).includes(decision.role)) {
    return `the gate "${gate.key}" asks for ${describeApprovers(gate.required).join(', ')}, not for ${decision.role}`;
  }
  const earlier = gate.decisions.find(
    (d) =>
      d.person === decision.person &&
      (!gate.onePersonManyRoles || areAlternatives(gate.required, d.role, decision.role)),
  );
  if (earlier) {
    return `${decision.person} has decided on "${gate.key}" already, as ${earlier.role}`;
  }
  if (!missingRoles(gate).includes(decision.role)) {
    return `the role ${decision.role} has decided on "${gate.key}" already`;
  }
  if (gate.key === 'freeze_override' && decision.decision === 'approve' && !decision.reason?.trim()) {
    return 'going through a freeze needs a reason: approve with a comment';
  }
  if (decision.decision === 'approve' && wouldBeOwnApproval(gate, decision)) {
    return explainOwn(gate, decision.person);
  }
  return undefined;
}

/** The gate with `decision` added, closed when all roles approved or one rejected. */
export function applyDecision(gate: ApprovalGate, decision: Decision): ApprovalGate {
  const decided = { ...gate, decisions: [...gate.decisions, decision] };
  if (decision.decision === 'reject') return { ...decided, status: 'rejected', closedAt: decision.at };
  if (!isComplete(decided)) return decided;
  return { ...decided, status: 'approved', closedAt: decision.at };
}

/**
 * Four eyes: an approval that completes the gate must leave at least one approver who neither asked for the release
 * nor wrote it. A gate of one role that the requester holds is thus open to somebody else with that role only.
 */
function wouldBeOwnApproval(gate: ApprovalGate, decision: Decision): boolean {
  // Review, smoke and sign-off are work that is checked by the later go-live decision; four eyes guard that one.
  if (!isProtected(gate.key) || gate.solo) return false;
  const approvers = [...gate.decisions.filter((d) => d.decision === 'approve'), decision];
  if (!isComplete({ ...gate, decisions: approvers })) return false;
  const own = new Set([gate.requestedBy, ...gate.authors]);
  const others = new Set(approvers.map(({ person }) => person).filter((person) => !own.has(person)));
  // Any one of them may be who asked. Where one approval is all that the gate takes, no rule could know better.
  return others.size < (own.has(NOT_KNOWN) && gate.required.length > 1 ? 2 : 1);
}

function explainOwn({ requestedBy, authors }: ApprovalGate, person: string): string {
  if (requestedBy === person || authors.includes(person)) {
    return `${person} asked for this release or wrote it, and cannot be its only approver`;
  }
  return `it is not known who asked for this release (its schedule was fired by hand), so ${person} cannot be its only approver: it takes two people`;
}

function isProtected(key: GateKey): boolean {
  return key === 'go_live' || key === 'hotfix' || key === 'freeze_override';
}
