/** What a workflow says of an activity beside its input: the second argument, of activities that were refused before. */
export interface Asking {
  /** How often it was asked for before, and refused by the worker's configuration. */
  round: number;
}

const MOST = 1_000_000;

/** Total: whatever is there, an asking comes out. */
export function readAsking(value: unknown): Asking {
  const round = (value as { round?: unknown } | null | undefined)?.round;
  const isCount = typeof round === 'number' && Number.isInteger(round) && round >= 0 && round <= MOST;
  return { round: isCount ? round : 0 };
}
