import type { RecordEvent } from '../../release/record/record-event.ts';

type WaitingEvent = Extract<RecordEvent, { event: 'waiting' }>;

/** What children wait for: the end of one's waiting is not the end of another's. */
export class Waits {
  readonly #waiting = new Map<string, WaitingEvent>();

  /** The event for the record: where one waits no more, but another does, it is that one's. */
  note(from: string, event: RecordEvent): RecordEvent {
    if (event.event === 'waiting') {
      this.#waiting.delete(from);
      this.#waiting.set(from, event);
    }
    if (event.event !== 'waiting_over') return event;
    this.#waiting.delete(from);
    const other = [...this.#waiting.values()].at(-1);
    return other ? { ...other, at: event.at } : event;
  }

  /** The child that waits and whose id begins so. */
  find(prefix: string): string | undefined {
    return [...this.#waiting.keys()].findLast((from) => from.startsWith(prefix));
  }
}
