import { CancellationScope, condition } from '@temporalio/workflow';
import type { ReleaseRecord, TimelineEntry } from '../../release/record/record.ts';
import type { EventBody } from './event-body.ts';
import type { RoleActivities } from './role-activities.ts';

/** From this many entries on, the oldest are moved to the store. Well below what a record holds at most. */
const MOVE_AT = 200;
const PART = 100;

/** What the keeper needs of the run. */
interface Kept {
  readonly record: ReleaseRecord;
  readonly activities: RoleActivities;
  apply(event: EventBody): void;
}

/**
 * Moves the older part of a record's audit trail to the store, so that the record stays small and yet no entry is
 * lost. What a burst pushes out of the record before it could be moved waits here.
 */
export class TrailKeeper {
  readonly #run: Kept;
  #pushedOut: TimelineEntry[] = [];
  #moving = false;

  constructor(run: Kept) {
    this.#run = run;
  }

  /** To be called with each new record. */
  note(before: ReleaseRecord, after: ReleaseRecord): void {
    const added = after.timelineTotal - before.timelineTotal;
    const lost = before.timeline.length + added - after.timeline.length;
    if (added > 0 && lost > 0) this.#pushedOut.push(...before.timeline.slice(0, lost));
    if (added > 0 && !this.#moving && this.#size >= MOVE_AT) void this.#move(() => this.#size >= MOVE_AT);
  }

  /** Resolves when no entry waits outside the record: before it is archived. */
  async settle(): Promise<void> {
    await condition(() => !this.#moving);
    await this.#move(() => this.#pushedOut.length > 0);
  }

  get #size(): number {
    return this.#pushedOut.length + this.#run.record.timeline.length;
  }

  async #move(isDue: () => boolean): Promise<void> {
    this.#moving = true;
    try {
      while (isDue()) {
        const entries = [...this.#pushedOut, ...this.#run.record.timeline].slice(0, PART);
        const { product, releaseId } = this.#run.record;
        const ref = await CancellationScope.nonCancellable(() =>
          this.#run.activities
            .release('keep the older part of the audit trail')
            .keepTrail({ product, releaseId, entries }),
        );
        // More may have been pushed out meanwhile: the order is the same, so the part is still the oldest.
        const fromHere = Math.min(entries.length, this.#pushedOut.length);
        this.#pushedOut = this.#pushedOut.slice(fromHere);
        const fromTimeline = entries.length - fromHere;
        this.#run.apply({ event: 'trail_moved', part: { count: entries.length, ref }, fromTimeline });
      }
    } catch {
      // The store is away: the next entry tries again, and nothing is lost until then.
    } finally {
      this.#moving = false;
    }
  }
}
