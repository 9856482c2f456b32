import type { CommandName, SignedCommand } from '../contracts/commands.ts';
import type { IncidentRecord, ReleaseRecord } from '../release/record/record.ts';
import type { ReleaseType } from '../release/settings.ts';
import type { StoreRef } from '../release/store-ref.ts';
import type { ReleaseRequest } from '../release/values.ts';
import type { FlowKind } from './flows.ts';

/** A product's release in flight, or its last one. */
export interface CurrentRelease {
  record: ReleaseRecord;
  open: boolean;
  workflowId: string;
  /** Absent when only the archive knows it. */
  runId?: string;
  /** Of the run that a reset, or a continue-as-new, goes on with. */
  firstRunId?: string;
  /** Why what it shows is not to be believed, as a sentence without its full stop. */
  unverified?: string;
}

/** A line of a list: from visibility alone, so it may be a second behind. Times are ISO 8601. */
export interface ReleaseListing {
  product: string;
  kind: FlowKind;
  workflowId: string;
  runId: string;
  releaseId?: string;
  open: boolean;
  startedAt: string;
  endedAt?: string;
  version?: string;
  type?: string;
  phase?: string;
  environment?: string;
  outcome?: string;
  requestedBy?: string;
  waitingFor: string[];
}

/** Which releases a list shows. */
export const LISTED_STATUSES = ['open', 'closed', 'all'] as const;

export interface ReleaseFilter {
  product?: string;
  status: (typeof LISTED_STATUSES)[number];
  phase?: string;
  type?: ReleaseType;
  outcome?: string;
  requestedBy?: string;
  /** Any of these. */
  waitingFor?: string[];
  limit: number;
  /** Opaque, from the page before. */
  cursor?: string;
}

export interface ScheduleListing {
  id: string;
  product: string;
  paused: boolean;
  note: string;
  nextTimes: string[];
}

/** A flow as it was started. `asked` tells two requests under one Idempotency-Key apart. */
export interface StartedFlow {
  releaseId?: string;
  /** Not known of what only the archive knows. */
  startedAt?: string;
  asked?: string;
  /** Whether it still runs. */
  open: boolean;
}

/**
 * Everything that the API wants of Temporal and of the store. It keeps no state of its own, so that any number of
 * copies may run. Every method may throw a `GatewayProblem`.
 */
export interface WorkflowGateway {
  /** Starts a flow with `request` and `more` as its input; `asked` is kept beside it. @throws GatewayProblem `in_flight` with what is in the way. */
  start(
    kind: FlowKind,
    request: ReleaseRequest,
    beside?: { more?: object; asked?: string },
  ): Promise<{ workflowId: string; runId: string }>;
  /**
   * The product's flows of the kind that were started since then, newest first: the newest one surely, those before it
   * as far as Temporal's lists or the archive know them.
   */
  listStarted(product: string, kind: FlowKind, since: Date): Promise<StartedFlow[]>;
  /** Signals the product's incident workflow, which is started by its first report. */
  reportIncident(product: string, signed: SignedCommand): Promise<void>;
  /** The incidents of what is long live, settled ones too, as far as the product's incident workflow knows them. */
  readIncidents(product: string): Promise<IncidentRecord[]>;
  /** Resolves once Temporal has accepted the signal. `own` and `close` are a post-mortem's. @throws GatewayProblem `not_in_flight`. */
  signal(
    release: { workflowId: string; runId?: string },
    name: CommandName | 'own' | 'close',
    argument: unknown,
  ): Promise<void>;
  /** Whether a workflow of this id runs now. */
  isRunning(workflowId: string): Promise<boolean>;
  /** The record of the product's release (or other flow) in flight, else of the last one. */
  readCurrent(product: string, kind?: FlowKind): Promise<CurrentRelease | undefined>;
  /**
   * A command with this nonce that the run has received already, newest first; or another run of the same workflow that
   * was started since then.
   */
  findCommand(
    release: { workflowId: string; runId?: string },
    nonce: string,
    since: Date,
  ): Promise<SignedCommand | undefined>;
  listReleases(filter: ReleaseFilter): Promise<{ releases: ReleaseListing[]; cursor?: string }>;
  /** How many releases of the filter there are, as far as visibility knows. */
  countReleases(filter: Omit<ReleaseFilter, 'limit' | 'cursor'>): Promise<number>;
  /** Ids of a product's archived releases, oldest day first. */
  listArchived(product: string): Promise<string[]>;
  readArchived(product: string, releaseId: string): Promise<ReleaseRecord | undefined>;
  /** What the production environments of a record run now, as far as that is kept. */
  listRunning(record: ReleaseRecord): Promise<string[]>;
  /** A text from the store; `undefined` when it is not there. Throws `StoreCorrupt` when it is not what was put. */
  readText(ref: StoreRef): Promise<string | undefined>;
  /** The same, for what is no text. */
  readBytes(ref: StoreRef): Promise<Buffer | undefined>;
  /** The same piece by piece, for what is too large to be held; its end never comes where it is not what was put. */
  openBytes(digest: StoreRef['digest']): Promise<AsyncIterable<Uint8Array> | undefined>;
  writeText(text: string): Promise<StoreRef>;
  /**
   * Resolves when something happened in the run after `cursor` (nothing: from its beginning), or after some time
   * without anything. One long poll on the server, no busy loop.
   */
  waitForChange(
    release: { workflowId: string; runId: string },
    cursor: Uint8Array | undefined,
    signal: AbortSignal,
  ): Promise<{ cursor: Uint8Array | undefined; changed: boolean; closed: boolean }>;
  listSchedules(): Promise<ScheduleListing[]>;
  /** Throws when Temporal does not answer. */
  ping(): Promise<void>;
}

export type GatewayProblemKind =
  /** Temporal does not answer. */
  | 'away'
  /** Temporal may or may not have taken a change: the same request, with the same key, is to be sent again. */
  | 'unknown'
  /** Temporal answers, but no worker does. */
  | 'no_worker'
  /** A worker answers, but the code that runs cannot go on with the workflow. */
  | 'stuck'
  /** Temporal takes no more signals for the workflow: it has had too many. */
  | 'full'
  | 'in_flight'
  | 'not_in_flight'
  | 'not_found';

/** Why Temporal could not do it. The message is for people. */
export class GatewayProblem extends Error {
  override readonly name = 'GatewayProblem';
  readonly kind: GatewayProblemKind;
  readonly running: StartedFlow | undefined;

  constructor(kind: GatewayProblemKind, message: string, running?: StartedFlow) {
    super(message);
    this.kind = kind;
    this.running = running;
  }
}
