/**
 * What each role's worker can do. An activity names the product and what it is about; which script, registry,
 * credential or approver that means, it takes from its own worker's configuration, never from its input.
 */

import type { LoadProfile } from '../release/names.ts';
import type { StrategyName } from '../release/policy/strategies.ts';
import type { HistoryEntry } from '../release/record/environment-history.ts';
import type { Receipt, ReleaseRecord, TimelineEntry } from '../release/record/record.ts';
import type { EnvironmentScriptName, ProductSettings } from '../release/settings.ts';
import type { StoreRef } from '../release/store-ref.ts';
import type { SubjectParts } from '../release/subject.ts';
import type {
  Built,
  BuiltImage,
  BuiltPackage,
  GateResult,
  Publication,
  ReadyRelease,
  ReleasePlan,
  ReleaseRequest,
} from '../release/values.ts';
import type { Group } from '../release/verdict/check.ts';
import type { SignedCommand } from './commands.ts';
import type { DeploymentOnHost } from './deployment-on-host.ts';
import type { HowItEnded, JoinedDeployment, JoinedRollback, JoinedTakeBack } from './joined-flows.ts';
import type { PreflightActivities } from './preflight.ts';
import type {
  AuthorizationReview,
  CommandCheck,
  MergeAnswer,
  Planned,
  PreparedHotfix,
  PrunedStore,
  Readiness,
  ReleasedVersion,
  WantedMerge,
} from './release-answers.ts';
import type { DeploymentResult, RollbackResult } from './workflows.ts';

/** Which release acts. Part of every effect's key. */
export interface Acting {
  product: string;
  releaseId: string;
}

/** The decisions on which a protected step rests. Verified again by the activity, from its own configuration. */
export interface Authorization {
  parts: SubjectParts;
  requestedBy: string;
  authors: string[];
  decisions: SignedCommand[];
  /** Approvals to go through a freeze, for each environment that was frozen. */
  freezeOverrides?: SignedCommand[];
}

export type NewReceipt = Omit<Receipt, 'at'>;

/** What an activity that changes the outside world gives back: its value and the proofs of what it did. */
export interface Effect<T> {
  value: T;
  receipts: NewReceipt[];
}

