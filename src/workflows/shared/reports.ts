import { getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import { INTERNAL_SIGNALS } from '../../contracts/internal-signals.ts';
import type { Report } from '../../contracts/workflows.ts';
import type { RecordEvent } from '../../release/record/record-event.ts';
import type { EventBody } from './event-body.ts';

/**
 * Tells a parent what a child does. The parent may have been terminated, reset or finished: then nobody listens,
 * and the child goes on all the same. `attach` names a new listener and tells it everything from the start.
 */
export class Reporter {
  readonly events: RecordEvent[] = [];
  #to: string | undefined;
  /** Events told by earlier runs of this workflow, before it continued as new. */
  readonly #before: number;
  readonly #from = workflowInfo().workflowId;
  #sending: Promise<void> = Promise.resolve();

  constructor(to: string | undefined, before = 0) {
    this.#to = to;
    this.#before = before;
  }

  get told(): number {
    return this.#before + this.events.length;
  }

  tell(event: EventBody): void {
    this.events.push({ at: new Date().toISOString(), ...event } as RecordEvent);
    this.#send(this.events.length);
  }

  attach(to: string): void {
    this.#to = to;
    for (let seq = 1; seq <= this.events.length; seq++) this.#send(seq);
  }

  /** Resolves when everything told so far has been delivered, or found nobody. */
  async settle(): Promise<void> {
    await this.#sending;
  }

  #send(seq: number): void {
    const to = this.#to;
    const event = this.events[seq - 1];
    if (!to || !event) return;
    const report: Report = { from: this.#from, seq: this.#before + seq, event };
    this.#sending = this.#sending
      .then(() => getExternalWorkflowHandle(to).signal(INTERNAL_SIGNALS.report, report))
      .catch(() => {
        this.#to = undefined;
      });
  }
}
