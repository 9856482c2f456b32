/**
 * What a product's configuration says, after checking and filling in of defaults: plain JSON without secrets. It is read
 * once by the `release` role's own worker and frozen at the start of a release, so that an edit of `windlass.yaml` never
 * changes a release in flight. A secret appears only as the name under which its worker finds it (`SecretName`).
 */
import type { GitTexts } from './git-texts.ts';
import {
  type BreakingBump,
  BUMPS,
  type Bump,
  type ChangelogFormat,
  type COMMUNICATIONS,
  type EnvironmentKind,
  type LoadProfile,
  type MonitoringLevel,
  type RestorePolicy,
} from './names.ts';
import type { ApprovalRule } from './policy/approval-rules.ts';
import type { GateSettings } from './policy/gates.ts';
import type { MergeWay } from './policy/merge-ways.ts';
import type { Retention } from './policy/retention.ts';
import type { StrategyName } from './policy/strategies.ts';
import type { FailedWavePolicy } from './policy/waves.ts';
import type { MetricCheck } from './verdict/check.ts';

export const RELEASE_TYPES = [...BUMPS, 'hotfix'] as const;

/** What kind of release it is; selects the row of the policy table. */
export type ReleaseType = (typeof RELEASE_TYPES)[number];

/** What people answer for: any name (`ROLE_NAME`), as the installation has it beside the mission's. */
export type PersonRole = string;

/** One approval: of somebody with the role, or with any one of several. */
export type Approver = PersonRole | PersonRole[];

/** How a role is written; whatever looks otherwise is none. */
export const ROLE_NAME = /^[a-z][a-z0-9_]{0,29}$/;

/** A role that may see everything, and neither act nor decide. */
export const VIEWER: PersonRole = 'viewer';

/** The mission's roles: they are there in every installation, and its table of permissions names them. */
export const DEFAULT_ROLES: readonly PersonRole[] = [
  'ceo',
  'engineering_lead',
  'product_manager',
  'release_manager',
  'qa',
  'on_call',
  'operator',
  VIEWER,
];

/** A name under which a worker's own configuration holds a secret. Never the secret itself. */
export type SecretName = string;

/** A program (of the product's repository, or of the machine), its fixed arguments, and its limit in milliseconds. */
export interface ScriptSettings {
  run: [string, ...string[]];
  /** Whether `run` is one text, for `sh -e`. */
  shell?: true;
  timeoutMs: number;
}

export const PRODUCT_SCRIPT_NAMES = ['build', 'test', 'e2e', 'load', 'profile', 'container'] as const;

export type ProductScriptName = (typeof PRODUCT_SCRIPT_NAMES)[number];

export const ENVIRONMENT_SCRIPT_NAMES = [
  'backup',
  'deploy',
  'migrate',
  'verify',
  'smoke',
  'traffic',
  'rollback',
  'restore',
  'status',
] as const;

export type EnvironmentScriptName = (typeof ENVIRONMENT_SCRIPT_NAMES)[number];

/** Where a metric's samples come from: one key that names the source. What is in it, only that source knows. */
export type MetricSource = Readonly<Record<string, unknown>>;

/** A metric that monitoring samples, with the severity that a failed verdict gets. */
export interface MonitoringCheck {
  check: MetricCheck;
  source: MetricSource;
  severity: Severity;
}

export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;

export type Severity = (typeof SEVERITIES)[number];

/** A span of calendar time in which production steps wait. Times are local to `timeZone` (IANA). */
export interface FreezeWindow {
  name: string;
  timeZone: string;
  /** `2026-12-20T18:00` to `2027-01-02T08:00`: one span. */
  from?: string;
  until?: string;
  /** `{ days: ['fri'], from: '16:00', until: '23:59' }`: every week. */
  weekly?: { days: string[]; from: string; until: string };
}

/** A span in which production steps may begin; outside of all of them they wait. Without a name, else as a freeze. */
export type DeployWindow = Omit<FreezeWindow, 'name'>;

export interface MonitoringSettings {
  /** How long the system must be observed, in milliseconds. */
  windowMs: number;
  /** Time between samples while the window is young; three times that after its first third. */
  intervalMs: number;
  level: MonitoringLevel;
}

export interface EnvironmentSettings {
  name: string;
  kind: EnvironmentKind;
  /** Production: which wave of a release it belongs to; see `planWaves`. */
  wave?: number;
  /** Public address, shown to people and given to the smoke script. */
  url: string;
  scripts: Partial<Record<EnvironmentScriptName, ScriptSettings>>;
  /** Plain variables for the scripts. */
  variables: Record<string, string>;
  /** Variables whose values are secrets of the worker that runs the scripts. */
  secrets: Record<string, SecretName>;
  instances: number;
  /** How many of them a rolling deployment replaces at a time; 1 where nothing is said. */
  rollingBatch?: number;
  checks: MonitoringCheck[];
  /** What sources of metrics need beside each check, by the source's name. */
  metrics?: Readonly<Record<string, unknown>>;
  freezes: FreezeWindow[];
  /** Only in these may a change begin; at any time where there are none. */
  windows?: DeployWindow[];
  restoreDatabase: RestorePolicy;
  /** Whether the product's host shows what is deployed here; absent: no. */
  shownOnHost?: boolean;
  canary: { steps: { percent: number; soakMs: number }[] };
}

/** What one release type demands. The defaults are the design's table; config may override each entry. */
export interface TypePolicy {
  /** Names of gates; see `gates.ts`. */
  gates: string[];
  loadProfile: LoadProfile;
  strategy: StrategyName;
  monitoring: MonitoringSettings;
  goLiveApprovals: Approver[];
  changelogReview: Approver[];
  manualSmoke: Approver[];
  stagingSignOff: Approver[];
  communication: (typeof COMMUNICATIONS)[number][];
}