export interface ReleaseActivities extends PreflightActivities {
  /** Asked when a protected step was refused: what is to be asked for anew. Changes nothing. */
  reviewAuthorization(input: {
    product: string;
    releaseId: string;
    authorization: Authorization;
    /** Production environments that it is about; all where nothing is said. */
    environments?: string[];
  }): Promise<AuthorizationReview>;
  /**
   * One version: exactly `version`; or what ran in an environment before what runs there now (`before`); or, where
   * nothing runs, the highest below `below` that was not taken back; else the highest. `tagOnly`: nobody needs its bytes.
   * A `version` beside `before` is not just what ran there before: `beyond` says what came after it.
   */
  findReleased(input: {
    product: string;
    version?: string;
    before?: { environment: string; running: string };
    below?: string;
    tagOnly?: boolean;
    /** The flow that needs the bytes until it has ended. Calls from before retention do not say. */
    releaseId?: string;
  }): Promise<ReleasedVersion>;
  /** Keeps, outside Temporal, what an environment runs from now on. */
  noteHistory(input: { entry: HistoryEntry }): Promise<{ name: string }>;
  findRolledBack(input: {
    product: string;
    base: string;
    previousTag?: string;
  }): Promise<{ versions: string[] }>;
  prepareHotfix(input: {
    request: ReleaseRequest;
    settings: ProductSettings;
    running: string;
    commits: string[];
    branch?: string;
    plannedAt: string;
  }): Promise<PreparedHotfix>;
  loadProduct(input: { product: string }): Promise<ProductSettings>;
  /** The digest of what the configuration says of when an environment may change. */
  lookAtCalendar(input: { product: string; environment: string }): Promise<{ digest: string }>;
  checkReadiness(input: { request: ReleaseRequest }): Promise<Readiness>;
  commitRelease(input: { plan: ReleasePlan }): Promise<{ commit: string; bundle: StoreRef }>;
  pushReleaseBranch(
    input: Acting & { branch: string; commit: string; base: string; bundle: StoreRef; replaces: string[] },
  ): Promise<Effect<{ ref: string }>>;
  publishBuilt(
    input: Acting & { version: string; built: Built; authorization: Authorization },
  ): Promise<Effect<Publication>>;
  /** Of releases that were built before `publishBuilt` was there. */
  publishPackage(
    input: Acting & { version: string; package: BuiltPackage; authorization: Authorization },
  ): Promise<Effect<Publication>>;
  /** Of releases that were built before `publishBuilt` was there. */
  publishImage(
    input: Acting & { version: string; image: BuiltImage; authorization: Authorization },
  ): Promise<Effect<Publication>>;
  verifyPublication(
    input: Acting & { version: string; publication: Publication },
  ): Promise<{ proof: string }>;
  mergeRelease(input: Acting & WantedMerge): Promise<Effect<MergeAnswer>>;
  pushTag(
    input: Acting & { tag: string; commit: string; version: string; plannedAt: string; anchor: string },
  ): Promise<Effect<{ tagObject: string }>>;
  /** `insteadOf`: a rollback moves the channel back, from exactly this version; nothing else ever does. */
  moveChannel(
    input: Acting & { version: string; publication: Publication; insteadOf?: string },
  ): Promise<Effect<Publication>>;
  createReleasePage(
    input: Acting & {
      tag: string;
      version: string;
      notes: StoreRef;
      prerelease: boolean;
      anchor: string;
      /** Files for the page, from the store. */
      assets?: { name: string; content: StoreRef }[];
    },
  ): Promise<Effect<{ url: string }>>;
  /** `commits`: what this release pushed there, under any of its plans. */
  deleteReleaseBranch(
    input: Acting & { branch: string; commits: string[] },
  ): Promise<Effect<{ ref: string }>>;
  withdrawPublication(
    input: Acting & { version: string; publication: Publication; message: string },
  ): Promise<Effect<{ remains: string }>>;
  updateState(
    input: Acting & { record: ReleaseRecord; what: 'state' | 'status' },
  ): Promise<Effect<{ commit: string; file: string }>>;
  /** `appendix`: Markdown in the store, put below the body. */
  openIssue(
    input: Acting & { key: string; title: string; body: string; labels: string[]; appendix?: StoreRef },
  ): Promise<Effect<{ url: string }>>;
  /** Tells every merged pull request of the range up to `head` in which version it is out; `page` is a link to it. */
  commentOnPullRequests(
    input: Acting & { tag: string; head: string; page?: string },
  ): Promise<Effect<{ commented: number[]; refused: string[]; leftOut: number }>>;
  /** Shows on the product's host how a deployment stands; without receipts where the host shows none. */
  showDeployment(input: Acting & DeploymentOnHost): Promise<Effect<undefined>>;
  /** Puts a part of a release's audit trail into the store. */
  keepTrail(input: Partial<Acting> & { entries: TimelineEntry[] }): Promise<StoreRef>;
  archiveRecord(input: { record: ReleaseRecord }): Promise<{ name: string }>;
  /** Deletes the bytes that the store's retention lets go. */
  pruneStore(input: Acting): Promise<Effect<PrunedStore>>;
  verifyCommand(input: { signed: SignedCommand; product: string; releaseId: string }): Promise<CommandCheck>;
}

export interface WriterActivities extends PreflightActivities {
  planRelease(input: { ready: ReadyRelease; plannedAt: string }): Promise<Planned>;
  /** `signed`: the reviewer's own command, which names the texts. */
  editNotes(input: {
    plan: ReleasePlan;
    changelog?: string;
    notes?: string;
    signed?: SignedCommand;
  }): Promise<Planned>;
}

