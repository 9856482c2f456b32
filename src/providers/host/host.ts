/**
 * What a git host owes a release. One folder per host fulfils it; `hosts.ts` is the map. Words are the neutral ones: a
 * merge request is a pull request here, a pipeline a check.
 */
import type { PreflightFinding } from '../../contracts/preflight.ts';
import type { ShownState } from '../../release/shown-state.ts';
import type { EffectSpec } from '../effect.ts';
import type { HostMerging } from './merging.ts';

/** The outside changes that are made on hosts, by name; the crash test has a case for each. */
export const HOST_EFFECTS = [
  'release-draft',
  'release-asset',
  'release-page',
  'release-spare-drafts',
  'issue',
  'issue-file',
  'comment',
  'pull-request',
  'deployment',
  'deployment-status',
  'deployment-superseded',
] as const;

export type HostEffectName = (typeof HOST_EFFECTS)[number];
export type HostEffect<Value> = EffectSpec<Value, HostEffectName>;

/** A product's host, open for one activity. */
export interface Host {
  /** For people, such as `GitHub`. */
  title: string;
  /** Opens one issue for its key: on the host, or where there is none, as a file that people find. */
  openIssue(issue: NewIssue): HostEffect<{ url: string }>;
  /** What only a repository on a host has; absent where none is configured. */
  repository?: HostedRepository;
}

/** All of it is read from the host each time, and throws `HostFailure`. */
export interface HostedRepository {
  /** How the host's people call a pull request: `pull request #3`, `merge request !3`. */
  nameRequest(number: number): string;
  /** Everything that has reported on a commit, the latest of each name. */
  readChecks(sha: string): Promise<ChecksOfCommit>;
  /** What is open and carries any of the labels, at least one. */
  listOpen(labels: readonly string[]): Promise<OpenWork>;
  /** The open milestone with one of the titles. */
  findMilestone(titles: readonly string[]): Promise<MilestoneFacts | undefined>;
  /** How many issues with a label were opened at or after `since` and before `until` (ISO 8601), open or closed. */
  countNewIssues(wanted: { label: string; since: string; until?: string }): Promise<number>;
  /** The merged pull requests that commits came with; see `lookUpRange`. */
  listPullRequests(range: CommitRange): Promise<RangePullRequests>;
  /** One comment for its key, below a pull request. */
  comment(comment: NewComment): HostEffect<{ url: string }>;
  /** Merging by pull requests; absent where the host cannot. */
  merging?: HostMerging;
  /** The release page in effects, to be done in their order. */
  describePage(page: NewPage): PageEffects;
  /** A deployment and how it stands, in effects, to be done in their order; absent where the host shows none. */
  describeDeployment?(deployment: ShownDeployment): HostEffect<undefined>[];
  /** What would be refused later: rights of the token, rules for branches and tags. Absent: nobody is asked. */
  preflight?(names: PushedNames): Promise<HostPreflight>;
}

/** What a release pushes; branch and tag are absent where they are not known yet. */
export interface PushedNames {
  main: string;
  branch?: string;
  tag?: string;
  /** Whether main may be reached by a pull request, so that a rule which demands one is none against the release. */
  byRequest?: boolean;
}

export interface HostPreflight {
  findings: PreflightFinding[];
  /** When the token ends, where the host says so. */
  tokenEnds?: Date;
}

export interface NewIssue {
  key: string;
  product: string;
  title: string;
  /** Markdown of any length: what the host does not take is cut. */
  body: string;
  labels: readonly string[];
}

export interface NewComment {
  key: string;
  /** The pull request's. */
  number: number;
  /** Markdown. */
  body: string;
}

/** A release page as it shall be. */
export interface NewPage {
  key: string;
  /** Which release it belongs to, for people. */
  releaseId: string;
  tag: string;
  title: string;
  /** Markdown of any length: what the host does not take is cut at a line, and a pointer says where the whole is. */
  notes: string;
  /** Where the whole notes are, in Markdown. */
  whole: string;
  /** Markdown below the notes, never cut. */
  foot: string;
  prerelease: boolean;
  /** Whether this version is the one to be offered as the newest beside pages with these tags. */
  isNewest(tags: readonly string[]): boolean;
  assets: readonly NewAsset[];
}

export interface NewAsset {
  name: string;
  /** `sha256:…`. */
  digest: string;
  bytes: number;
  read(): Promise<Buffer>;
}

export interface PageEffects {
  before: HostEffect<undefined>[];
  publish: HostEffect<{ url: string }>;
  after: HostEffect<undefined>[];
}

/** A version on its way into an environment, or there, as people see it on the host. */
export interface ShownDeployment {
  key: string;
  product: string;
  version: string;
  /** The full id of the commit, or the tag, that is deployed. */
  ref: string;
  /** Its name on the host. */
  environment: string;
  isProduction: boolean;
  /** Where the environment answers. */
  url: string;
  /** Where the deployment can be followed. */
  logUrl: string;
  state: ShownState;
}

/** What continuous integration says about one commit. */
export interface ChecksOfCommit {
  /** `none`: nothing has reported at all, which is not a success. */
  state: 'success' | 'failure' | 'pending' | 'none';
  failing: FailingCheck[];
  /** Names of what still runs. */
  pending: string[];
  total: number;
}

export interface FailingCheck {
  name: string;
  /** The host's word: `failure`, `timed_out`, `canceled`, … */
  conclusion: string;
  url?: string;
}

export interface OpenWork {
  issues: IssueFacts[];
  pullRequests: IssueFacts[];
}

export interface IssueFacts {
  number: number;
  title: string;
  url: string;
  state: string;
  /** Login of who opened it. */
  author: string;
  labels: string[];
  createdAt: string;
}

export interface MilestoneFacts {
  number: number;
  title: string;
  openIssues: number;
  closedIssues?: number;
  dueOn?: string;
  url: string;
}

/** A merged pull request as the notes name it. */
export interface PullRequestFacts {
  number: number;
  title: string;
  url: string;
  /** Login; empty for a deleted account. */
  author: string;
  authorIsBot: boolean;
  labels: string[];
  mergedAt: string;
  /** The commits of the asked range that came with it. */
  commits: string[];
}

export interface CommitRange {
  commits: readonly { sha: string; subject: string }[];
  cache?: PullRequestCache;
}

/** What is known about a range's commits. */
export interface RangePullRequests {
  /** By number. */
  pullRequests: PullRequestFacts[];
  /** Commits for which the host knows no pull request. */
  direct: string[];
  /** Why some commits were not looked up (a rate limit, an outage): notes go out without their details. */
  incomplete?: string;
}

/** Remembers what the host said, across calls; a merged commit's pull request never changes. */
export interface PullRequestCache {
  get(sha: string): Promise<PullRequestFacts | undefined>;
  set(sha: string, facts: PullRequestFacts): Promise<void>;
}
