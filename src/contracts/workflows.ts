/** Inputs and results of workflows, and the signals that workflows send each other. */

import type { LeaseRequest as BareLeaseRequest, LeasePriority, LeaseState } from '../release/lease.ts';
import type { LoadProfile, MonitoringLevel } from '../release/names.ts';
import type { StrategyName } from '../release/policy/strategies.ts';
import type { Told } from '../release/record/pace-reports.ts';
import type { IncidentRecord, MonitoringRecord, ReleaseRecord } from '../release/record/record.ts';
import type { RecordEvent } from '../release/record/record-event.ts';
import type {
  EnvironmentSettings,
  MonitoringCheck,
  ReleaseType,
  ScheduleSettings,
  Severity,
  TypePolicy,
} from '../release/settings.ts';
import type { StoreRef } from '../release/store-ref.ts';
import type { DeployedTo, ReleaseRequest } from '../release/values.ts';
import type { JudgeState } from '../release/verdict/judge-state.ts';
import type { Authorization } from './activities.ts';
import type { SignedCommand } from './commands.ts';

export interface ReleaseInput {
  request: ReleaseRequest;
}

/** Deploys a version that is released already, with the same lease, approvals and rollback as a release. */
export interface DeployVersionInput {
  request: ReleaseRequest & { version: string };
  environment: string;
  strategy?: StrategyName;
}

/** Takes a version that is long live back from production. */
export interface RollBackProductInput {
  request: ReleaseRequest;
  /** The version that is to go, as far as it is known: another one that runs by now stays. */
  bad?: string;
  /** One production environment; all of them unless it is named. */
  environment?: string;
  /** What ran there before, by the environment's own history, unless it is named. */
  to?: string;
  reason: string;
  /** Because of which it goes back: for its record, only shown. */
  incidents?: IncidentRecord[];
}

/** Watches production as a release would, for as long as asked. */
export interface MonitorProductInput {
  request: ReleaseRequest;
  windowMs: number;
}

/** Plans, builds and runs the gates; nothing is pushed. */
export interface CheckGatesInput {
  request: ReleaseRequest;
  profile?: LoadProfile;
}

export interface HotfixInput {
  request: ReleaseRequest;
  /** In the order in which they are applied; full ids, or at least seven digits. */
  commits: string[];
  branch?: string;
  /** Blue-green instead of replacing every instance at once. */
  careful: boolean;
}

/** Reports come as `incident` signals (signal-with-start); it ends when all of them are settled. */
export interface IncidentInput {
  product: string;
  /** Carried through continue-as-new. */
  incidents?: IncidentRecord[];
}

export interface PostMortemInput {
  record: ReleaseRecord;
  /** How often it asks for an owner, and then for the end of it. */
  remindAfterMs: number;
}

export interface PostMortemState {
  product: string;
  releaseId: string;
  issue?: string;
  owner?: string;
  reminders: number;
  closed?: { by: string; reason: string; at: string };
}

export interface ReleaseResult {
  outcome: string;
  version?: string;
  ending: string;
}

/** What runs in an environment now and can be put back. */
export interface RunningVersion {
  version: string;
  commit?: string;
  artifact?: StoreRef;
  /** `repository@sha256:…`. */
  image?: string;
  slot?: string;
}

export interface DeploymentInput {
  releaseId: string;
  product: string;
  environment: EnvironmentSettings;
  version: string;
  previous?: RunningVersion;
  /** What approvers were told that it replaces: where something else runs by then, they are asked anew. */
  replaces?: string;
  commit: string;
  /** Holds the commit while it is not pushed; none for what is public already. */
  bundle?: StoreRef;
  /** None for an older release of a product that publishes images only. */
  artifact?: StoreRef;
  image?: string;
  type: ReleaseType;
  strategy: StrategyName;
  /** None: the deployment ends when it is verified and gives its lease back at once. */
  monitoring?: TypePolicy['monitoring'];
  severity: { highDeadlineMs: number; quickHotfixMs: number };
  rollbackOnFailure: boolean;
  migrationsBackwardCompatible: boolean;
  authorization?: Authorization;
  round: number;
  /** Its steps carry the environment's name, since the release has several environments of its kind. */
  named?: boolean;
  priority: LeasePriority;
  /** The workflow that hears of each step. It may be gone: the deployment then puts itself right alone. */
  reportTo?: string;
}

