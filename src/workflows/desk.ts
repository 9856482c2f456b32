import {
  condition,
  defineQuery,
  defineSignal,
  setCurrentDetails,
  setDefaultSignalHandler,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Command, CommandName, SignedCommand } from '../contracts/commands.ts';
import { COMMAND_NAMES, COMMANDS, STATUS_QUERY } from '../contracts/commands.ts';
import { hotfixWorkflowId } from '../contracts/workflow-ids.ts';
import type { Report, Steer } from '../contracts/workflows.ts';
import { INTERNAL_SIGNALS } from '../contracts/workflows.ts';
import type { Decision } from '../release/approvals.ts';
import { refuseDecision } from '../release/approvals.ts';
import type { ReleaseRecord } from '../release/record.ts';
import { openGate } from '../release/record.ts';
import type { RecordEvent } from '../release/transitions.ts';
import { applyEvent } from '../release/transitions.ts';
import { renderChecklist } from '../release/views/checklist.ts';
import type { Occasion } from '../release/views/notification.ts';
import { renderNotification } from '../release/views/notification.ts';
import { viewSearchAttributes } from '../release/views/search-attributes.ts';
import type { Crew } from './crew.ts';
import { AbortRequested, ReplanRequested } from './interrupts.ts';
import type { Incoming } from './read-command.ts';
import { readCommand } from './read-command.ts';
import { isReportable } from './reports.ts';

/** Any event without its time: the desk stamps it with the workflow's clock. */
export type EventBody = RecordEvent extends infer E
  ? E extends { at: string }
    ? Omit<E, 'at'>
    : never
  : never;

/** What a person chose for a step that failed. */
export interface Choice {
  kind: 'retry' | 'skip';
  by: string;
  reason: string;
}

/** A command that was let in: from whom, and whether the API vouches for it. */
interface Taken {
  name: CommandName;
  by: string;
  reason: string;
  verified: boolean;
  command?: Command;
  signed?: SignedCommand;
  severity?: Steer['severity'];
  extendMs?: number;
}

/**
 * Where people meet a release: keeps the record, takes commands one after another in the order of their arrival,
 * and answers the status query. The phases read what was decided from here; they never see a signal.
 */
export class ReleaseDesk {
  record: ReleaseRecord;
  readonly crew: Crew;
  /** The answer for the step that waits, until the step takes it. */
  choice: Choice | undefined;
  abort: { by: string; reason: string } | undefined;
  replan: { by: string; reason: string } | undefined;
  /** Texts that the reviewer wrote instead of the generated ones. */
  edit: { changelog?: string; notes?: string; by: string } | undefined;
  /** Why the release cannot be aborted or replanned now; set by the phases that passed a point of no return. */
  noAbort: string | undefined;
  noReplan: string | undefined;
  /** Set while a production deployment runs: hands it what an operator decided. */
  steer: ((steer: Steer) => Promise<void>) | undefined;
  /** The hotfix that has right of way: afterwards this release is replanned or aborted, never resumed. */
  parkedFor: string | undefined;
  /** Release branches that this release pushed, or began to: an abort takes them back, whichever plan they are of. */
  readonly pushed: { branch: string; commit: string }[] = [];
  /** Set while any deployment runs: hands it a hold, and the end of it. */
  holdDeployment: ((steer: Steer) => Promise<void>) | undefined;
  /** Deployments begun so far: each try is one of its own, with its own effect keys. */
  deployments = 0;
  readonly workflowId = workflowInfo().workflowId;
  #inbox: Incoming[] = [];
  #busy = false;
  #nonces: string[] = [];
  #reported: Record<string, number> = {};
  #attributes = '';

