/**
 * The one record of a release: plain JSON, changed only by `applyEvent`. Everything that a person sees is a pure
 * view of it. It stays under 256 KiB: long texts are in the store, the record keeps their digests.
 */

import type { ApprovalGate, Decision } from '../approvals.ts';
import type {
  EnvironmentKind,
  MONITORING_STATUSES,
  MonitoringLevel,
  ReceiptOutcome,
  RunKind,
} from '../names.ts';
import type { StrategyName } from '../policy/strategies.ts';
import type { ReleaseType, Severity } from '../settings.ts';
import type { StoreRef } from '../store-ref.ts';
import type { GateResult, IncludedChange, Publication, ReleaseRequest } from '../values.ts';
import { openControl, type RunControl } from './control.ts';
import type { RecordEvent } from './record-event.ts';

export const PHASES = [
  'readiness',
  'plan',
  'review',
  'commit',
  'build',
  'gates',
  'branch',
  'staging',
  'go_live',
  'publish',
  'production',
  'monitoring',
  'finalize',
  'announce',
] as const;

export type Phase = (typeof PHASES)[number];

/** `completed`: a building block that was started alone did what it is for. */
export type Outcome = 'released' | 'completed' | 'rolled_back' | 'aborted' | 'nothing_to_release' | 'failed';

export type StepStatus = 'running' | 'done' | 'failed' | 'skipped' | 'not_configured' | 'waiting';

/** What people are told of a failure. See `contracts/failures.ts` for what each type means. */
export interface FailureInfo {
  type: string;
  what: string;
  changed: string;
  next: string;
  logTail?: string;
  log?: string;
  /** The file that the script left for people. */
  report?: StoreRef;
}

export interface StepRecord {
  /** `<phase>.<what>`, such as `staging.deploy`. */
  id: string;
  title: string;
  phase: Phase;
  role?: string;
  status: StepStatus;
  startedAt: string;
  endedAt?: string;
  attempts: number;
  detail?: string;
  failure?: FailureInfo;
  /** What the last try's scripts wrote, in their order; the one that failed is in `failure`. */
  logs?: StoreRef[];
}

export interface EnvironmentRecord {
  name: string;
  kind: EnvironmentKind;
  url: string;
  version?: string;
  previousVersion?: string;
  strategy?: StrategyName;
  slot?: string;
  generation?: number;
  /** Share of the traffic that the new version has, in per cent. */
  share?: number;
  deployedAt?: string;
  backup?: string;
  leaseWaitingSince?: string;
  deploymentId?: string;
  /** How the watch over it stands, for a release with several production environments. */
  monitoring?: { status: MonitoringRecord['status']; reason: string };
}

export interface MonitoringRecord {
  /** Which environment is watched. */
  environment?: string;
  level: MonitoringLevel;
  windowMs: number;
  observedMs: number;
  startedAt: string;
  status: (typeof MONITORING_STATUSES)[number];
  samples: number;
  reason: string;
  checks: { name: string; verdict: string; reason: string; points?: number[] }[];
}

export interface IncidentRecord {
  id: string;
  at: string;
  severity: Severity;
  summary: string;
  reportedBy: string;
  verified: boolean;
  /** What it is about, such as the group of an alert: reports of the same are this incident while it is open. */
  key?: string;
  /** Nobody has said how bad it is: high meanwhile. */
  unrated?: true;
  /** Who rated it anew. */
  ratedBy?: string;
  /** What production ran when it was reported. */
  version?: string;
  /** When its source said that it is over; people still decide. */
  over?: string;
  deadline?: string;
  /** Why the version goes back because of it, as a person decided. */
  goesBack?: string;
  /** Since when the version goes back: it is settled by how that ends. */
  goingSince?: string;
  resolution?: string;
  /** When it was settled. */
  settledAt?: string;
}

/** One outside change and the proof of it. `key` is `<release id>/<effect>/<target>`. */
export interface Receipt {
  key: string;
  outcome: ReceiptOutcome;
  at: string;
  target: string;
  proof: string;
}

export interface Refusal {
  at: string;
  what: string;
  by: string;
  reason: string;
}

/** What the release waits for, and what people may do about it. */
export interface Waiting {
  /** Roles, people or things: `ceo`, `retry, replan or abort`, `lease of production`. */
  for: string[];
  since: string;
  reason: string;
  actions: string[];
}

