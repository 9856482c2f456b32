import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATUS_QUERY } from '../../src/contracts/commands.ts';
import {
  environmentWorkflowId,
  releaseWorkflowId,
  rollbackWorkflowId,
} from '../../src/contracts/workflow-ids.ts';
import type { EnvironmentState } from '../../src/contracts/workflows.ts';
import { missingRoles } from '../../src/release/approvals.ts';
import type { ReleaseRecord } from '../../src/release/record/record.ts';
import { startCustomers } from '../support/fixture/demo.ts';
import { type ReleaseWorld, startReleaseWorld } from '../support/fixture/release-world.ts';
import { waitFor } from '../support/server/temporal-server.ts';

/** What the Web UI's buttons do to a release itself while production is changing under it. The version is bad. */
describe('a release that is interrupted from outside in the middle of production', {
  timeout: 300_000,
}, () => {
  let world: ReleaseWorld;
  let customers: ReturnType<typeof startCustomers>;

  beforeAll(async () => {
    world = await startReleaseWorld({
      bad: true,
      adjust: (installation, fixture) => {
        // What is tested lies behind the gates; a machine that is busy with other tests is no finding here.
        const policies = Object.values(installation.products[fixture.product]?.policy ?? {});
        for (const policy of policies) policy.gates = ['tests'];
      },
    });
    customers = startCustomers(`http://127.0.0.1:${world.fixture.ports.production}`);
  }, 300_000);

  afterAll(async () => {
    await customers?.stop();
    await world?.stop();
  });

  const releaseId = () => releaseWorkflowId(world.product);
  const rollbackId = () => rollbackWorkflowId(world.product, 'production');
  const control = () => `http://127.0.0.1:${world.fixture.ports.productionControl}`;

  /** Starts one of that version and approves whatever it asks for until `reached`. */
  const releaseUntil = async (
    version: string,
    what: string,
    reached: (now: ReleaseRecord) => boolean | Promise<boolean>,
  ) => {
    await world.start({ version });
    const given = new Set<string>();
    await waitFor(
      what,
      async () => {
        const now = await world.record();
        for (const gate of now.approvals.filter((g) => g.status === 'open' && !given.has(g.key))) {
          given.add(gate.key);
          for (const role of missingRoles(gate)) void world.approve(gate.key, role);
        }
        if (now.outcome) throw new Error(`it ended before ${what}: ${now.ending}`);
        if (now.waiting?.actions.includes('retry')) throw new Error(now.waiting.reason);
        return await reached(now);
      },
      400_000,
    );
  };
  /** Production is being changed: its deployment is past the backup. */
  const deploys = (now: ReleaseRecord) =>
    now.steps.some(({ id, status }) => id === 'production.deployment' && status === 'running') &&
    now.steps.some(({ id }) => id === 'production.deploy');
  const rollsBack = async () =>
    await world.client.workflow
      .getHandle(rollbackId())
      .describe()
      .then(({ status }) => status.name === 'RUNNING')
      .catch(() => false);

  /** Production runs 1.2.0 and nothing else, and nobody holds it. */
  const untilWhole = async () =>
    await waitFor(
      'production to be whole on 1.2.0, its lease free',
      async () => {
        const status = (await (await fetch(`${control()}/status`)).json()) as {
          slots: Record<string, { version: string; percent: number; healthy: boolean }>;
        };
        const { holder, waiting } = await world.client.workflow
          .getHandle(environmentWorkflowId(world.product, 'production'))
          .query<EnvironmentState>(STATUS_QUERY);
        const serving = Object.values(status.slots).filter(({ percent }) => percent > 0);
        const whole = serving.length === 1 && serving[0]?.version === '1.2.0' && serving[0].healthy;
        return whole && holder === undefined && waiting.length === 0;
      },
      600_000,
    );

  /** Resets to just before the workflow task that started the production deployment. */
  const resetBeforeDeployment = async () => {
    const { events } = await world.handle().fetchHistory();
    const children = events?.filter((event) => event.startChildWorkflowExecutionInitiatedEventAttributes);
    const task = children?.at(-1)?.startChildWorkflowExecutionInitiatedEventAttributes;
    if (!task?.workflowTaskCompletedEventId) throw new Error('no deployment was started');
    const { runId } = await world.handle().describe();
    await world.client.workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: releaseId(), runId },
      reason: 'a test presses Reset',
      requestId: randomUUID(),
      workflowTaskFinishEventId: task.workflowTaskCompletedEventId,
    });
  };

  it('terminated in the middle of a deployment: the deployment finds out alone that it is bad', async () => {
    await releaseUntil('1.3.0', 'the deployment', deploys);
    await world.handle().terminate('a test presses Terminate');
    await untilWhole();
  });

  it('terminated in the middle of a rollback: the rollback ends what it began', async () => {
    await releaseUntil('1.3.1', 'the rollback', rollsBack);
    await world.handle().terminate('a test presses Terminate');
    await untilWhole();
    expect((await world.client.workflow.getHandle(rollbackId()).describe()).status.name).toBe('COMPLETED');
  });

  it('reset in the middle of a deployment: it joins the one that runs, and says how it ended', async () => {
    await releaseUntil('1.3.2', 'the deployment', deploys);
    await resetBeforeDeployment();
    const record = await world.ended();
    expect(record.outcome, record.ending).toBe('rolled_back');
    await untilWhole();
  });

  it('reset in the middle of a rollback: the same', async () => {
    await releaseUntil('1.3.3', 'the rollback', rollsBack);
    await resetBeforeDeployment();
    const record = await world.ended();
    expect(record.outcome, record.ending).toBe('rolled_back');
    expect(record.ending).toMatch(/error_rate/);
    await untilWhole();
  });
});
