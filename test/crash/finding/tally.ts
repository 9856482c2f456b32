/** What a whole run of the crash test found. The last three of its figures must be nothing. */
export interface Tally {
  passed: number;
  failed: number;
  runs: number;
  barriers: Set<string>;
  effects: Set<string>;
  duplicates: string[];
  losses: string[];
  leftovers: string[];
}

export function openTally(): Tally {
  return {
    passed: 0,
    failed: 0,
    runs: 0,
    barriers: new Set(),
    effects: new Set(),
    duplicates: [],
    losses: [],
    leftovers: [],
  };
}

/** Notes one run: `problem` is undefined when all was as it should be. */
export function note(tally: Tally, name: string, startedAt: number, problem?: string): void {
  tally.runs += 1;
  if (problem === undefined) tally.passed += 1;
  else tally.failed += 1;
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(
    `${problem === undefined ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)${problem ? `\n     ${problem}` : ''}`,
  );
}

/**
 * Compares a disturbed world with an undisturbed one: what is there too often is a duplicate, what is missing or
 * different a loss. Counts lines of both, since every look is a list of what there is.
 */
export function compareWorlds(
  tally: Tally,
  name: string,
  expected: unknown,
  found: unknown,
): string | undefined {
  const wanted = countLines(expected);
  const there = countLines(found);
  const extra = [...there].filter(([line, count]) => count > (wanted.get(line) ?? 0)).map(([line]) => line);
  const missing = [...wanted].filter(([line, count]) => count > (there.get(line) ?? 0)).map(([line]) => line);
  if (missing.length > 0) tally.losses.push(name);
  else if (extra.length > 0) tally.duplicates.push(name);
  if (extra.length + missing.length === 0) return undefined;
  return `differs from an undisturbed run: more ${extra.join(' ')}; less ${missing.join(' ')}`;
}

function countLines(value: unknown): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of JSON.stringify(value, undefined, 1).split('\n')) {
    const text = line.trim().replace(/,$/, '');
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}

/** Prints the figures; returns the exit code. */
export function report(tally: Tally): number {
  const list = (items: string[]) => (items.length === 0 ? '0' : `${items.length}: ${items.join('; ')}`);
  console.log(`
runs              ${tally.runs}
barriers covered  ${tally.barriers.size}
effects checked   ${tally.effects.size}
duplicates        ${list(tally.duplicates)}
losses            ${list(tally.losses)}
leftovers         ${list(tally.leftovers)}`);
  const clean = tally.duplicates.length + tally.losses.length + tally.leftovers.length === 0;
  if (!clean && tally.failed === 0) tally.failed = 1;
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  return tally.failed === 0 ? 0 : 1;
}