  constructor(record: ReleaseRecord, crew: Crew) {
    this.record = record;
    this.crew = crew;
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
    setHandler(defineSignal<[unknown]>(INTERNAL_SIGNALS.park), (hotfix) => this.#park(hotfix));
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
    this.record = applyEvent(this.record, { at: new Date().toISOString(), ...event } as RecordEvent);
    this.#show();
  }

  /** Whether somebody asked for an end or a new plan. */
  get interrupted(): boolean {
    return this.abort !== undefined || this.replan !== undefined;
  }

  /** Waits while the release is held; throws when it is to end or to be planned anew. Called between any two steps. */
  async safePoint(): Promise<void> {
    this.throwIfInterrupted();
    if (!this.record.held) return;
    await condition(() => !this.record.held || this.interrupted);
    this.throwIfInterrupted();
  }

  throwIfInterrupted(): void {
    if (this.abort) throw new AbortRequested(this.abort.by, this.abort.reason);
    if (this.replan) throw new ReplanRequested(this.replan.by, this.replan.reason);
  }

  /** Tells people through a channel. A channel that is away never stops a release: the record says so instead. */
  async notify(channel: string, occasion: Occasion): Promise<void> {
    const notice = renderNotification(this.record, occasion);
    try {
      const told = await this.crew.support(`tell ${channel}: ${notice.subject}`).notify({
        product: this.record.product,
        releaseId: this.record.releaseId,
        id: `${this.record.releaseId}/${this.record.round}/${channel}/${notice.id}`,
        channel,
        subject: notice.subject,
        text: notice.text,
      });
      if (told.failed.length > 0) {
        this.apply({ event: 'noted', what: `could not tell ${channel}: ${told.failed.join('; ')}` });
      }
    } catch (error) {
      this.apply({ event: 'noted', what: `could not tell ${channel}: ${String(error).slice(0, 200)}` });
    }
  }

  /** Resolves once every command that arrived has been dealt with, so that none is lost at the end. */
  async drain(): Promise<void> {
    await condition(() => this.#inbox.length === 0 && !this.#busy);
  }

  async #serve(): Promise<void> {
    for (;;) {
      await condition(() => this.#inbox.length > 0);
      this.#busy = true;
      const incoming = this.#inbox.shift();
      try {
        if (incoming) await this.#take(incoming);
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

  async #take(incoming: Incoming): Promise<void> {
    if (incoming.form === 'malformed') {
      this.#refuse(incoming.name, 'unknown', incoming.reason);
      return;
    }
    if (incoming.form === 'plain') {
      const by = incoming.plain.person ? `${incoming.plain.person} (unverified)` : 'somebody (unverified)';
      if (COMMANDS[incoming.name].signed) {
        this.#refuse(incoming.name, by, 'it must come through the API, which signs it');
        return;
      }
      await this.#act({
        name: incoming.name,
        by,
        reason: incoming.plain.reason ?? 'no reason given',
        verified: false,
        ...(incoming.plain.severity === undefined ? {} : { severity: incoming.plain.severity }),
        ...(incoming.plain.extendMs === undefined ? {} : { extendMs: incoming.plain.extendMs }),
      });
      return;
    }
    const { product, releaseId } = this.record;
    const check = await this.crew
      .release(`verify who sent ${incoming.name}`)
      .verifyCommand({ signed: incoming.signed, product, releaseId });
    const command = check.command;
    if (!command) {
      this.#refuse(incoming.name, 'unknown', check.refused ?? 'its signature could not be verified');
      return;
    }
    if (command.name !== incoming.name) {
      this.#refuse(incoming.name, command.person, `the signature is for ${command.name}`);
      return;
    }
    // The same delivery again is no mistake of anybody's: it is simply counted once.
    if (this.#nonces.includes(command.nonce)) return;
    this.#nonces.push(command.nonce);
    if (command.name === 'approve' || command.name === 'reject') {
      this.#decide(command, {
        nonce: command.nonce,
        gate: command.gate ?? '',
        decision: command.name,
        person: command.person,
        role: command.role ?? 'viewer',
        subject: command.subject ?? '',
        ...(command.reason === undefined ? {} : { reason: command.reason }),
        at: new Date().toISOString(),
        validUntil: command.validUntil,
        signed: incoming.signed,
      });
      return;
    }
    await this.#act({
      name: command.name,
      by: command.person,
      reason: command.reason ?? 'no reason given',
      verified: true,
      command,
      signed: incoming.signed,
      ...(command.severity === undefined ? {} : { severity: command.severity }),
      ...(command.extendMs === undefined ? {} : { extendMs: command.extendMs }),
    });
  }

  #decide(command: Command, decision: Decision): void {
    const gate =
      openGate(this.record, decision.gate) ?? this.record.approvals.find((g) => g.key === decision.gate);
    const refused = refuseDecision(gate, decision);
    if (refused) this.#refuse(`${command.name} ${decision.gate}`, decision.person, refused);
    else this.apply({ event: 'decided', decision });
  }

  async #act(taken: Taken): Promise<void> {
    const refused = await this.#tryTo(taken);
    if (refused) {
      this.#refuse(taken.name, taken.by, refused);
      return;
    }
    const { name, by, reason, verified } = taken;
    if (name !== 'hold' && name !== 'resume') {
      this.apply({ event: 'command_taken', command: name, by, reason, verified });
    }
  }

  /** Does what the command asks, or says why not. */
  async #tryTo(taken: Taken): Promise<string | undefined> {
    const { name, by, reason } = taken;
    switch (name) {
      case 'hold':
        if (this.record.held) return 'it is held already';
        this.apply({ event: 'held', by, reason });
        if (this.holdDeployment)
          await this.holdDeployment({ what: 'hold', by, reason, verified: taken.verified });
        return undefined;
      case 'resume':
        if (!this.record.held) return 'it is not held';
        if (this.parkedFor) {
          return `${this.parkedFor} went first: replan, so that the release contains it, or abort`;
        }
        this.apply({ event: 'resumed', by });
        if (this.holdDeployment) {
          const signed = taken.signed === undefined ? {} : { signed: taken.signed };
          await this.holdDeployment({ what: 'resume', by, reason, verified: taken.verified, ...signed });
        }
        return undefined;
      case 'retry':
      case 'skip':
        if (!this.record.waiting?.actions.includes(name)) return `nothing waits for a ${name}`;
        this.choice = { kind: name, by, reason };
        return undefined;
      case 'replan':
        if (this.noReplan) return this.noReplan;
        if (this.parkedFor && (await this.#hotfixRuns())) return 'the hotfix is not over: replan after it';
        this.replan = { by, reason };
        return undefined;
      case 'abort':
        if (this.noAbort) return this.noAbort;
        this.abort = { by, reason };
        return undefined;
      case 'edit_notes':
        if (!openGate(this.record, 'changelog_review'))
          return 'changelog and notes can be edited during their review only';
        this.edit = {
          by,
          ...(taken.command?.changelog === undefined ? {} : { changelog: taken.command.changelog }),
          ...(taken.command?.notes === undefined ? {} : { notes: taken.command.notes }),
        };
        return undefined;
      default:
        return this.#passOn(taken);
    }
  }

  /** Commands about production go to the deployment that is in flight there. */
  async #passOn(taken: Taken): Promise<string | undefined> {
    if (!this.steer) return 'no production deployment of this release is in flight';
    const what = STEERED[taken.name];
    if (!what) return 'it means nothing for a release';
    await this.steer({
      what,
      by: taken.by,
      reason: taken.reason,
      verified: taken.verified,
      ...(taken.signed === undefined ? {} : { signed: taken.signed }),
      ...(taken.severity === undefined ? {} : { severity: taken.severity }),
      ...(taken.extendMs === undefined ? {} : { extendMs: taken.extendMs }),
    });
    return undefined;
  }

  /**
   * A hotfix needs production. Stopping is a safe direction, so anybody's signal counts; what is in the middle of a
   * change finishes it first, and a version that is only being watched there is put back.
   */
  #park(argument: unknown): void {
    const hotfix = typeof argument === 'string' ? argument.slice(0, 200) : 'a hotfix';
    if (this.parkedFor) return;
    this.parkedFor = hotfix;
    const reason =
      'it has right of way; afterwards replan (or abort), since its base is not the newest any more';
    this.apply({ event: 'held', by: hotfix, reason });
    void this.steer?.({ what: 'park', by: hotfix, reason, verified: false }).catch(() => undefined);
  }

  async #hotfixRuns(): Promise<boolean> {
    const workflowId = hotfixWorkflowId(this.record.product);
    return await this.crew.support('is the hotfix over?').isWorkflowOpen({ workflowId });
  }

  #refuse(what: string, by: string, reason: string): void {
    this.apply({ event: 'command_refused', refusal: { what, by, reason } });
  }

  #takeReport(argument: unknown): void {
    const report = argument as Partial<Report> | null;
    if (
      !report ||
      typeof report.from !== 'string' ||
      typeof report.seq !== 'number' ||
      !isReportable(report.event)
    ) {
      this.#refuse('report', 'unknown', 'it is not a report of a deployment');
      return;
    }
    if (report.seq <= (this.#reported[report.from] ?? 0)) return;
    this.#reported[report.from] = report.seq;
    this.record = applyEvent(this.record, report.event);
    this.#show();
  }

  #show(): void {
    setCurrentDetails(renderChecklist(this.record));
    const attributes = viewSearchAttributes(this.record);
    const shown = JSON.stringify(attributes);
    // Each upsert is an event in the history: only when something really changed.
    if (shown === this.#attributes) return;
    this.#attributes = shown;
    upsertSearchAttributes(attributes);
  }
}

const STEERED: Partial<Record<CommandName, Steer['what']>> = {
  rollback: 'rollback',
  incident: 'incident',
  extend_monitoring: 'extend',
  end_monitoring: 'end_monitoring',
  dismiss: 'dismiss',
  restore_database: 'restore_database',
};
