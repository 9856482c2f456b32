/** Inputs and results of workflows, and the signals that workflows send each other. */
import type { LeaseRequest as BareLeaseRequest, LeasePriority, LeaseState } from '../release/lease.ts';
import type { MonitoringRecord } from '../release/record.ts';
import type {
  EnvironmentSettings,
  MonitoringCheck,
  ReleaseType,
  Severity,
  StrategyName,
  TypePolicy,
} from '../release/settings.ts';
import type { StoreRef } from '../release/store-ref.ts';
import type { RecordEvent } from '../release/transitions.ts';
import type { DeployedTo, ReleaseRequest } from '../release/values.ts';
import type { JudgeState } from '../release/verdict/judge.ts';
import type { Authorization } from './activities.ts';
import type { SignedCommand } from './commands.ts';

export interface ReleaseInput {
  request: ReleaseRequest;
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
  slot?: string;
}

export interface DeploymentInput {
  releaseId: string;
  product: string;
  environment: EnvironmentSettings;
  version: string;
  previous?: RunningVersion;
  commit: string;
  /** Holds the commit while it is not pushed; none for what is public already. */
  bundle?: StoreRef;
  artifact: StoreRef;
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
  priority: LeasePriority;
  /** The workflow that hears of each step. It may be gone: the deployment then puts itself right alone. */
  reportTo?: string;
}

export type DeploymentOutcome =
  | 'deployed'
  | 'put_back'
  | 'rolled_back'
  | 'rollback_failed'
  | 'failed_before_change';

export interface DeploymentResult {
  outcome: DeploymentOutcome;
  reason: string;
  deployed?: DeployedTo;
  monitoring?: 'passed' | 'ended_early';
}

/** From a child to the workflow that it works for: an event for the record, numbered so that each counts once. */
export interface Report {
  from: string;
  seq: number;
  event: RecordEvent;
}

/** From a release to its deployment: what an operator decided. */
export interface Steer {
  what: 'rollback' | 'extend' | 'end_monitoring' | 'dismiss' | 'incident' | 'restore_database' | 'attach';
  by: string;
  reason: string;
  verified: boolean;
  severity?: Severity;
  extendMs?: number;
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
  /** The commit whose scripts roll back: those of the bad version, which know what they did. */
  bundle?: StoreRef;
  reportTo?: string;
  round: number;
}

export interface RollbackResult {
  /** `abandoned`: a person ended it; the environment may be in between and says so. */
  outcome: 'back' | 'abandoned';
  /** Whether the previous version is healthy again, so whether going back helped. */
  helped: boolean;
  reason: string;
  deployed: DeployedTo;
}

export interface MonitoringInput {
  releaseId: string;
  product: string;
  environment: string;
  level: 'standard' | 'enhanced';
  windowMs: number;
  intervalMs: number;
  checks: MonitoringCheck[];
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
}

/** Signals between workflows. People's commands are in `commands.ts`. */
export const INTERNAL_SIGNALS = {
  report: 'report',
  steer: 'steer',
  leaseRequest: 'lease_request',
  leaseRelease: 'lease_release',
  leaseGranted: 'lease_granted',
} as const;
