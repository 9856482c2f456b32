import type { Report } from '../../contracts/workflows.ts';

/** A release has a handful of deployments, windows and rollbacks; so many more are somebody's flood. */
const REPORTERS_KEPT = 200;

/** Which reports were taken already, by sender: each counts once, however often it is delivered. */
export class CountedReports {
  readonly #newest = new Map<string, number>();

  /** Whether this one, or a newer one of its sender, was taken before. */
  has({ from, seq }: Report): boolean {
    return seq <= (this.#newest.get(from) ?? 0);
  }

  /** Whether its sender is known, or one more may be. */
  isRoomFor({ from }: Report): boolean {
    return this.#newest.has(from) || this.#newest.size < REPORTERS_KEPT;
  }

  /** Notes that it was taken. */
  add({ from, seq }: Report): void {
    this.#newest.set(from, seq);
  }
}
