/**
 * The only way in which a record changes: a pure function from a record and an event to the next record. Each event
 * leaves a sentence in the timeline, chained by digest, so that a gap or a change in the past is seen.
 */
import type { ApprovalGate, Decision } from '../approvals.ts';
import { applyDecision, withoutDecision } from '../approvals.ts';
import { digestOf } from '../digest.ts';
import type { StoreRef } from '../store-ref.ts';
import type { GateResult, Publication } from '../values.ts';
import { type ControlEvent, changeControl } from './control.ts';
import { describeEvent } from './describe-event.ts';
import { dataOf, type FactName } from './facts.ts';
import type {
  EnvironmentRecord,
  FailureInfo,
  IncidentRecord,
  MonitoringRecord,
  Outcome,
  Phase,
  PlanRecord,
  Receipt,
  Refusal,
  ReleaseRecord,
  StepRecord,
  TimelineEntry,
  TrailPart,
  Waiting,
} from './record.ts';
import { controlOf } from './record.ts';

export type RecordEvent = { at: string } & (
  | { event: 'phase_entered'; phase: Phase }
  | { event: 'step_started'; id: string; title: string; role?: string; phase?: Phase }
  | { event: 'step_done'; id: string; detail?: string; log?: StoreRef }
  | { event: 'step_failed'; id: string; failure: FailureInfo; log?: StoreRef }
  | { event: 'step_skipped'; id: string; by: string; reason: string }
  | { event: 'step_not_configured'; id: string; title: string; reason: string; phase?: Phase }
  | { event: 'planned'; plan: PlanRecord; title: string }
  | { event: 'committed'; commit: string }
  | { event: 'built'; artifact: StoreRef; image?: string }
  | { event: 'gate_passed'; gate: GateResult }
  | { event: 'subject_known'; subject: string }
  | { event: 'approval_opened'; gate: ApprovalGate }
  | { event: 'decided'; decision: Decision }
  | { event: 'gate_voided'; key: string; reason: string }
  | { event: 'approval_lapsed'; key: string; nonce: string }
  | { event: 'reminded'; key: string; whom: string[] }
  | { event: 'replanned'; by: string; reason: string }
  | { event: 'command_taken'; command: string; by: string; reason?: string; verified: boolean }
  | { event: 'command_refused'; refusal: Omit<Refusal, 'at'> }
  | { event: 'held'; by: string; reason: string }
  | { event: 'resumed'; by: string }
  | { event: 'waiting'; waiting: Omit<Waiting, 'since'> }
  | { event: 'waiting_over' }
  | { event: 'blocked'; blockers: string[] }
  | {
      event: 'environment';
      environment: Partial<EnvironmentRecord> & { name: string };
      note?: string;
      fact?: FactName;
    }
  | { event: 'monitoring'; monitoring: MonitoringRecord; note?: string }
  | { event: 'incident'; incident: IncidentRecord }
  | { event: 'published'; publication: Publication }
  | { event: 'receipt'; receipt: Omit<Receipt, 'at'> }
  | { event: 'linked'; name: string; url: string }
  | { event: 'noted'; what: string; by?: string; fact?: FactName; channel?: string }
  /** `fromTimeline`: how many of the part's entries the record still held. */
  | { event: 'trail_moved'; part: TrailPart; fromTimeline: number }
  | { event: 'ended'; outcome: Outcome; ending: string; remains: string[] }
  | ControlEvent
);

/** The most entries and refusals that a record holds. Older entries are in the store, older refusals only counted. */
export const TIMELINE_KEPT = 250;
export const REFUSALS_KEPT = 50;
const TAIL_KEPT = 4_000;
/** In characters of JSON. The rest of 256 KiB is for what the release itself does, approvals and refusals first. */
const LARGEST_BY_REPORTS = 180 * 1_024;

/** The record after `event`. Total: an event about something unknown changes nothing but the timeline. */
export function applyEvent(record: ReleaseRecord, event: RecordEvent): ReleaseRecord {
  const changed = change(record, event);
  const sentence = describeEvent(event);
  return sentence === undefined ? changed : withEntry(changed, event, sentence);
}

/** An entry's link in the audit chain: the digest over the link before it and everything that the entry holds. */
export function linkEntry(before: string, entry: Omit<TimelineEntry, 'link'>): string {
  const { at, event, data, what, by } = entry;
  return digestOf({ before, at, event, data, what, by });
}

/**
 * Why a report does not count, as a sentence; `undefined` where it does. Anybody can send reports, so none of them may
 * make the record grow beyond what Temporal takes; what is told of things that are known already always fits.
 */
export function refuseReport(record: ReleaseRecord, event: RecordEvent): string | undefined {
  const after = JSON.stringify(applyEvent(record, event)).length;
  if (after <= LARGEST_BY_REPORTS || after <= JSON.stringify(record).length) return undefined;
  return 'the record has no room for more of what children report';
}

