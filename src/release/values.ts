/**
 * The named values that flow through a release, each phase making the next from the one before. Plain JSON: they
 * cross workers, continue-as-new and versions.
 */

import type { Bump } from './names.ts';
import type { Changes } from './policy/approval-rules.ts';
import type { StrategyName } from './policy/strategies.ts';
import type { ProductSettings, ReleaseType, TypePolicy } from './settings.ts';
import type { StoreRef } from './store-ref.ts';

export interface ReleaseRequest {
  /** `<product>-<date>-<random>`: given by the starter, the first part of every effect's key. */
  releaseId: string;
  product: string;
  bump: Bump | 'auto';
  /** An exact version instead of an inferred one. */
  version?: string;
  requestedBy: string;
  /** Who asked at another place in whose name `requestedBy` acts: cannot be the only approver either. */
  askedThrough?: string[];
  requestedAt: string;
  /** Not before this instant does it reach production; ISO 8601. */
  deployAt?: string;
  via: 'cli' | 'api' | 'schedule' | 'webhook';
}

/** The product as configured, and where its history stands. */
export interface ReadyRelease {
  request: ReleaseRequest;
  settings: ProductSettings;
  /** The commit that will be released: the tip of the release branch when readiness was checked. */
  base: string;
  previousVersion?: string;
  previousTag?: string;
  /** Versions that were rolled back, and whose commits are in `base`. */
  takenBack?: string[];
  /** The version to take instead of the inferred one, which is used up, and why. */
  instead?: { version: string; passed: string[] };
}

export interface IncludedChange {
  sha: string;
  subject: string;
  type: string;
  author: string;
  pullRequest?: number;
}

export interface ReleasePlan extends ReadyRelease {
  /** A hotfix: the release commit's parent, on top of the base and not pushed yet. */
  tip?: string;
  /** A hotfix: who wrote it, and so cannot be its only approver. */
  authors?: string[];
  type: ReleaseType;
  version: string;
  tag: string;
  branch: string;
  /** Every date in commits and tags: so that the same plan gives the same SHAs. */
  plannedAt: string;
  policy: TypePolicy;
  /** Short enough for a record; the whole texts are in the store. */
  highlights: string;
  /** What it changes of what approval rules ask about; absent where none asks. */
  changes?: Changes;
  /** When the release's commits were made, ISO 8601; none for a release without any. */
  commitTimes?: { oldest: string; median: string };
  /** The changelog's new section, Markdown. */
  changelog: StoreRef;
  notes: StoreRef;
  /** Addresses for the changelog's foot, where the host of the repository has them. */
  compareUrl: string | null;
  unreleasedUrl: string | null;
  included: IncludedChange[];
  includedTotal: number;
  reasons: { sha: string; subject: string; bump: string }[];
  warnings: string[];
  concerns: string[];
  /** Digest of everything that an approver is shown of the plan. */
  planHash: string;
}

/** Version and changelog committed on top of the base, not pushed anywhere yet. */
export interface ReleaseCommit extends ReleasePlan {
  commit: string;
  bundle: StoreRef;
}

/** A package, in the words of builds from before `Built` was there; releases in flight still carry it. */
export interface BuiltPackage {
  name: string;
  version: string;
  /** Subresource integrity (`sha512-…`) of the tarball. */
  integrity: string;
  tarball: StoreRef;
}

export interface BuiltImage {
  repository: string;
  /** Manifest digest, `sha256:…`. */
  digest: string;
  /** OCI layout as a tar, when the build script left one. */
  layout?: StoreRef;
}

/** What one registry is given: made once, before the gates, and kept in the store. */
export interface Built {
  /** The name under `registries`. */
  registry: string;
  /** As the registry knows it. */
  name: string;
  version: string;
  /** In the registry's own form: an integrity, a manifest's digest, or that of the files. */
  digest: string;
  /** What people could download, by file name. */
  files: { name: string; content: StoreRef }[];
  image?: BuiltImage;
}

/** What was built once, from the release commit. Exactly this is tested, published and deployed. */
export interface BuiltRelease extends ReleaseCommit {
  /** What is deployed; absent where that is the image alone. */
  artifact?: StoreRef;
  /** One for each registry, in the order of publishing; absent in builds from before it was there. */
  built?: Built[];
  /** Such a build's package. */
  package?: BuiltPackage;
  image?: BuiltImage;
}

export interface GateResult {
  gate: string;
  /** What people call it, where the product says so. */
  title?: string;
  result: 'passed' | 'failed' | 'advisory_failed' | 'not_configured' | 'skipped';
  summary: string;
  log?: StoreRef;
  /** The file that its script left for people. */
  report?: StoreRef;
}

export interface TestedRelease extends BuiltRelease {
  gates: GateResult[];
  /** What the go-live decision is about: plan, commit and bytes. */
  subject: string;
}

export interface DeployedTo {
  environment: string;
  url: string;
  version: string;
  previousVersion?: string;
  strategy: StrategyName;
  deployedAt: string;
  slot?: string;
  backup?: string;
}

export interface StagedRelease extends TestedRelease {
  staging?: DeployedTo;
}

export interface Publication {
  /** The name under `registries`. */
  registry: string;
  name: string;
  url: string;
  digest: string;
  tags: string[];
}

export interface PublishedRelease extends StagedRelease {
  publications: Publication[];
}

export interface ShippedRelease extends PublishedRelease {
  /** The first production environment that runs it. */
  production?: DeployedTo;
  monitoring: { status: 'passed' | 'ended_early' | 'not_configured'; summary: string };
}

export interface FinalRelease extends ShippedRelease {
  mergeCommit: string;
  tagObject: string;
  releasePage?: string;
}
