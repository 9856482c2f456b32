/** The closed lists of names: each stands here once, and its type comes from it. */

/** What a version moves by. */
export const BUMPS = ['major', 'minor', 'patch'] as const;

/** How far a version moves. `hotfix` is a patch on its own path; see `ReleaseType`. */
export type Bump = (typeof BUMPS)[number];

/** What may be asked for: `auto` is by the commits. */
export const ASKED_BUMPS = ['auto', ...BUMPS] as const;

/** What a breaking change may move below 1.0.0. */
export const BREAKING_BUMPS = ['minor', 'major'] as const;

export type BreakingBump = (typeof BREAKING_BUMPS)[number];

export const LOAD_PROFILES = ['baseline', 'peak'] as const;

export type LoadProfile = (typeof LOAD_PROFILES)[number];

export const ENVIRONMENT_KINDS = ['staging', 'production'] as const;

export type EnvironmentKind = (typeof ENVIRONMENT_KINDS)[number];

export const RESTORE_POLICIES = ['never', 'ask', 'always'] as const;

/**
 * Whether a rollback restores the database backup, which loses every write since: `always` by itself once migrations
 * were applied, `ask` where a person says so, `never` not at all.
 */
export type RestorePolicy = (typeof RESTORE_POLICIES)[number];

/** How closely production is watched. */
export const MONITORING_LEVELS = ['standard', 'enhanced'] as const;

export type MonitoringLevel = (typeof MONITORING_LEVELS)[number];

export const MONITORING_STATUSES = ['watching', 'passed', 'ended_early', 'failed', 'held'] as const;

/** Who is told of a release besides the CEO. */
export const COMMUNICATIONS = ['notes', 'team', 'customers', 'blog', 'documentation', 'incident'] as const;

export const CHANGELOG_FORMATS = ['keep-a-changelog', 'conventional-commits'] as const;

export type ChangelogFormat = (typeof CHANGELOG_FORMATS)[number];

/** What becomes of an approval that is asked for. */
export const VERDICTS_OF_PEOPLE = ['approve', 'reject'] as const;

export type VerdictOfPerson = (typeof VERDICTS_OF_PEOPLE)[number];

/** How an outside change came to be. */
export const RECEIPT_OUTCOMES = ['done', 'done_before'] as const;

export type ReceiptOutcome = (typeof RECEIPT_OUTCOMES)[number];

/** What a run is: a release, a hotfix, a rollback, a building block alone. */
export const RUN_KINDS = ['release', 'hotfix', 'rollback', 'deployment', 'monitoring', 'gates'] as const;

export type RunKind = (typeof RUN_KINDS)[number];

/** Runs by the name under which people ask for them; a deployment has its environment in it. */
export const FLOW_KINDS = ['release', 'hotfix', 'rollback', 'monitoring', 'gates'] as const;

/** `deployment-<environment>` is the deployment of a released version to that environment. */
export type FlowKind = (typeof FLOW_KINDS)[number] | `deployment-${string}`;

export const FLOW_KIND = new RegExp(`^(?:${FLOW_KINDS.join('|')}|deployment-[a-z0-9][a-z0-9-]{0,49})$`);

/** What may be wrong with a part of an audit trail in the store. */
export const TRAIL_FAULTS = ['missing', 'corrupt'] as const;

export type TrailFault = (typeof TRAIL_FAULTS)[number];

/** The days as configuration names them, in the order of `Date.getUTCDay`. */
export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
