/** The whole history, release by release, in one pass over `git log` and with memory for what the caller keeps. */

import type { GraphCommit } from '../../../release/plan/commits/merged-branch.ts';
import type { CommitRecord } from '../../../release/plan/history.ts';
import { isPrerelease } from '../../../release/plan/version.ts';
import { streamLog } from './history-log.ts';
import { countAuthor, type RecentWork } from './history-people.ts';
import type { OpenedRepository } from './history-refs.ts';
import { findConcerned, isWhole, type Scope } from './history-scope.ts';
import type { MatchedTags } from './history-tags.ts';

/** One release with what it brought, newest first. */
export interface PastRelease<T> {
  tag: string;
  version: string;
  /** When the tagged commit was made, ISO 8601. */
  date: string;
  commits: T[];
}

/** Ids of a commit's parents: none, one, or several. */
type Parents = string | readonly string[] | undefined;

export interface AllHistory<T> {
  /** Newest version first. */
  releases: PastRelease<T>[];
}

/**
 * Reads every release that a commit contains. A commit belongs to the lowest version that contains it, so that the
 * work of a maintenance branch is not listed again in a later major version. Pre-releases are folded into the final
 * version that they led to.
 *
 * @param options.opened must know all tags
 * @param digest turns a commit into what is kept of it
 * @returns the releases, and the walk's by-product: everybody's work, which spares the plan a walk of its own
 */
export async function readReleases<T>(
  options: {
    opened: OpenedRepository;
    /** The product's tags, from `matchTags`. */
    matched: MatchedTags;
    /** The parts of the repository that make the product; all of it by default. */
    scope?: Scope;
  },
  digest: (commit: CommitRecord) => T,
): Promise<AllHistory<T> & { work: RecentWork }> {
  const { repository, head, tagCommits } = options.opened;
  const scope = options.scope ?? { folder: '', also: [], without: [] };
  const graph: GraphCommit[] = [];
  const indexBySha = new Map<string, number>();
  // Of nearly all commits, the only parent; arrays are kept for merges alone, since the whole graph stays in memory.
  const parents: Parents[] = [];
  const dates = new Map<number, string>();
  const commits = tagCommits.all();
  const tagged = new Set(commits.values());
  const kept: T[] = [];
  const authors = new Map<string, number>();
  // The graph is needed whole, also where only a subfolder is released.
  await streamLog(repository, head, (commit) => {
    indexBySha.set(commit.sha, kept.length);
    if (tagged.has(commit.sha)) dates.set(kept.length, commit.date);
    parents.push(commit.parentShas.length > 1 ? commit.parentShas : commit.parentShas[0]);
    countAuthor(authors, commit.author.email);
    kept.push(digest(commit));
    if (!isWhole(scope)) graph.push({ sha: commit.sha, parentShas: commit.parentShas });
  });
  const concerned = isWhole(scope) ? null : await findConcerned(repository, head, scope, graph);
  const counts = (index: number) => concerned?.has(graph[index]?.sha ?? '') !== false;
  const { tags } = options.matched;
  const final = tags.filter((tag) => !isPrerelease(tag.version));
  const ascending = [...(final.length > 0 ? final : tags)].reverse();

  const owner = new Int32Array(kept.length).fill(-1);
  const releases: PastRelease<T>[] = [];
  for (const { tag, version } of ascending) {
    const start = indexBySha.get(commits.get(tag) ?? '');
    if (start === undefined) continue;
    const members = claim(start, releases.length, owner, parents, indexBySha);
    // In a history without branches they are found in their order.
    if (members.some((index, at) => index < (members[at - 1] ?? 0))) members.sort((a, b) => a - b);
    const counted = concerned === null ? members : members.filter(counts);
    releases.push({
      tag,
      version,
      date: dates.get(start) ?? '',
      commits: counted.map((index) => kept[index] as T),
    });
  }
  const work = { shas: indexBySha, authors, oldest: Number.NEGATIVE_INFINITY, complete: true };
  return { releases: releases.reverse(), work };
}

/** All commits that can be reached from `start` and belong to nobody yet, by index; marks them with their owner. */
function claim(
  start: number,
  release: number,
  owner: Int32Array,
  parents: readonly Parents[],
  indexBySha: ReadonlyMap<string, number>,
): number[] {
  if (owner[start] !== -1) return [];
  owner[start] = release;
  const members = [start];
  for (let at = 0; at < members.length; at++) {
    const above = parents[members[at] ?? 0];
    for (const sha of typeof above === 'object' ? above : above === undefined ? [] : [above]) {
      const parent = indexBySha.get(sha);
      if (parent === undefined || owner[parent] !== -1) continue;
      owner[parent] = release;
      members.push(parent);
    }
  }
  return members;
}
