import type { NpmAccess } from '../../../providers/registry/npm/kind.ts';
import type { BreakingBump } from '../../../release/names.ts';
import type { Repository } from '../look-at-repository.ts';
import type { Difference } from './differences.ts';

/** What a peer tool's configuration says of one product. What is left out, it does not say. */
export interface PeerProduct {
  /** Its folder from the top; empty for the whole repository. */
  path: string;
  name?: string;
  tagFormat?: string;
  breakingBelowOne?: BreakingBump;
  changelogFile?: string;
  releaseType?: string;
  access?: NpmAccess;
  /** Whether the package goes to npm; where unsaid, package.json's `private` tells. */
  publishes?: boolean;
  versionFiles?: string[];
  excludePaths?: string[];
}

/** What was read of a peer tool. Sentences are for people; nothing decides by them. */
export interface PeerFound {
  /** Where it stood, from the top of the repository. */
  file: string;
  branch?: string;
  /** Whether changelogs keep the sections of conventional commits. */
  conventionalChangelog: boolean;
  /** Absent where the tool goes by the packages of the workspaces, or by the repository as a whole. */
  products?: PeerProduct[];
  /** For every product, beneath what `products` says. */
  common: Omit<PeerProduct, 'path'>;
  /** Tags of a package in a monorepo, with `{name}` for its full name, where the tool fixes them. */
  packageTags?: string;
  understood: string[];
  /** What the plan makes otherwise than the tool did. */
  differences: Difference[];
  /** What has no counterpart. */
  notTaken: string[];
}

/**
 * Reads one tool's configuration by its documented keys; null where the repository has none.
 * @param ranBy the file of CI that runs the tool, which may do so on its defaults; null where none does
 */
export type ReadPeer = (repository: Repository, ranBy: string | null) => PeerFound | null;
