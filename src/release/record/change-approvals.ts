import { type ApprovalGate, applyDecision, type Decision, withoutDecision } from '../approvals.ts';
import type { ReleaseRecord } from './record.ts';

/** What happens to the approvals that a release asks for. `key` is the one of the approval. */
export type ApprovalEvent = { at: string } & (
  | { event: 'approval_opened'; gate: ApprovalGate }
  | { event: 'decided'; decision: Decision }
  | { event: 'gate_voided'; key: string; reason: string }
  | { event: 'approval_lapsed'; key: string; nonce: string }
  | { event: 'reminded'; key: string; whom: string[] }
);

/** The record with its approvals after the event. What is decided of one that is not open changes nothing. */
export function changeApprovals(record: ReleaseRecord, event: ApprovalEvent): ReleaseRecord {
  switch (event.event) {
    case 'approval_opened': {
      const before = record.approvals.find((g) => g.key === event.gate.key);
      return {
        ...record,
        approvals: [...record.approvals.filter((g) => g.key !== event.gate.key), event.gate],
        // What is asked for anew may keep the decisions that still count.
        voided: [
          ...record.voided,
          ...(before?.decisions ?? []).filter(
            ({ nonce }) => !event.gate.decisions.some((kept) => kept.nonce === nonce),
          ),
        ],
      };
    }
    case 'decided':
      return {
        ...record,
        approvals: record.approvals.map((gate) =>
          gate.key === event.decision.gate && gate.status === 'open'
            ? applyDecision(gate, event.decision)
            : gate,
        ),
      };
    case 'gate_voided':
      return {
        ...record,
        approvals: record.approvals.map((gate) =>
          gate.key === event.key && gate.status === 'open'
            ? { ...gate, status: 'void', closedAt: event.at }
            : gate,
        ),
      };
    case 'approval_lapsed':
      return lapse(record, event.key, event.nonce);
    case 'reminded':
      return {
        ...record,
        approvals: record.approvals.map((gate) =>
          gate.key === event.key ? { ...gate, reminders: gate.reminders + 1 } : gate,
        ),
      };
  }
}

/** An approval whose time is over stands among the void ones; its gate, if still open, waits for it again. */
function lapse(record: ReleaseRecord, key: string, nonce: string): ReleaseRecord {
  const gate = record.approvals.find((candidate) => candidate.key === key && candidate.status === 'open');
  const lapsed = gate?.decisions.find((decision) => decision.nonce === nonce);
  if (!gate || !lapsed) return record;
  return {
    ...record,
    approvals: record.approvals.map((one) =>
      one === gate ? { ...withoutDecision(gate, nonce), reminders: gate.reminders + 1 } : one,
    ),
    voided: [...record.voided, lapsed],
  };
}