function change(record: ReleaseRecord, event: RecordEvent): ReleaseRecord {
  switch (event.event) {
    case 'phase_entered':
      return { ...record, phase: event.phase };
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
          ...(event.log === undefined ? {} : { log: event.log }),
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
              ...(event.log === undefined ? {} : { log: event.log }),
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
    case 'planned':
      return { ...record, plan: event.plan, title: event.title };
    case 'committed':
      return { ...record, commit: event.commit };
    case 'gate_passed':
      return { ...record, gates: [...record.gates.filter((g) => g.gate !== event.gate.gate), event.gate] };
    case 'subject_known':
      return { ...record, subject: event.subject };
    case 'approval_opened': {
      const before = record.approvals.find((g) => g.key === event.gate.key);
      return {
        ...record,
        approvals: [...record.approvals.filter((g) => g.key !== event.gate.key), event.gate],
        voided: [...record.voided, ...(before?.decisions ?? [])],
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
    case 'replanned':
      return replan(record);
    case 'held':
      return { ...record, held: { at: event.at, by: event.by, reason: event.reason } };
    case 'resumed': {
      const { held: _held, ...rest } = record;
      return rest;
    }
    case 'waiting':
      return { ...record, waiting: { ...event.waiting, since: event.at } };
    case 'waiting_over': {
      const { waiting: _waiting, ...rest } = record;
      return rest;
    }
    case 'blocked':
      return { ...record, blockers: event.blockers };
    case 'environment':
      return { ...record, environments: withEnvironment(record.environments, event.environment) };
    case 'built':
      return {
        ...record,
        built: { artifact: event.artifact, ...(event.image === undefined ? {} : { image: event.image }) },
      };
    case 'monitoring':
      return withMonitoring(record, event.monitoring);
    case 'incident':
      return {
        ...record,
        incidents: [...record.incidents.filter((i) => i.id !== event.incident.id), event.incident],
      };
    case 'published':
      return {
        ...record,
        publications: [
          ...record.publications.filter((p) => p.registry !== event.publication.registry),
          event.publication,
        ],
      };
    case 'receipt':
      return {
        ...record,
        receipts: [
          ...record.receipts.filter((r) => r.key !== event.receipt.key),
          { ...event.receipt, at: event.at },
        ],
      };
    case 'command_refused':
      return {
        ...record,
        refusals: [...record.refusals, { at: event.at, ...event.refusal }].slice(-REFUSALS_KEPT),
        refusalCount: record.refusalCount + 1,
      };
    case 'linked':
      return {
        ...record,
        links: [...record.links.filter((l) => l.name !== event.name), { name: event.name, url: event.url }],
      };
    case 'trail_moved':
      return {
        ...record,
        timeline: record.timeline.slice(event.fromTimeline),
        trail: [...(record.trail ?? []), event.part],
      };
    case 'command_taken':
    case 'noted':
      return record;
    case 'control_set':
    case 'control_cleared':
    case 'branch_noted':
    case 'branches_forgotten':
    case 'deployment_counted':
      return { ...record, control: changeControl(controlOf(record), event) };
    case 'ended': {
      const { waiting: _waiting, held: _held, ...rest } = record;
      return {
        ...rest,
        endedAt: event.at,
        outcome: event.outcome,
        ending: event.ending,
        remains: event.remains,
      };
    }
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

/** A new plan voids what was approved of the old one, and repeats every step after the plan. */
function replan(record: ReleaseRecord): ReleaseRecord {
  const { plan: _plan, commit: _commit, subject: _subject, waiting: _waiting, ...rest } = record;
  return {
    ...rest,
    round: record.round + 1,
    phase: 'readiness',
    blockers: [],
    gates: [],
    steps: [],
    voided: [...record.voided, ...record.approvals.flatMap((gate) => gate.decisions)],
    approvals: [],
  };
}

function startStep(
  record: ReleaseRecord,
  before: StepRecord | undefined,
  event: Extract<RecordEvent, { event: 'step_started' }>,
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

/** The watch that was told last, and how it stands in its own environment. */
function withMonitoring(record: ReleaseRecord, monitoring: MonitoringRecord): ReleaseRecord {
  const { environment, status, reason } = monitoring;
  const environments = record.environments.map((one) =>
    one.name === environment ? { ...one, monitoring: { status, reason } } : one,
  );
  return { ...record, monitoring, environments };
}

function withEnvironment(
  environments: EnvironmentRecord[],
  change: Partial<EnvironmentRecord> & { name: string },
): EnvironmentRecord[] {
  const before = environments.find((environment) => environment.name === change.name);
  if (before) {
    return environments.map((e) => (e.name === change.name ? { ...e, ...change } : e));
  }
  return [...environments, { kind: 'production', url: '', ...change }];
}

function cutTail(failure: FailureInfo): FailureInfo {
  return failure.logTail === undefined ? failure : { ...failure, logTail: failure.logTail.slice(-TAIL_KEPT) };
}

function withEntry(
  record: ReleaseRecord,
  event: RecordEvent,
  { what, by }: { what: string; by?: string },
): ReleaseRecord {
  // What began before entries kept their events goes on as it began: its chain is public already.
  const fact = record.format === 1 ? {} : { event: event.event, data: dataOf(event) };
  const entry = { at: event.at, ...fact, what, ...(by === undefined ? {} : { by }) };
  const link = linkEntry(record.chain, entry);
  return {
    ...record,
    chain: link,
    timeline: [...record.timeline, { ...entry, link }].slice(-TIMELINE_KEPT),
    timelineTotal: record.timelineTotal + 1,
  };
}
