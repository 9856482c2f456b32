import {
  allHandlersFinished,
  condition,
  defineQuery,
  defineSignal,
  setDefaultSignalHandler,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { SignatureFault } from '../../contracts/commands.ts';
import { STATUS_QUERY } from '../../contracts/commands.ts';
import { type Incoming, readCommand } from '../../contracts/inbound/read-command.ts';
import { readReport } from '../../contracts/inbound/read-report.ts';
import { INTERNAL_SIGNALS } from '../../contracts/internal-signals.ts';
import type { ReleaseResult } from '../../contracts/workflows.ts';
import { COMMAND_NAMES, COMMANDS } from '../../release/commands/command-table.ts';
import type { RunControl, Settable } from '../../release/record/control.ts';
import type { Refusal, ReleaseRecord } from '../../release/record/record.ts';
import { controlOf } from '../../release/record/record.ts';
import type { RecordEvent } from '../../release/record/record-event.ts';
import { applyEvent, refuseReport } from '../../release/record/transitions.ts';
import { renderChecklist } from '../../release/views/checklist.ts';
import type { Occasion } from '../../release/views/notification.ts';
import { renderNotification } from '../../release/views/notification.ts';
import { viewSearchAttributes } from '../../release/views/search-attributes.ts';
import { nameFlow } from '../../release/views/words.ts';
import { Inbox } from '../commands/inbox.ts';
import { listenForPreempt } from '../commands/make-room.ts';
import { decideGate, obeyCommand } from '../commands/obey-command.ts';
import { SkippedRuns } from '../commands/skipped-runs.ts';
import { listenForTakeBack } from '../commands/take-back.ts';
import { Waits } from '../deployment/several-deployments.ts';
import { CountedReports } from './counted-reports.ts';
import type { EventBody } from './event-body.ts';
import { AbortRequested, ReplanRequested, TakenBack } from './interrupts.ts';
import { proxyRoleActivities, type RoleActivities } from './role-activities.ts';
import { showDetails } from './show-details.ts';
import { TrailKeeper } from './trail-keeper.ts';
import type { TellOfWorker } from './workers/until-taken-up.ts';

/**
 * Where people meet a release: keeps the record, takes commands one after another in the order of their arrival,
 * and answers the status query. The phases read what was decided from here; they never see a signal.
 */
export class ReleaseRun {
  record: ReleaseRecord;
  readonly activities: RoleActivities;
  readonly workflowId = workflowInfo().workflowId;
  #inbox: Incoming[] = [];
  #busy = false;
  readonly #door: Inbox;
  /** What operators were told of already: once for each kind, so that a flood of signals is no flood of messages. */
  readonly #alerted = new Set<SignatureFault>();
  #alerting = 0;
  readonly #skipped = new SkippedRuns(this);
  readonly #waits = new Waits();
  readonly #trail = new TrailKeeper(this);
  readonly #reported = new CountedReports();
  #attributes = '';

  constructor(record: ReleaseRecord) {
    this.record = record;
    this.activities = proxyRoleActivities(this.tellOfWorker);
    this.#door = new Inbox(this.activities, { product: record.product, releaseId: record.releaseId });
  }

  /** Registers every handler. Must run before the workflow's first await: signals may be waiting already. */
  open(): void {
    for (const name of COMMAND_NAMES) {
      setHandler(
        defineSignal<[unknown]>(name),
        (argument) => {
          this.#inbox.push(readCommand(name, argument));
        },
        { description: COMMANDS[name].does },
      );
    }
    setHandler(defineSignal<[unknown]>(INTERNAL_SIGNALS.report), (report) => this.#takeReport(report));
    listenForPreempt(this);
    listenForTakeBack(this);
    setHandler(defineSignal<[unknown]>(INTERNAL_SIGNALS.skipped), (when) => this.#skipped.tell(when));
    setDefaultSignalHandler((name) => {
      this.apply({
        event: 'command_refused',
        refusal: { what: `signal ${name.slice(0, 100)}`, by: 'unknown', reason: 'there is no such command' },
      });
    });
    setHandler(defineQuery<ReleaseRecord>(STATUS_QUERY), () => this.record, {
      description: "the release's whole record",
    });
    void this.#serve();
    this.#show();
  }

  /** Applies an event at the workflow's present time, and shows the new record to operators. */
  apply(event: EventBody): void {
    this.#take({ at: new Date().toISOString(), ...event } as RecordEvent);
  }

  #take(event: RecordEvent): void {
    const before = this.record;
    this.record = applyEvent(before, event);
    this.#trail.note(before, this.record);
    this.#show();
  }

  /** Notes that a role's worker takes nothing up, or does again; what is known already is not repeated. */
  readonly tellOfWorker: TellOfWorker = (event) => {
    const isKnown = (this.record.missingWorkers ?? []).some(({ role }) => role === event.role);
    if (isKnown === (event.event === 'worker_wait_over')) this.apply(event);
  };

  /** What steers the run now: a part of its record, changed by events only. */
  get control(): RunControl {
    return controlOf(this.record);
  }

  /** Notes one thing that steers the run from now on; `clear` takes it back. */
  set<K extends Settable>(name: K, value: NonNullable<RunControl[K]>): void {
    this.apply({ event: 'control_set', name, value } as EventBody);
  }

  /** Takes back what steered the run, where anything did. */
  clear(name: Settable): void {
    if (this.control[name] !== undefined) this.apply({ event: 'control_cleared', name });
  }

  /** Whether somebody asked for an end or a new plan. */
  get interrupted(): boolean {
    const { abort, replan, takenBack } = this.control;
    return (abort ?? replan ?? takenBack) !== undefined;
  }

  /** Waits while the release is held; throws when it is to end or to be planned anew. Called between any two steps. */
  async safePoint(): Promise<void> {
    this.throwIfInterrupted();
    if (!this.record.held) return;
    await condition(() => !this.record.held || this.interrupted);
    this.throwIfInterrupted();
  }

  throwIfInterrupted(): void {
    const { abort, replan, takenBack } = this.control;
    if (takenBack) throw new TakenBack(takenBack);
    if (abort) throw new AbortRequested(abort.by, abort.reason);
    if (replan) throw new ReplanRequested(replan.by, replan.reason);
  }

  /**
   * Tells people through a channel, and gives in how many ways that was tried: none where the channel is not
   * configured, `undefined` where nobody could try. A channel that is away never stops a release: the record says so
   * instead.
   */
  async notify(channel: string, occasion: Occasion): Promise<number | undefined> {
    const notice = renderNotification(this.record, occasion);
    try {
      const told = await this.activities.support(`tell ${channel}: ${notice.subject}`).notify({
        product: this.record.product,
        releaseId: this.record.releaseId,
        id: `${this.record.releaseId}/${this.record.round}/${channel}/${notice.id}`,
        channel,
        subject: notice.subject,
        text: notice.text,
        flow: nameFlow(this.record),
        ...('gate' in occasion ? { gate: occasion.gate } : {}),
      });
      if (told.failed.length > 0) {
        this.apply({ event: 'not_told', channel, why: told.failed });
      }
      if (told.perhapsTwice && told.perhapsTwice.length > 0) {
        this.apply({ event: 'perhaps_told_twice', channel, ways: told.perhapsTwice });
      }
      return told.sent.length + told.failed.length;
    } catch (error) {
      this.apply({ event: 'not_told', channel, why: [String(error).slice(0, 200)] });
      return undefined;
    }
  }

  /** Resolves when the whole audit trail is in the record or in the store. */
  async settleTrail(): Promise<void> {
    await this.#trail.settle();
  }

  /** Resolves once every command that arrived has been dealt with, so that none is lost at the end. */
  async drain(): Promise<void> {
    await condition(() => this.#inbox.length + this.#alerting + this.#skipped.pending === 0 && !this.#busy);
  }

  /** What came of it, once every command that arrived has been dealt with. */
  async close(): Promise<ReleaseResult> {
    await this.drain();
    await condition(allHandlersFinished);
    const { outcome = 'failed', ending = '', plan } = this.record;
    return { outcome, ending, ...(plan === undefined ? {} : { version: plan.version }) };
  }

  async #serve(): Promise<void> {
    for (;;) {
      await condition(() => this.#inbox.length > 0);
      this.#busy = true;
      const incoming = this.#inbox.shift();
      try {
        if (incoming) await this.#handle(incoming);
      } catch (error) {
        this.#refuse(
          incoming?.name ?? 'command',
          'unknown',
          `it could not be checked: ${String(error).slice(0, 300)}`,
        );
      }
      this.#busy = false;
    }
  }

  async #handle(incoming: Incoming): Promise<void> {
    const admission = await this.#door.admit(incoming);
    if (admission === 'counted_before') return;
    if ('refused' in admission) {
      this.#refuse(admission.refused.what, admission.refused.by, admission.refused.reason);
      if (admission.fault) this.#alert(admission.fault, admission.refused);
      return;
    }
    const { taken } = admission;
    const { name, by, reason, verified, decision } = taken;
    if (decision) {
      const refused = decideGate(this, decision);
      if (!refused) return;
      this.#refuse(`${name} ${decision.gate}`, by, refused.reason);
      if (refused.fault)
        this.#alert(refused.fault, { what: `${name} ${decision.gate}`, by, reason: refused.reason });
      return;
    }
    const refused = await obeyCommand(this, taken);
    if (refused) this.#refuse(name, by, refused);
    else if (name !== 'hold' && name !== 'resume') {
      this.apply({ event: 'command_taken', command: name, by, reason, verified });
    }
  }

  /** Tells the operators that somebody sends commands which the API did not sign. Never waits, never throws. */
  #alert(fault: SignatureFault, refusal: Omit<Refusal, 'at'>): void {
    if (this.#alerted.has(fault)) return;
    this.#alerted.add(fault);
    this.#alerting += 1;
    void this.notify('on_call', { occasion: 'forged', fault, refusal }).finally(() => {
      this.#alerting -= 1;
    });
  }

  #refuse(what: string, by: string, reason: string): void {
    this.apply({ event: 'command_refused', refusal: { what, by, reason } });
  }

  #takeReport(argument: unknown): void {
    const report = readReport(argument);
    if (!report) {
      this.#refuse('report', 'unknown', 'it is not a report of a deployment');
      return;
    }
    if (this.#reported.has(report)) return;
    const refused = this.#reported.isRoomFor(report)
      ? refuseReport(this.record, report.event)
      : 'too many report to this workflow';
    if (refused) {
      this.#refuse('report', report.from, refused);
      return;
    }
    this.#reported.add(report);
    const { event } = report;
    if (event.event === 'worker_missing' || event.event === 'worker_wait_over') {
      this.tellOfWorker(event);
      return;
    }
    this.#take(this.#waits.note(report.from, event));
    if (report.from.startsWith(`rollback/${this.record.product}/`)) {
      const stuck = this.#waits.find(`rollback/${this.record.product}/`);
      if (report.event.event === 'waiting') this.set('stuckRollback', report.from);
      else if (report.event.event === 'waiting_over' && stuck !== undefined) this.set('stuckRollback', stuck);
      else if (report.event.event === 'waiting_over') this.clear('stuckRollback');
    }
  }

  #show(): void {
    showDetails(renderChecklist(this.record));
    const attributes = viewSearchAttributes(this.record);
    const shown = JSON.stringify(attributes);
    // Each upsert is an event in the history: only when something really changed.
    if (shown === this.#attributes) return;
    this.#attributes = shown;
    upsertSearchAttributes(attributes);
  }
}
