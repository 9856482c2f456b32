/** What the activities of a release find out: readiness, a plan, a command’s check, a version that is out. */
import type { Approver, ReleaseType } from '../release/settings.ts';
import type { StoreRef } from '../release/store-ref.ts';
import type { Publication, ReleasePlan } from '../release/values.ts';
import type { Command, SignatureFault } from './commands.ts';

export interface Readiness {
  base: string;
  previousVersion?: string;
  previousTag?: string;
  /** The version to take instead of the inferred one, which is used up, and a sentence for each that was passed over. */
  instead?: { version: string; passed: string[] };
  /** Versions that were rolled back, and that this release contains. */
  takenBack?: string[];
  /** Everything that stands against the release, all at once. */
  blockers: string[];
  /** Set when no commit since the last release calls for one. */
  nothingToRelease?: string;
  /** What was looked at, in words: also what could not be looked at because it is not configured. */
  looked: string[];
  /** False: no host is configured, so pull requests, checks, bugs and milestones were not looked at. Old answers say nothing. */
  hasHost?: boolean;
}

export interface Planned {
  type: ReleaseType;
  version: string;
  tag: string;
  branch: string;
  highlights: string;
  changes?: NonNullable<ReleasePlan['changes']>;
  commitTimes?: NonNullable<ReleasePlan['commitTimes']>;
  changelog: StoreRef;
  notes: StoreRef;
  compareUrl: string | null;
  unreleasedUrl: string | null;
  included: ReleasePlan['included'];
  includedTotal: number;
  reasons: ReleasePlan['reasons'];
  warnings: string[];
  planHash: string;
}

export interface CommandCheck {
  command?: Command;
  refused?: string;
  fault?: SignatureFault;
}

/** A version with its tag, its commit, and where its bytes are. */
export interface ReleasedVersion {
  version: string;
  tag: string;
  commit: string;
  /** Holds the commit of a version that has no tag yet. */
  bundle?: StoreRef;
  type: ReleaseType;
  previousVersion?: string;
  /** It is not what ran there before: the versions that came after it, up to what runs, highest first. */
  beyond?: string[];
  /** It was rolled back, and nobody put it there again since. */
  takenBack?: true;
  artifact?: StoreRef;
  /** `repository@sha256:…`, of a product with images. */
  image?: string;
  changelog?: StoreRef;
  notes?: StoreRef;
  publications?: Publication[];
  /** Retention has deleted its bytes from the store: when (ISO 8601), and by which policy, in words. */
  removed?: { at: string; policy: string };
  /** The only one, in answers from before there could be several. */
  publication?: Publication;
}

/** What retention has deleted from the store, oldest first. */
export interface PrunedStore {
  removed: {
    version: string;
    /** False: a build of it that was never released. */
    isReleased: boolean;
    bytes: number;
  }[];
  /** In words. */
  policy: string;
}

/** A hotfix's plan. `base` is the commit that production runs, `tip` the fix on top of it; neither is pushed. */
export interface PreparedHotfix extends Planned {
  base: string;
  tip: string;
  previousVersion: string;
  previousTag: string;
  authors: string[];
  /** Versions that were rolled back, and that it contains. */
  takenBack?: string[];
}

export interface WantedMerge {
  version: string;
  commit: string;
  base: string;
  plannedAt: string;
  /** Where the commit is. Calls from before pull requests do not say. */
  branch?: string;
  /** The pull request that an earlier call of the same try said it waits for. */
  request?: number;
}

/** The merge, or the pull request that it waits for; asked again, it goes on there. */
export type MergeAnswer =
  | { mergeCommit: string }
  | {
      waits: {
        /** As the host's people call it, such as `pull request #3`. */
        named: string;
        number: number;
        url: string;
        /** What for, in words. */
        why: string;
      };
    };

/** What the worker's own configuration says of the decisions for a protected step. Decisions are named by their nonces. */
export interface AuthorizationReview {
  /** Whose approval the step needs now. */
  required: Approver[];
  /** The decisions that count. */
  counts: string[];
  /** Why others do not, as sentences for people. */
  refused: string[];
}
