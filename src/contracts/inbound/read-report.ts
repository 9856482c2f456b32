/**
 * Reports of children, as far as they may be put into the record of the workflow that they work for. A report is only
 * shown, never acted on: anybody who reaches the namespace can send one. Results come from Temporal itself.
 */

import { STRATEGY_NAMES } from '../../release/policy/strategies.ts';
import type { IncidentRecord, MonitoringRecord } from '../../release/record/record.ts';
import { PHASES } from '../../release/record/record.ts';
import type { RecordEvent } from '../../release/record/record-event.ts';
import { FACTS } from '../../release/record/timeline/facts.ts';
import { SEVERITIES } from '../../release/settings.ts';
import type { Report } from '../workflows.ts';
import {
  asObject,
  fields,
  flag,
  isTrue,
  list,
  moment,
  name,
  number,
  oneOf,
  optional,
  type Read,
  storeRef,
  tail,
  text,
  whole,
} from './fields.ts';

const MONITORING_STATUSES: readonly MonitoringRecord['status'][] = [
  'watching',
  'passed',
  'ended_early',
  'failed',
  'held',
];

const stepId = name(200);
const sentence = text(4_000);
const short = text(300);
const phase = oneOf(PHASES);

const failure = fields({
  type: short,
  what: sentence,
  changed: sentence,
  next: sentence,
  logTail: optional(tail(4_000)),
  log: optional(name(100)),
});

const environment = fields({
  name: name(100),
  kind: optional(oneOf(['staging', 'production'])),
  url: optional(text(500)),
  version: optional(short),
  previousVersion: optional(short),
  strategy: optional(oneOf(STRATEGY_NAMES)),
  slot: optional(short),
  generation: optional(number()),
  share: optional(number()),
  deployedAt: optional(moment),
  backup: optional(short),
  leaseWaitingSince: optional(moment),
  deploymentId: optional(name(500)),
});

const monitoring = fields({
  environment: optional(name(100)),
  level: oneOf(['standard', 'enhanced']),
  windowMs: number(),
  observedMs: number(),
  startedAt: moment,
  status: oneOf(MONITORING_STATUSES),
  samples: number(),
  reason: sentence,
  checks: list(
    fields({
      name: short,
      verdict: text(100),
      reason: text(1_000),
      points: optional(list(number(-Number.MAX_VALUE), 120)),
    }),
    50,
  ),
});

/** An incident as a child or the input of a rollback tells it. Total. */
export const readIncident = fields({
  id: name(300),
  at: moment,
  severity: oneOf(SEVERITIES),
  summary: text(2_000),
  reportedBy: short,
  verified: flag,
  key: optional(text(500)),
  unrated: optional(isTrue),
  ratedBy: optional(short),
  version: optional(short),
  over: optional(moment),
  deadline: optional(moment),
  goesBack: optional(text(1_000)),
  resolution: optional(text(2_000)),
  settledAt: optional(moment),
});

/** Incidents that the input of a workflow carries; what is none is left out. Total. */
export function readIncidents(value: unknown): IncidentRecord[] {
  return (Array.isArray(value) ? value : []).slice(0, 200).flatMap((one) => readIncident(one) ?? []);
}

/** What each event that a child may report has to hold beside its time. */
const EVENTS = {
  step_started: fields({ id: stepId, title: short, role: optional(text(50)), phase: optional(phase) }),
  step_done: fields({ id: stepId, detail: optional(sentence), log: optional(storeRef) }),
  step_failed: fields({ id: stepId, failure, log: optional(storeRef) }),
  step_skipped: fields({ id: stepId, by: short, reason: text(1_000) }),
  step_not_configured: fields({ id: stepId, title: short, reason: text(1_000), phase: optional(phase) }),
  environment: fields({ environment, note: optional(sentence), fact: optional(oneOf(FACTS)) }),
  monitoring: fields({ monitoring, note: optional(sentence) }),
  incident: fields({ incident: readIncident }),
  receipt: fields({
    receipt: fields({
      key: name(500),
      outcome: oneOf(['done', 'done_before']),
      target: text(500),
      proof: text(1_000),
    }),
  }),
  went_live: fields({ environment: name(100), version: short }),
  goes_back: fields({ environment: name(100), from: short, to: short, by: short }),
  noted: fields({ what: sentence, by: optional(short), fact: optional(oneOf(FACTS)) }),
  waiting: fields({
    waiting: fields({ for: list(text(200), 20), reason: sentence, actions: list(text(50), 20) }),
  }),
  waiting_over: fields({}),
} satisfies Partial<Record<RecordEvent['event'], Read<object>>>;

/** The events that a child may report. */
export const REPORTABLE = Object.keys(EVENTS) as (keyof typeof EVENTS)[];

/** A report, or `undefined` for what is none. Total. */
export function readReport(argument: unknown): Report | undefined {
  const report = asObject(argument);
  const from = name(500)(report?.['from']);
  const seq = whole(1)(report?.['seq']);
  const event = readEvent(report?.['event']);
  return from === undefined || seq === undefined || !event ? undefined : { from, seq, event };
}

function readEvent(value: unknown): RecordEvent | undefined {
  const event = asObject(value);
  const at = moment(event?.['at']);
  const kind = REPORTABLE.find((known) => known === event?.['event']);
  if (at === undefined || kind === undefined) return undefined;
  const body = EVENTS[kind](event);
  return body === undefined ? undefined : ({ at, event: kind, ...body } as RecordEvent);
}
