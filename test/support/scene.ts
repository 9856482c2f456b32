import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { WorkflowIdConflictPolicy } from '@temporalio/client';
import type { Worker } from '@temporalio/worker';
import type { Installation } from '../../src/config/installation.ts';
import type { Command, CommandName } from '../../src/contracts/commands.ts';
import { STATUS_QUERY } from '../../src/contracts/commands.ts';
import { workflowQueue } from '../../src/contracts/task-queues.ts';
import { releaseWorkflowId, WORKFLOW_TYPES } from '../../src/contracts/workflow-ids.ts';
import type { ReleaseInput } from '../../src/contracts/workflows.ts';
import type { DemoPerson, DemoPlot } from '../../src/demo/plot.ts';
import { personWith } from '../../src/demo/plot.ts';
import { signCommand } from '../../src/integrations/signing/signing.ts';
import type { ReleaseRecord } from '../../src/release/record.ts';
import type { PersonRole } from '../../src/release/settings.ts';
import { bundleWorkflows, createWorker, type WorkerPart } from '../../src/workers/start-workers.ts';
import { connectTestClient, connectTestWorker, waitFor } from './temporal-server.ts';

/** Every role's worker for one installation, and people who act on one product's release. */
export interface Scene {
  client: Client;
  product: string;
  start(request?: Partial<ReleaseInput['request']>): Promise<WorkflowHandle>;
  handle(): WorkflowHandle;
  record(): Promise<ReleaseRecord>;
  until(what: string, reached: (record: ReleaseRecord) => boolean, limitMs?: number): Promise<ReleaseRecord>;
  /** Sends a command signed by the demo's API key, as the API would. */
  send(name: CommandName, person: DemoPerson, more?: Partial<Command>): Promise<void>;
  approve(gate: string, role: PersonRole, more?: Partial<Command>): Promise<void>;
  /** Gives every approval that the release asks for, until it ends. */
  approveEverything(limitMs?: number): Promise<ReleaseRecord>;
  /** Waits until the workflow is closed, and gives its record. */
  ended(): Promise<ReleaseRecord>;
  leave(): Promise<void>;
}

const PARTS: WorkerPart[] = ['workflow', 'qa', 'devops', 'writer', 'support', 'release'];

/** Starts the workers on queues of their own, on the run's shared Temporal server. */
export async function enterScene(installation: Installation, plot: DemoPlot): Promise<Scene> {
  const { product } = plot;
  const { client, close } = await connectTestClient();
  const connection = await connectTestWorker();
  const bundle = await bundleWorkflows();
  const workers: Worker[] = await Promise.all(
    PARTS.map((part) =>
      createWorker(part, {
        connection,
        namespace: 'default',
        client,
        installation,
        queuePrefix: product,
        bundle,
      }),
    ),
  );
  const running = workers.map((worker) => worker.run());
  const handle = () => client.workflow.getHandle(releaseWorkflowId(product));
  const record = async () => await handle().query<ReleaseRecord>(STATUS_QUERY);

  const ended: Scene['ended'] = async () => {
    await handle().result();
    return await record();
  };

  const send: Scene['send'] = async (name, person, more = {}) => {
    const now = Date.now();
    const command: Command = {
      nonce: randomUUID(),
      name,
      product,
      releaseId: (await record()).releaseId,
      person: person.name,
      issuedAt: new Date(now).toISOString(),
      delivery: randomUUID(),
      validUntil: new Date(now + 3_600_000).toISOString(),
      ...more,
    };
    await handle().signal(name, signCommand(command, plot.signing));
  };
  const approve: Scene['approve'] = async (gate, role, more = {}) => {
    const open = (await record()).approvals.find((g) => g.key === gate);
    await send('approve', personWith(plot, role), {
      gate,
      role,
      ...(open === undefined ? {} : { subject: open.subject }),
      ...more,
    });
  };
  const until: Scene['until'] = async (what, reached, limitMs = 120_000) =>
    await waitFor(
      what,
      async () => {
        const now = await record();
        return reached(now) ? now : undefined;
      },
      limitMs,
    );

  return {
    client,
    product,
    handle,
    record,
    until,
    send,
    approve,
    start: async (request = {}) =>
      await client.workflow.start(WORKFLOW_TYPES.release, {
        workflowId: releaseWorkflowId(product),
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
        taskQueue: workflowQueue(product),
        args: [
          {
            request: {
              releaseId: `${product}-20261121-${randomUUID().slice(0, 6)}`,
              product,
              bump: 'auto',
              requestedBy: personWith(plot, 'release_manager').name,
              requestedAt: new Date().toISOString(),
              via: 'api',
              ...request,
            },
          } satisfies ReleaseInput,
        ],
      }),
    approveEverything: async (limitMs = 120_000) => {
      const given = new Set<string>();
      await until(
        'the release to end',
        (now) => {
          for (const gate of now.approvals.filter((g) => g.status === 'open')) {
            for (const role of gate.required) {
              const id = `${now.round}/${gate.key}/${role}/${gate.openedAt}`;
              if (given.has(id)) continue;
              given.add(id);
              void approve(gate.key, role);
            }
          }
          return now.outcome !== undefined;
        },
        limitMs,
      );
      return await ended();
    },
    ended,
    leave: async () => {
      for (const worker of workers) worker.shutdown();
      await Promise.allSettled(running);
      await close();
      await connection.close();
    },
  };
}
