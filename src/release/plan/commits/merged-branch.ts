/** What a merge brought in, found in the commits of one range. */

/** A commit with its parents' full ids; without them it is taken for one without branches. */
export interface GraphCommit {
  sha: string;
  parentShas?: readonly string[];
}

/** Answers about the graph of a range; made once, since merges ask it again and again. */
export interface RangeGraph {
  /**
   * The commits that a merge adds to its main line, by index, the merge itself among them.
   *
   * @param mainline full or abbreviated id of the parent that counts as the main line; the first one by default
   */
  findBrought(index: number, mainline?: string | null): number[];
}

/** Makes the graph of some commits; ids outside of them are where it ends. */
export function readGraph(commits: readonly GraphCommit[]): RangeGraph {
  const bySha = new Map(commits.map(({ sha }, index) => [sha, index]));
  const parentsOf = (index: number): number[] =>
    (commits[index]?.parentShas ?? []).flatMap((sha) => bySha.get(sha) ?? []);
  const reach = (start: number[], stop: ReadonlySet<number>): Set<number> => {
    const seen = new Set(start.filter((index) => !stop.has(index)));
    // A set is walked in the order in which it grows.
    for (const index of seen) for (const parent of parentsOf(index)) if (!stop.has(parent)) seen.add(parent);
    return seen;
  };
  return {
    findBrought: (index, mainline = null) => {
      const parents = commits[index]?.parentShas ?? [];
      if (parents.length < 2) return [index];
      const main = parents.find((sha) => mainline !== null && sha.startsWith(mainline)) ?? parents[0] ?? '';
      const before = bySha.get(main);
      const kept = before === undefined ? new Set<number>() : reach([before], new Set());
      return [...reach([index], kept)];
    },
  };
}
