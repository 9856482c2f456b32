/** Inputs and results of workflows, and the signals that workflows send each other. */
import type { Receipt } from '../release/record.ts';
import type { EnvironmentSettings, ReleaseType, Severity, StrategyName, TypePolicy } from '../release/settings.ts';
import type { StoreRef } from '../release/store-ref.ts';
import type { RecordEvent } from '../release/transitions.ts';
import type { DeployedTo, ReleaseRequest } from '../release/values.ts';
import type { Authorization } from './activities.ts';

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
  bundle: StoreRef;
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
  receipts?: Omit<Receipt, 'at'>[];
  finished?: DeploymentResult;
}

/** From a release to its deployment: what an operator decided, verified already. */
export interface Steer {
  what: 'rollback' | 'extend' | 'end_monitoring' | 'dismiss' | 'incident' | 'restore_database' | 'attach';
  by: string;
  reason: string;
  verified: boolean;
  severity?: Severity;
  extendMs?: number;
  incidentId?: string;
  reportTo?: string;
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
  reportTo?: string;
  round: number;
}

/** Rollbacks go before hotfixes, hotfixes before releases, those before bare monitoring. */
export type LeasePriority = 'rollback' | 'hotfix' | 'release';

export interface LeaseRequest {
  holder: string;
  runId: string;
  priority: LeasePriority;
  purpose: string;
  /** A failing holder whose lease is taken over by its own rollback. */
  takeOverFrom?: string;
  /** What to put back if the holder vanishes without having given the lease back. */
  onLoss?: RollbackInput;
}

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

export interface EnvironmentState {
  generation: number;
  holder?: LeaseRequest & { generation: number; since: string };
  waiting: (LeaseRequest & { since: string })[];
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
