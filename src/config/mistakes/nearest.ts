/** Finds the valid name that a person most likely meant. */

/**
 * The candidate with the smallest edit distance to what was written, if it is near enough to be meant:
 * at most a third of the longer name, and at least one edit is always allowed. Case, `-` and `_` count nothing.
 */
export function findNearest(written: string, candidates: readonly string[]): string | undefined {
  if (written.length > 100) return undefined;
  let nearest: string | undefined;
  let smallest = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const distance = editDistance(fold(written), fold(candidate));
    if (distance < smallest) [nearest, smallest] = [candidate, distance];
  }
  if (nearest === undefined) return undefined;
  return smallest <= Math.max(1, Math.floor(Math.max(written.length, nearest.length) / 3))
    ? nearest
    : undefined;
}

/** camelCase, kebab-case and spaces are habits of other tools, not typing errors. */
function fold(name: string): string {
  return name.toLowerCase().replace(/[-_\s]/g, '');
}

/**
 * Edits between two words: insertions, deletions, substitutions, and swaps of neighbours (the "optimal string
 * alignment" distance: Damerau 1964, with the three rows of Wagner and Fischer 1974).
 */
export function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let best = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped) best = Math.min(best, beforeLast[column - 2]! + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[right.length]!;
}