export type DeploymentOutcome =
  | 'deployed'
  | 'put_back'
  | 'rolled_back'
  | 'rollback_failed'
  | 'failed_before_change'
  /** Another version (`runs`) went live while it waited: nothing was changed, and people are asked anew. */
  | 'replaced_meanwhile';

export interface DeploymentResult {
  outcome: DeploymentOutcome;
  reason: string;
  /** The type of the failure that ended it, where one did. */
  failure?: string;
  runs?: string;
  deployed?: DeployedTo;
  monitoring?: 'passed' | 'ended_early';
}

/** From a child to the workflow that it works for: an event for the record, numbered so that each counts once. */
export interface Report {
  from: string;
  seq: number;
  event: RecordEvent;
}

/** `park` (preempt): a hotfix needs the environment, so the version before is put back and the lease given up. */
export const STEERS = [
  'hold',
  'resume',
  'rollback',
  'park',
  'extend',
  'end_monitoring',
  'dismiss',
  'incident',
  'restore_database',
  'attach',
] as const;

/** From a release to its deployment: what an operator decided. */
export interface Steer {
  what: (typeof STEERS)[number];
  by: string;
  reason: string;
  verified: boolean;
  severity?: Severity;
  extendMs?: number;
  /** Which incident it is about, or the id of a new one; and what that is about. */
  incidentId?: string;
  incidentKey?: string;
  /** Its source says that it is over. */
  over?: true;
  reportTo?: string;
  /** The API's signature, verified again by the deployment: a `steer` signal alone proves nothing. */
  signed?: SignedCommand;
}

export interface RollbackInput {
  releaseId: string;
  product: string;
  environment: EnvironmentSettings;
  /** What is taken back, and what takes its place. */
  bad: RunningVersion;
  to: RunningVersion;
  strategy: StrategyName;
  reason: string;
  by: string;
  /** The holder whose lease is taken over. */
  takeOverFrom?: string;
  restoreBackup?: string;
  /** Who ordered that, where a person did. */
  restoreOrder?: SignedCommand;
  /** Why a person has to look before anything is done; such as a database that the version before cannot use. */
  confirmFirst?: string;
  /** The commit whose scripts roll back: those of the bad version, which know what they did. */
  bundle?: StoreRef;
  /** It is not taken back for being bad: it was not live yet, or only makes room. */
  undo?: true;
  reportTo?: string;
  round: number;
}

export interface RollbackResult {
  /**
   * `abandoned`: a person ended it; the environment may be in between and says so. `replaced`: another version
   * (`deployed`) went live while it waited, and nothing was changed.
   */
  outcome: 'back' | 'abandoned' | 'replaced';
  /** Whether the previous version is healthy again, so whether going back helped. */
  helped: boolean;
  reason: string;
  deployed: DeployedTo;
}

export interface MonitoringInput {
  releaseId: string;
  product: string;
  environment: string;
  level: MonitoringLevel;
  windowMs: number;
  intervalMs: number;
  checks: MonitoringCheck[];
  /** What was approved: metric scripts come from there, never from what was merged since. */
  commit?: string;
  bundle?: StoreRef;
  slot?: string;
  baselineSlot?: string;
  deployedAt: string;
  reportTo?: string;
  /** Carried through continue-as-new. */
  state?: MonitoringState;
}

export interface MonitoringState {
  judge: JudgeState;
  record: MonitoringRecord;
  windowMs: number;
  /** End of the last stretch of time that was really observed. */
  observedUntil: string;
  reported: number;
  /** The last report; absent where every look was told. */
  told?: Told;
  /** Time without any request is not observed; absent in windows that began before it was so. */
  needsTraffic?: boolean;
  /** Looks in a row at which a critical check had no data. */
  heldLooks?: number;
  /** How often a person was called, and whether one is now. */
  holds?: number;
  called?: boolean;
}

export interface MonitoringResult {
  status: 'passed' | 'ended_early' | 'failed';
  severity?: Severity;
  reason: string;
}

export type LeaseRequest = BareLeaseRequest<RollbackInput>;

export type EnvironmentState = LeaseState<RollbackInput>;

export interface LeaseGrant {
  environment: string;
  generation: number;
}

export interface EnvironmentInput {
  product: string;
  environment: string;
  generation?: number;
  state?: EnvironmentState;
}

export interface CalendarInput {
  product: string;
  /** Checked at each firing: fortnights do not exist in calendar specs. */
  everyWeeks: number;
  anchor: string;
  timeZone: string;
  /** When it fires by itself, local to the zone; none in schedules that were applied before it was there. */
  fires?: { day: ScheduleSettings['day']; time: string };
}