export type Policy = Record<ReleaseType, TypePolicy>;

export interface ApprovalSettings {
  /** After this time an open gate reminds; in milliseconds. */
  remindAfterMs: number;
  /** After this time the next role in line is told as well. */
  escalateAfterMs: number;
  /** An approval that was given counts for this long. */
  validForMs: number;
  /** Whether one person may fill two required roles of one gate. */
  onePersonManyRoles: boolean;
  /** What go-live needs besides the policy's lists; absent in releases that began before there were any. */
  rules?: ApprovalRule[];
  /** Whether who asked for it may be the only approver; absent: no. */
  solo?: boolean;
}

/** One place where packages or images go. All but `kind` is its provider's own business (`src/providers/registry`). */
export interface RegistrySettings {
  /** The provider, where the registry's name does not say it. */
  kind?: string;
  readonly [own: string]: unknown;
}

/** The product's host: where its pull requests, checks, issues and release pages are. */
export interface HostSettings {
  /** Which of the hosts it is: a folder of `providers/host`. */
  kind: string;
  apiUrl: string;
  /** The path of the repository there, such as `team/shop`. */
  project: string;
  token: SecretName;
  /** Labels of issues that block a release. */
  blockingLabels: string[];
  /** Label of issues that customers report. */
  customerLabel: string;
  /** Whether the host shows the deployments to each environment; absent: no. */
  deployments?: boolean;
}

export interface ReleaseSwitches {
  autoTrigger: boolean;
  requireQualityGates: boolean;
  versionBump: Bump | 'auto';
  releaseBranch: string;
  /** Absent in releases that began before it was there: `auto`. */
  merge?: MergeWay;
  /** `stable`, or the channel of a pre-release such as `rc`. */
  releaseType: string;
  /** Names under `registries`, in the order in which they are published to. */
  publishRegistries: string[];
  deploymentStrategy?: StrategyName;
  runSmokeTests: true;
  rollbackOnFailure: boolean;
  /** With several production environments; absent in releases that began when there was one at most. */
  onFailedWave?: FailedWavePolicy;
}

export interface ChangelogSettings {
  file: string;
  format: ChangelogFormat;
  includePullRequests: boolean;
  /** Whether the host is asked for each commit's pull request, so that the notes name number and author. */
  pullRequestDetails: boolean;
  breakingChangesSection: boolean;
  rules: { pattern?: string; label?: string; type: string }[];
}

/** Fortnights: a weekly calendar and the parity of the ISO week; see `calendar.ts`. */
export interface ScheduleSettings {
  /** `mon` … `sun`. */
  day: string;
  /** `HH:MM`, local to `timeZone`. */
  time: string;
  timeZone: string;
  everyWeeks: number;
  /** A day (`YYYY-MM-DD`) on which a sprint ends; fixes which weeks count. */
  anchor: string;
}

export interface ProductSettings {
  name: string;
  title: string;
  repositoryUrl: string;
  /** Credential of the `release` role, for fetching and pushing over HTTP. */
  repositoryToken?: SecretName;
  /** Credential of all other roles, for fetching over HTTP. */
  repositoryReadToken?: SecretName;
  /** Subfolder of a monorepo, or `''`. */
  path: string;
  /** How the links of changelog and notes are written; see `LinkSettings`. Absent: by the host's name. */
  links?: { form: string; own?: Partial<Record<'commit' | 'issue' | 'pull' | 'compare' | 'tag', string>> };
  /** Further files and folders that are part of it, from the top of the repository. */
  includePaths?: string[];
  /** Files and folders inside that are no part of it. */
  excludePaths?: string[];
  tagFormat: string;
  /** Templates of messages and branch names; absent in releases that began before there were any. */
  git?: GitTexts;
  /** What a breaking change means below 1.0.0. */
  breakingBelowOne: BreakingBump;
  release: ReleaseSwitches;
  changelog: ChangelogSettings;
  /** What carries the version; null: whatever version files the product's folder has. */
  versionFiles: { path: string; pattern?: string }[] | null;
  registries: Record<string, RegistrySettings>;
  host?: HostSettings;
  scripts: Partial<Record<ProductScriptName, ScriptSettings>>;
  /** A CycloneDX file that the build makes, or npm's lock file, in the product's folder. */
  sbom?: string;
  /** What the product says of its gates, by name; absent in releases that began before there were any but the table's. */
  gates?: Record<string, GateSettings>;
  variables: Record<string, string>;
  environments: EnvironmentSettings[];
  policy: Policy;
  approvals: ApprovalSettings;
  /** What QA walks through by hand before go-live. */
  criticalPaths: string[];
  /** For how long the store keeps its bytes; for ever where nothing is said. */
  retention?: Retention;
  /** Whether this product's migrations can be undone by moving traffic alone. */
  migrationsBackwardCompatible: boolean;
  /** Patterns of the files that are migrations; the usual ones where nothing is said. */
  migrationPaths?: string[];
  /** Over how many versions they are; one where nothing is said. */
  migrationsCompatibleOver?: number;
  state: {
    repositoryUrl: string;
    branch: string;
    /** It is the released branch because nobody said another; one that takes requests only gives way to another. */
    follows?: boolean;
    stateFile: string;
    statusFile: string;
  };
  schedule?: ScheduleSettings;
  /** How long the deadline of a `high` incident is, and under which estimate a `medium` one is hotfixed. */
  severity: { highDeadlineMs: number; quickHotfixMs: number };
}
