/**
 * What one reading of git gives to planning: plain JSON, so that a workflow can carry it and a test can write it.
 */

/** One commit of the range. */
export interface CommitRecord {
  sha: string;
  /** How many parents it has; 2 or more is a merge. */
  parents: number;
  author: Person;
  /** When it was committed, ISO 8601. */
  date: string;
  /** Subject, body and trailers as committed, line endings included. */
  message: string;
  /** Labels of the pull request that it came from, if somebody looked them up. */
  labels?: string[];
  /** The pull request itself, if its details were asked for; `author` is a login, absent for programs. */
  pullRequest?: { number: number; author?: string };
  /** Set when the last pre-release (of the channel that was asked for) has it already. */
  inPrerelease?: boolean;
  /** Full ids of its parents; absent where nobody needs the graph. */
  parentShas?: string[];
}

export interface Person {
  name: string;
  email: string;
}

/** A release tag with the version that its name states. */
export interface ReleaseTag {
  tag: string;
  version: string;
  sha: string;
}

export interface History {
  /** Web address of the repository (`https://host/owner/repo`), or null when origin has none. */
  repositoryUrl: string | null;
  /** How this product's tags are written, with a `{version}` mark. */
  tagFormat: string;
  /** The commit that would be released. */
  head: string;
  /** The last final release that `head` contains (or the tag that was asked for), or null before the first. */
  base: ReleaseTag | null;
  /** The highest release that `head` contains; differs from `base` after a pre-release. */
  latest: ReleaseTag | null;
  /** Pre-releases after `base` that `head` contains, highest first. Absent: `latest` alone, where it is one. */
  prereleases?: string[];
  /** Commits of `head` that `base` does not have, newest first. */
  commits: CommitRecord[];
  /** Addresses (lower case) of contributors who surely have no older commit; whoever is in doubt is left out. */
  newcomers: string[];
  /** Versions above `base` whose tags exist, but on other branches; nearest first. */
  takenVersions: string[];
  /** False when tags exist but none has the tag format: then nothing is counted unless a person decides. */
  baseTrusted: boolean;
  /** What the reader should know, in whole sentences. */
  warnings: string[];
}
