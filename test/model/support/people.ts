import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { Command, CommandName } from '../../../src/contracts/commands.ts';
import { STATUS_QUERY } from '../../../src/contracts/commands.ts';
import { workflowQueue } from '../../../src/contracts/task-queues.ts';
import {
  incidentWorkflowId,
  releaseWorkflowId,
  rollBackProductWorkflowId,
  WORKFLOW_TYPES,
} from '../../../src/contracts/workflow-ids.ts';
import { signCommand } from '../../../src/integrations/signing/signing.ts';
import { missingRoles } from '../../../src/release/approvals.ts';
import { COMMANDS, type PlainCommandName } from '../../../src/release/commands/command-table.ts';
import { nameQuestion } from '../../../src/release/commands/question.ts';
import { refuseCommand } from '../../../src/release/commands/refuse-command.ts';
import type { ReleaseRecord } from '../../../src/release/record/record.ts';
import type { PersonRole } from '../../../src/release/settings.ts';
import { requestOf } from '../../support/fixture/requests.ts';
import { type ModelWorld, SIGNING } from './model-world.ts';

/** A flow of the product with a record, and how people meet it. */
export interface Flow {
  handle: WorkflowHandle;
  record: ReleaseRecord;
}

/** Everybody in front of one product's world: presses what the API would let them press, as the API would send it. */
export class People {
  readonly world: ModelWorld;
  readonly client: Client;
  readonly queue: string;
  /** What pages show that were loaded at the previous move. */
  stale: Flow | undefined;

  constructor(world: ModelWorld, client: Client, queue: string) {
    this.world = world;
    this.client = client;
    this.queue = queue;
  }

  /** Starts a release, unless one is in flight. */
  async startRelease(): Promise<void> {
    const request = requestOf(this.world.product, { bump: 'auto', requestedBy: 'cleo' });
    await this.client.workflow.start(WORKFLOW_TYPES.release, {
      workflowId: releaseWorkflowId(this.world.product),
      taskQueue: workflowQueue(this.queue),
      args: [{ request }],
    });
  }

  async rollBackProduct(): Promise<void> {
    const request = requestOf(this.world.product, { requestedBy: 'ben' });
    await this.client.workflow
      .start(WORKFLOW_TYPES.rollBackProduct, {
        workflowId: rollBackProductWorkflowId(this.world.product),
        taskQueue: workflowQueue(this.queue),
        args: [{ request, reason: 'somebody wants it back', bad: this.world.runs }],
      })
      // One runs already.
      .catch(() => undefined);
  }

  /** The record of a flow as its page shows it now; `undefined` where none is there. */
  async look(workflowId: string): Promise<Flow | undefined> {
    const handle = this.client.workflow.getHandle(workflowId);
    const record = await handle.query<ReleaseRecord>(STATUS_QUERY).catch(() => undefined);
    return record && { handle, record };
  }

  async lookAtRelease(): Promise<Flow | undefined> {
    return await this.look(releaseWorkflowId(this.world.product));
  }

  /** Presses a button, where the API lets this person. @returns why not, where it does not */
  async press(
    flow: Flow,
    person: string,
    name: CommandName,
    more: Partial<Command> & { twice?: boolean; validMs?: number } = {},
  ): Promise<string | undefined> {
    const { roles } = this.world.person(person);
    const { record } = flow;
    const { twice, validMs = 3_600_000, ...about } = more;
    const decides = name === 'approve' || name === 'reject';
    if (!decides) {
      const may = COMMANDS[name as PlainCommandName].roles;
      if (!may.some((role) => roles.includes(role))) return `${person} may not ${name}`;
      const refused = refuseCommand(record, name);
      if (refused) return refused.detail;
    }
    const answers = nameQuestion(record, name);
    const now = Date.now();
    const command: Command = {
      nonce: randomUUID(),
      name,
      product: this.world.product,
      releaseId: record.releaseId,
      person,
      reason: `${person} wants to ${name}`,
      issuedAt: new Date(now).toISOString(),
      validUntil: new Date(now + validMs).toISOString(),
      delivery: randomUUID(),
      ...(answers === undefined ? {} : { answers }),
      ...about,
    };
    const send = async (delivery: string) => {
      const signed = signCommand({ ...command, delivery }, SIGNING);
      await flow.handle.signal(name, signed).catch(() => undefined);
    };
    if (name === 'approve') {
      const { gate = '', subject = '', role = '' } = command;
      this.world.approvals.push({ person, role, gate, subject, validUntil: now + validMs });
    }
    await send('1');
    // A request that was repeated by its key: signed anew, the same wish.
    if (twice) await send('2');
    return undefined;
  }

  /** Presses approve, or reject, on a gate of the page as one of the roles that it asks for. */
  async decide(flow: Flow, person: string, name: 'approve' | 'reject', validMs?: number): Promise<void> {
    const { roles } = this.world.person(person);
    for (const gate of flow.record.approvals.filter(({ status }) => status === 'open')) {
      const role = missingRoles(gate).find((one) => roles.includes(one));
      if (role === undefined) continue;
      const about = { gate: gate.key, subject: gate.subject, role };
      await this.press(flow, person, name, { ...about, ...(validMs === undefined ? {} : { validMs }) });
      return;
    }
  }

  /** Whoever holds the roles approves what is open, one person for each. */
  async approveAll(flow: Flow, validMs?: number): Promise<void> {
    for (const gate of flow.record.approvals.filter(({ status }) => status === 'open')) {
      const taken = new Set(gate.decisions.map((one) => one.person));
      for (const role of missingRoles(gate)) {
        const person = this.#findApprover(role, taken, gate.requestedBy);
        if (person === undefined) continue;
        taken.add(person);
        const about = { gate: gate.key, subject: gate.subject, role };
        await this.press(flow, person, 'approve', {
          ...about,
          ...(validMs === undefined ? {} : { validMs }),
        });
      }
    }
  }

  #findApprover(role: PersonRole, taken: Set<string>, requester: string): string | undefined {
    const able = this.world.installation.people.filter(
      (one) => one.roles.includes(role) && !taken.has(one.name),
    );
    return (able.find((one) => one.name !== requester && one.roles.length === 1) ?? able[0])?.name;
  }

  /** An alert from outside: to the release that is in production, else to what is long live. */
  async alert(severity: string | undefined, key: string): Promise<void> {
    const report = {
      person: 'pager',
      reason: `${key} of ${this.world.product}`,
      ...(severity ? { severity } : {}),
    };
    const flow = await this.lookAtRelease();
    if (flow && flow.record.outcome === undefined && !refuseCommand(flow.record, 'incident')) {
      await flow.handle.signal('incident', report).catch(() => undefined);
      return;
    }
    const workflowId = incidentWorkflowId(this.world.product);
    await this.client.workflow.signalWithStart(WORKFLOW_TYPES.incident, {
      workflowId,
      taskQueue: workflowQueue(this.queue),
      args: [{ product: this.world.product }],
      signal: 'incident',
      signalArgs: [report],
    });
  }
}