export interface TimelineEntry {
  at: string;
  /** What happened; absent in records of format 1. See `facts.ts` for what programs look for. */
  event?: RecordEvent['event'];
  /** The event's fields, as far as they are kept; in format 2 a few words for programs. */
  data?: object;
  /** Up to format 2: what happened, for people, and who did it. Since then `describeEntry` makes it of the data. */
  what?: string;
  by?: string;
  /** Digest over this entry and the chain before it: the audit trail's link. */
  link: string;
}

/** A part of the audit trail in the store. */
export interface TrailPart {
  count: number;
  ref: StoreRef;
}

export interface PlanRecord {
  type: ReleaseType;
  version: string;
  previousVersion?: string;
  tag: string;
  branch: string;
  base: string;
  plannedAt: string;
  planHash: string;
  highlights: string;
  /** When the release's commits were made: for the lead time. ISO 8601. */
  commitTimes?: { oldest: string; median: string };
  changelog: StoreRef;
  notes: StoreRef;
  included: IncludedChange[];
  includedTotal: number;
  reasons: { sha: string; subject: string; bump: string }[];
  warnings: string[];
  concerns: string[];
}

export interface ReleaseRecord {
  /** From 2 on the timeline's entries carry their event and words for programs, from 3 on its fields and no sentence. */
  format: 1 | 2 | 3;
  kind: RunKind;
  releaseId: string;
  product: string;
  title: string;
  request: ReleaseRequest;
  startedAt: string;
  endedAt?: string;
  /** Counts plans: 1, and one more for each `replan`. */
  round: number;
  phase: Phase;
  plan?: PlanRecord;
  commit?: string;
  /** What was built: the bytes that are deployed, and the image (`repository@sha256:…`) of a product that has one. */
  built?: { artifact?: StoreRef; image?: string };
  subject?: string;
  gates: GateResult[];
  steps: StepRecord[];
  approvals: ApprovalGate[];
  /** Decisions that count no more, since the plan is a new one or their time is over; kept for the audit. */
  voided: Decision[];
  environments: EnvironmentRecord[];
  publications: Publication[];
  monitoring?: MonitoringRecord;
  incidents: IncidentRecord[];
  held?: { at: string; by: string; reason: string };
  /** What steers the run; absent in records from before it was part of them. */
  control?: RunControl;
  waiting?: Waiting;
  /** Roles of workers that nobody has taken work up for, and since when (ISO 8601). */
  missingWorkers?: { role: string; since: string; why?: string }[];
  blockers: string[];
  receipts: Receipt[];
  refusals: Refusal[];
  refusalCount: number;
  /** The newest entries; what is older is in `trail`. */
  timeline: TimelineEntry[];
  timelineTotal: number;
  /** Older entries, moved to the store from the first one on, each part as a JSON array of entries. */
  trail?: TrailPart[];
  /** Head of the audit chain. */
  chain: string;
  outcome?: Outcome;
  /** One sentence on how it ended. */
  ending?: string;
  /** After an abort or a rollback: what stays public. */
  remains: string[];
  links: { name: string; url: string }[];
}

/** Whether a value from elsewhere is a record in a form that this version reads. */
export function isKnownFormat(record: { format?: unknown } | null | undefined): boolean {
  return record?.format === 1 || record?.format === 2 || record?.format === 3;
}

/** A fresh record for `request`. `at` is ISO 8601. */
export function openRecord(
  kind: RunKind,
  request: ReleaseRequest,
  title: string,
  at: string,
  format: ReleaseRecord['format'] = 3,
): ReleaseRecord {
  return {
    format,
    kind,
    releaseId: request.releaseId,
    product: request.product,
    title,
    request,
    startedAt: at,
    round: 1,
    phase: 'readiness',
    gates: [],
    steps: [],
    approvals: [],
    voided: [],
    environments: [],
    publications: [],
    incidents: [],
    control: openControl(),
    blockers: [],
    receipts: [],
    refusals: [],
    refusalCount: 0,
    timeline: [],
    timelineTotal: 0,
    chain: '',
    remains: [],
    links: [],
  };
}

/** The gate that is open now under `key`, if there is one. */
export function openGate(record: ReleaseRecord, key: string): ApprovalGate | undefined {
  return record.approvals.find((gate) => gate.key === key && gate.status === 'open');
}

/** What steers the run. */
export function controlOf(record: ReleaseRecord): RunControl {
  return record.control ?? openControl();
}
