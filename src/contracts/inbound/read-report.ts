/**
 * Reports of children, as far as they may be put into the record of the workflow that they work for. A report is only
 * shown, never acted on: anybody who reaches the namespace can send one. Results come from Temporal itself.
 */

import {
  ENVIRONMENT_KINDS,
  MONITORING_LEVELS,
  MONITORING_STATUSES,
  RECEIPT_OUTCOMES,
} from '../../release/names.ts';
import { STRATEGY_NAMES } from '../../release/policy/strategies.ts';
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
} from '../../release/record/read-fields.ts';
import type { IncidentRecord } from '../../release/record/record.ts';
import { PHASES } from '../../release/record/record.ts';
import type { RecordEvent } from '../../release/record/record-event.ts';
import { MOST_LOGS } from '../../release/record/step-logs.ts';
import type { EnvironmentNews } from '../../release/record/timeline/environment-news.ts';
import { FACTS } from '../../release/record/timeline/facts.ts';
import { READ_TOLD } from '../../release/record/timeline/told-events.ts';
import { SEVERITIES } from '../../release/settings.ts';
import { WORKER_ROLES } from '../task-queues.ts';
import type { Report } from '../workflows.ts';

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
  kind: optional(oneOf(ENVIRONMENT_KINDS)),
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

const NEWS_FIELDS = {
  backed_up: fields({}),
  runs: fields({}),
  runs_again: fields({}),
  traffic: fields({ version: short }),
  instances: fields({ version: short, first: number(), last: number(), of: number() }),
  taken_back: fields({ version: short, by: short }),
} satisfies Record<EnvironmentNews['is'], Read<object>>;

const NEWS = Object.keys(NEWS_FIELDS) as EnvironmentNews['is'][];

const monitoring = fields({
  environment: optional(name(100)),
  level: oneOf(MONITORING_LEVELS),
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
  goingSince: optional(moment),
  resolution: optional(text(2_000)),
  settledAt: optional(moment),
});

/** Incidents that the input of a workflow carries; what is none is left out. Total. */
export function readIncidents(value: unknown): IncidentRecord[] {
  return (Array.isArray(value) ? value : []).slice(0, 200).flatMap((one) => readIncident(one) ?? []);
}

/** What an environment's change is told as. Total. */
function readNews(value: unknown): EnvironmentNews | undefined {
  const is = oneOf(NEWS)(asObject(value)?.['is']);
  const more = is && NEWS_FIELDS[is](value);
  return more && ({ is, ...more } as EnvironmentNews);
}

/** What each event that a child may report has to hold beside its time. */
const EVENTS = {
  step_started: fields({ id: stepId, title: short, role: optional(text(50)), phase: optional(phase) }),
  step_done: fields({ id: stepId, detail: optional(sentence), logs: optional(list(storeRef, MOST_LOGS)) }),
  step_failed: fields({ id: stepId, failure, logs: optional(list(storeRef, MOST_LOGS)) }),
  step_skipped: fields({ id: stepId, by: short, reason: text(1_000) }),
  step_not_configured: fields({ id: stepId, title: short, reason: text(1_000), phase: optional(phase) }),
  environment: fields({
    environment,
    news: optional(readNews),
    note: optional(sentence),
    fact: optional(oneOf(FACTS)),
  }),
  monitoring: fields({ monitoring, concluded: optional(sentence), note: optional(sentence) }),
  incident: fields({ incident: readIncident }),
  receipt: fields({
    receipt: fields({
      key: name(500),
      outcome: oneOf(RECEIPT_OUTCOMES),
      target: text(500),
      proof: text(1_000),
    }),
  }),
  ...READ_TOLD,
  noted: fields({ what: sentence, by: optional(short), fact: optional(oneOf(FACTS)) }),
  waiting: fields({
    waiting: fields({ for: list(text(200), 20), reason: sentence, actions: list(text(50), 20) }),
  }),
  waiting_over: fields({}),
  worker_missing: fields({ role: oneOf(WORKER_ROLES), since: moment, why: optional(text(1_000)) }),
  worker_wait_over: fields({ role: oneOf(WORKER_ROLES) }),
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
