import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { WorkflowIdConflictPolicy } from '@temporalio/client';
import type { Worker, WorkflowBundle } from '@temporalio/worker';
import type { Installation } from '../../src/config/installation.ts';
import { isConfigMistakes } from '../../src/config/installation.ts';
import { loadInstallation } from '../../src/config/load.ts';
import { describeMistakes } from '../../src/config/mistakes/mistake.ts';
import type { Command, CommandName } from '../../src/contracts/commands.ts';
import { STATUS_QUERY } from '../../src/contracts/commands.ts';
import { workflowQueue } from '../../src/contracts/task-queues.ts';
import { releaseWorkflowId, WORKFLOW_TYPES } from '../../src/contracts/workflow-ids.ts';
import type { ReleaseInput } from '../../src/contracts/workflows.ts';
import type { DemoPerson, DemoPlot } from '../../src/demo/plot.ts';
import { personWith } from '../../src/demo/plot.ts';
import type { World } from '../../src/demo/start-world.ts';
import { startWorld } from '../../src/demo/start-world.ts';
import { signCommand } from '../../src/integrations/signing/signing.ts';
import type { ReleaseRecord } from '../../src/release/record.ts';
import type { PersonRole } from '../../src/release/settings.ts';
import { bundleWorkflows, createWorker, type WorkerPart } from '../../src/workers/start-workers.ts';
import { connectTestClient, connectTestWorker, waitFor } from './temporal-server.ts';

/** The example product's world with every role's worker, on the run's shared Temporal server. */
export interface ReleaseWorld {
  world: World;
  installation: Installation;
  product: string;
  start(request?: Partial<ReleaseInput['request']>): Promise<WorkflowHandle>;
  record(): Promise<ReleaseRecord>;
  until(what: string, reached: (record: ReleaseRecord) => boolean, limitMs?: number): Promise<ReleaseRecord>;
  /** Sends a command signed by the demo's API key, as the API would. */
  send(name: CommandName, person: DemoPerson, more?: Partial<Command>): Promise<void>;
  approve(gate: string, role: PersonRole, more?: Partial<Command>): Promise<void>;
  /** Gives every approval that the release asks for, until it ends. */
  approveEverything(limitMs?: number): Promise<ReleaseRecord>;
  stop(): Promise<void>;
}

const PARTS: WorkerPart[] = ['workflow', 'qa', 'devops', 'writer', 'support', 'release'];

/** Starts it; one file needs it once. `adjust` changes the installation as a different `windlass.yaml` would. */
export async function startReleaseWorld(
  options: { bad?: boolean; adjust?: (installation: Installation, plot: DemoPlot) => void } = {},
): Promise<ReleaseWorld> {
  const root = await mkdtemp(join(tmpdir(), 'windlass-world-'));
  const product = `shop-${randomUUID().slice(0, 8)}`;
  const world = await startWorld({ root, product, bad: options.bad ?? false, onProgress: () => undefined });
  const loaded = loadInstallation({ file: world.folders.config, environment: {} });
  if (isConfigMistakes(loaded)) throw new Error(describeMistakes(loaded));
  options.adjust?.(loaded, world.plot);
  const { client, close } = await connectTestClient();
  const connection = await connectTestWorker();
  const bundle: WorkflowBundle = await bundleWorkflows();
  const queuePrefix = product;
  const workers: Worker[] = await Promise.all(
    PARTS.map((part) =>
      createWorker(part, {
        connection,
        namespace: 'default',
        client,
        installation: loaded,
        queuePrefix,
        bundle,
      }),
    ),
  );
  const running = workers.map((worker) => worker.run());
  const handle = () => client.workflow.getHandle(releaseWorkflowId(product));
  const record = async () => await handle().query<ReleaseRecord>(STATUS_QUERY);

  const send: ReleaseWorld['send'] = async (name, person, more = {}) => {
    const now = Date.now();
    const command: Command = {
      nonce: randomUUID(),
      name,
      product,
      releaseId: (await record()).releaseId,
      person: person.name,
      issuedAt: new Date(now).toISOString(),
      validUntil: new Date(now + 3_600_000).toISOString(),
      ...more,
    };
    await handle().signal(name, signCommand(command, world.plot.signing));
  };
  const approve: ReleaseWorld['approve'] = async (gate, role, more = {}) => {
    const open = (await record()).approvals.find((g) => g.key === gate);
    await send('approve', personWith(world.plot, role), {
      gate,
      role,
      ...(open === undefined ? {} : { subject: open.subject }),
      ...more,
    });
  };
  const until: ReleaseWorld['until'] = async (what, reached, limitMs = 120_000) =>
    await waitFor(
      what,
      async () => {
        const now = await record();
        return reached(now) ? now : undefined;
      },
      limitMs,
    );

  return {
    world,
    installation: loaded,
    product,
    start: async (request = {}) =>
      await client.workflow.start(WORKFLOW_TYPES.release, {
        workflowId: releaseWorkflowId(product),
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
        taskQueue: workflowQueue(queuePrefix),
        args: [
          {
            request: {
              releaseId: `${product}-20261121-${randomUUID().slice(0, 6)}`,
              product,
              bump: 'auto',
              requestedBy: personWith(world.plot, 'release_manager').name,
              requestedAt: new Date().toISOString(),
              via: 'api',
              ...request,
            },
          } satisfies ReleaseInput,
        ],
      }),
    record,
    until,
    send,
    approve,
    approveEverything: async (limitMs = 120_000) => {
      const given = new Set<string>();
      return await until(
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
    },
    stop: async () => {
      for (const worker of workers) worker.shutdown();
      await Promise.allSettled(running);
      await close();
      await connection.close();
      await world.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
}
