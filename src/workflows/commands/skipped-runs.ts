import { readSkipped } from '../../contracts/inbound/read-notes.ts';
import type { ReleaseRun } from '../shared/release-run.ts';

/** Skipped runs that a release tells of: it is in their way for so long that people know. */
const MOST_TOLD = 10;

/** Runs of the schedule that did not start because this release is in flight: whoever relies on them is told. */
export class SkippedRuns {
  /** Messages on their way. */
  pending = 0;
  readonly #told = new Set<string>();
  readonly #run: Pick<ReleaseRun, 'apply' | 'notify'>;

  constructor(run: Pick<ReleaseRun, 'apply' | 'notify'>) {
    this.#run = run;
  }

  /** Takes what a firing of the schedule says. Never throws. */
  tell(argument: unknown): void {
    const when = readSkipped(argument);
    if (this.#told.has(when) || this.#told.size >= MOST_TOLD) return;
    this.#told.add(when);
    this.#run.apply({ event: 'schedule_skipped', when });
    this.pending += 1;
    void this.#run.notify('ceo', { occasion: 'skipped', when }).finally(() => {
      this.pending -= 1;
    });
  }
}
