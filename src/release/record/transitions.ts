/**
 * The only way in which a record changes: a pure function from a record and an event to the next record. Each event
 * leaves an entry in the timeline, chained by digest, so that a gap or a change in the past is seen.
 */
import { changeApprovals } from './change-approvals.ts';
import { changeSteps } from './change-steps.ts';
import { changeControl } from './control.ts';
import { controlOf, type EnvironmentRecord, type MonitoringRecord, type ReleaseRecord } from './record.ts';
import type { RecordEvent } from './record-event.ts';
import { addEntry } from './timeline/timeline.ts';

/** The most refusals that a record holds. Older ones are only counted. */
export const REFUSALS_KEPT = 50;
/** In characters of JSON. The rest of 256 KiB is for what the release itself does, approvals and refusals first. */
const LARGEST_BY_REPORTS = 180 * 1_024;

/** The record after `event`. Total: an event about something unknown changes nothing but the timeline. */
export function applyEvent(record: ReleaseRecord, event: RecordEvent): ReleaseRecord {
  return addEntry(change(record, event), event);
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
    case 'step_started':
    case 'step_done':
    case 'step_failed':
    case 'step_skipped':
    case 'step_not_configured':
      return changeSteps(record, event);
    case 'planned':
      return { ...record, plan: event.plan, title: event.title };
    case 'committed':
      return { ...record, commit: event.commit };
    case 'gate_passed':
      return { ...record, gates: [...record.gates.filter((g) => g.gate !== event.gate.gate), event.gate] };
    case 'subject_known':
      return { ...record, subject: event.subject };
    case 'approval_opened':
    case 'decided':
    case 'gate_voided':
    case 'approval_lapsed':
    case 'reminded':
      return changeApprovals(record, event);
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
    case 'worker_missing':
      return withWorkers(record, [
        ...workersBut(record, event.role),
        (record.missingWorkers ?? []).find((one) => one.role === event.role) ?? {
          role: event.role,
          since: event.since,
          ...(event.why === undefined ? {} : { why: event.why }),
        },
      ]);
    case 'worker_wait_over':
      return withWorkers(record, workersBut(record, event.role));
    case 'environment':
      return { ...record, environments: withEnvironment(record.environments, event.environment) };
    case 'built':
      return {
        ...record,
        built: {
          ...(event.artifact === undefined ? {} : { artifact: event.artifact }),
          ...(event.image === undefined ? {} : { image: event.image }),
        },
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
    case 'control_set':
    case 'control_cleared':
    case 'branch_noted':
    case 'branches_forgotten':
    case 'deployment_counted':
      return { ...record, control: changeControl(controlOf(record), event) };
    case 'ended': {
      const { waiting: _waiting, held: _held, missingWorkers: _missing, ...rest } = record;
      return {
        ...rest,
        endedAt: event.at,
        outcome: event.outcome,
        ending: event.ending,
        remains: event.remains,
      };
    }
    default:
      // Only told.
      return record;
  }
}

type MissingWorkers = NonNullable<ReleaseRecord['missingWorkers']>;

function workersBut(record: ReleaseRecord, role: string): MissingWorkers {
  return (record.missingWorkers ?? []).filter((one) => one.role !== role);
}

function withWorkers(record: ReleaseRecord, missing: MissingWorkers): ReleaseRecord {
  const { missingWorkers: _before, ...rest } = record;
  return missing.length === 0 ? rest : { ...rest, missingWorkers: missing };
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
