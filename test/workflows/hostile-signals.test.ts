import type { WorkflowHandle } from '@temporalio/client';
import { type NativeConnection, Worker } from '@temporalio/worker';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATUS_QUERY } from '../../src/contracts/commands.ts';
import { INTERNAL_SIGNALS } from '../../src/contracts/internal-signals.ts';
import { workflowQueue } from '../../src/contracts/task-queues.ts';
import { WORKFLOW_TYPES } from '../../src/contracts/workflow-ids.ts';
import { COMMAND_NAMES } from '../../src/release/commands/command-table.ts';
import { openRecord } from '../../src/release/record/record.ts';
import type { ConnectedClient } from '../../src/temporal/connection.ts';
import { createDataConverter } from '../../src/temporal/data-converter.ts';
import {
  hostilePayload,
  REPORTED,
  reportOf,
  requestOf,
  STEER,
  undoOf,
} from '../support/fixture/hostile-payloads.ts';
import { readWorkflowBundle } from '../support/fixture/made-once.ts';
import { connectTestClient, connectTestWorker, makeUniqueName } from '../support/server/temporal-server.ts';

const product = makeUniqueName('hostile');
const at = '2026-11-21T10:00:00.000Z';
const request = {
  releaseId: `${product}-1`,
  product,
  bump: 'auto' as const,
  version: '1.3.0',
  requestedBy: 'cleo',
  requestedAt: at,
  via: 'api' as const,
};
const undo = undoOf(product, 'production');
const digest = `sha256:${'0'.repeat(64)}`;

/** Every workflow that takes signals, with an input from which it waits for a worker that never comes. */
const WORKFLOWS: Record<string, { type: string; input: object }> = {
  release: { type: WORKFLOW_TYPES.release, input: { request } },
  hotfix: { type: WORKFLOW_TYPES.hotfix, input: { request, commits: ['abcdef1'], careful: false } },
  'deploy version': { type: WORKFLOW_TYPES.deployVersion, input: { request, environment: 'production' } },
  'rollback of a product': { type: WORKFLOW_TYPES.rollBackProduct, input: { request, reason: 'x' } },
  'monitoring of a product': { type: WORKFLOW_TYPES.monitorProduct, input: { request, windowMs: 60_000 } },
  gates: { type: WORKFLOW_TYPES.checkGates, input: { request } },
  deployment: {
    type: WORKFLOW_TYPES.deployment,
    input: {
      releaseId: request.releaseId,
      product,
      environment: undo.environment,
      version: '1.3.0',
      commit: 'a'.repeat(40),
      artifact: { digest, bytes: 1 },
      type: 'minor',
      strategy: 'immediate',
      severity: { highDeadlineMs: 1, quickHotfixMs: 1 },
      rollbackOnFailure: true,
      migrationsBackwardCompatible: true,
      round: 1,
      priority: 'release',
    },
  },
  rollback: { type: WORKFLOW_TYPES.rollback, input: undo },
  monitoring: {
    type: WORKFLOW_TYPES.monitoring,
    input: {
      releaseId: request.releaseId,
      product,
      environment: 'production',
      level: 'standard',
      windowMs: 3_600_000,
      intervalMs: 600_000,
      checks: [],
      deployedAt: at,
    },
  },
  environment: { type: WORKFLOW_TYPES.environment, input: { product, environment: 'production' } },
  incident: { type: WORKFLOW_TYPES.incident, input: { product } },
  'post-mortem': {
    type: WORKFLOW_TYPES.postMortem,
    input: {
      record: { ...openRecord('release', request, 'Shop', at), outcome: 'rolled_back' },
      remindAfterMs: 3_600_000,
    },
  },
};

const SAMPLES = [
  ...REPORTED.map((event) => reportOf(event)),
  STEER,
  requestOf(product, 'production'),
  { holder: requestOf(product, 'production').holder },
  { environment: 'production', generation: 1 },
  { person: 'mallory', reason: 'why', severity: 'high', extendMs: 1_000 },
  STEER.signed,
];
const SIGNALS = [...COMMAND_NAMES, ...Object.values(INTERNAL_SIGNALS), 'unheard_of'];

/** Anybody who reaches the namespace can send anything to anything: whatever it is, the workflow goes on. */
describe('arbitrary signals', () => {
  let connected: ConnectedClient;
  let native: NativeConnection;
  let worker: Worker;
  let running: Promise<void>;

  beforeAll(async () => {
    connected = await connectTestClient();
    native = await connectTestWorker();
    worker = await Worker.create({
      connection: native,
      taskQueue: workflowQueue(product),
      workflowBundle: await readWorkflowBundle(),
      dataConverter: createDataConverter(),
    });
    running = worker.run();
  });

  afterAll(async () => {
    worker?.shutdown();
    await running;
    await connected?.close();
    await native?.close();
  });

  const hurl = async (handle: WorkflowHandle, signals: [string, unknown][]) => {
    for (const [name, payload] of signals) await handle.signal(name, payload);
    // A query is answered after the signals before it were taken; one that wedged the workflow answers none.
    await handle.query(STATUS_QUERY);
    const { raw, status } = await handle.describe();
    expect(status.name).toBe('RUNNING');
    expect(raw.pendingWorkflowTask?.attempt ?? 1).toBe(1);
  };

  it.each(Object.keys(WORKFLOWS))('%s goes on', async (name) => {
    const { type, input } = WORKFLOWS[name]!;
    const round = fc.array(fc.tuple(fc.constantFrom(...SIGNALS), hostilePayload(SAMPLES)), {
      minLength: 12,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(round, async (signals) => {
        const handle = await connected.client.workflow.start(type, {
          workflowId: makeUniqueName(`${product}/${name}`),
          taskQueue: workflowQueue(product),
          args: [input],
        });
        try {
          // What ends a workflow in good order is no subject of this test.
          const harmless = signals.filter(([signal]) => signal !== 'abort' && signal !== 'close');
          await hurl(handle, harmless);
        } finally {
          await handle.terminate('the test is over').catch(() => undefined);
        }
      }),
      { numRuns: 6, endOnFailure: true },
    );
  });

  it.each(REPORTED)('a release goes on after a report of $event that is not whole', async ({ event }) => {
    const handle = await connected.client.workflow.start(WORKFLOW_TYPES.release, {
      workflowId: makeUniqueName(`${product}/report`),
      taskQueue: workflowQueue(product),
      args: [{ request }],
    });
    await hurl(handle, [
      [INTERNAL_SIGNALS.report, { from: 'x', seq: 1, event: { event, at: 'x', id: 'readiness.check' } }],
      [INTERNAL_SIGNALS.report, { from: 'x', seq: 2, event: { event, at } }],
    ]);
    await handle.terminate('the test is over');
  });
});