export interface GateInput extends Acting {
  /** Its name; what it means, the worker's own configuration says. */
  gate: string;
  version: string;
  previousVersion?: string;
  commit: string;
  bundle: StoreRef;
  artifact?: StoreRef;
  /** The image that was built before the gates: the container gate looks at it instead of building another. */
  image?: BuiltImage;
  loadProfile: LoadProfile;
  advisory: boolean;
}

export interface QaActivities extends PreflightActivities {
  runGate(input: GateInput): Promise<GateResult>;
  smokeEnvironment(input: EnvironmentScriptInput): Promise<ScriptOutcome>;
}

export interface EnvironmentScriptInput extends Acting {
  environment: string;
  script: EnvironmentScriptName;
  /** Distinguishes effects of one script, such as the percentage; part of the effect key. */
  target: string;
  version: string;
  previousVersion?: string;
  commit: string;
  bundle?: StoreRef;
  artifact?: StoreRef;
  image?: string;
  strategy: StrategyName;
  generation: number;
  slot?: string;
  instance?: number;
  percent?: number;
  backup?: string;
  /** `restore`: the signed order, unless the configuration restores by itself. */
  order?: SignedCommand;
  /** Overrides the environment's own URL, to reach a slot without traffic. */
  targetUrl?: string;
  /** Production only: refused without. A rollback needs none, since it is the safe direction. */
  authorization?: Authorization;
}

export interface ScriptOutcome {
  outcome: 'done' | 'done_before' | 'not_configured';
  output: Record<string, unknown>;
  log?: StoreRef;
  receipts: NewReceipt[];
}

export interface DevopsActivities extends PreflightActivities {
  buildRelease(
    input: Acting & { version: string; commit: string; bundle: StoreRef; plannedAt: string },
  ): Promise<{
    /** A file, an image, or both: never neither. */
    artifact?: StoreRef;
    built?: Built[];
    /** Of builds from before `built` was there. */
    package?: BuiltPackage;
    image?: BuiltImage;
    /** CycloneDX, of a product that names one. */
    sbom?: StoreRef;
    log?: StoreRef;
  }>;
  runEnvironmentScript(input: EnvironmentScriptInput): Promise<ScriptOutcome>;
}

/** One look at one check. `value` is null where the source had nothing: never a pass. */
export interface Sample {
  time: string;
  check: string;
  group: Group;
  value: number | null;
  requests?: number;
  missing?: string;
}

export interface Notice extends Acting {
  /** Stable: the same notice is not sent twice where the channel can tell. */
  id: string;
  channel: string;
  subject: string;
  text: string;
  /** Which of the product's flows it is about, for the link; a release if nothing is said. */
  flow?: string;
  /** The gate that it asks about: the link opens at its button. */
  gate?: string;
}

export interface SupportActivities extends PreflightActivities {
  smokeEnvironment(input: EnvironmentScriptInput): Promise<ScriptOutcome>;
  sampleChecks(
    input: Acting & {
      environment: string;
      slot?: string;
      baselineSlot?: string;
      since: string;
      deployedAt: string;
      /** Whose metric scripts look; where nothing is said, those of what runs there, else of the release branch. */
      commit?: string;
      bundle?: StoreRef;
    },
  ): Promise<{ samples: Sample[] }>;
  /** `perhapsTwice`: of what was sent, what a try whose worker died may have sent before. */
  notify(input: Notice): Promise<{ sent: string[]; failed: string[]; perhapsTwice?: string[] }>;
  /** Waits for a deployment that runs already, and gives its result. */
  awaitDeployment(input: JoinedDeployment): Promise<DeploymentResult>;
  /** Waits for a rollback that runs already, and gives its result. */
  awaitRollback(input: JoinedRollback): Promise<RollbackResult>;
  /** Waits for the rollback of the product that takes a version back, and says how it ended. */
  awaitTakeBack(input: JoinedTakeBack): Promise<HowItEnded>;
  /** Who holds an environment's lease now. */
  readHolder(input: { workflowId: string }): Promise<{ holder?: string }>;
  isWorkflowOpen(input: { workflowId: string; runId?: string }): Promise<boolean>;
}
