import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deploymentWorkflowId, rollbackWorkflowId } from '../../src/contracts/workflow-ids.ts';
import type { DeploymentInput, RollbackResult } from '../../src/contracts/workflows.ts';
import { startTraffic } from '../examples/shop-environment.ts';
import { type ShippingWorld, startShippingWorld } from '../support/shipping-world.ts';
import { waitFor } from '../support/temporal-server.ts';

/** What an operator can do to running workflows from the Temporal Web UI, in the middle of a change. */
describe('from outside, in the middle of a change', { timeout: 120_000 }, () => {
  let world: ShippingWorld;
  let traffic: ReturnType<typeof startTraffic>;

  beforeAll(async () => {
    world = await startShippingWorld();
    traffic = startTraffic(world.productionUrl, 2);
  });

  afterAll(async () => {
    await traffic?.stop();
    await world?.stop();
  });

  const idOf = (input: DeploymentInput) =>
    deploymentWorkflowId(input.product, input.environment.name, input.releaseId, input.round);
  const startCanary = async (version: string) => {
    const input = await world.describe(version, await world.pack(version), { strategy: 'canary' });
    await world.deploy(input);
    await world.untilTold(
      input,
      'the soak at 10 %',
      (event) => event.event === 'step_started' && event.id === 'production.soak_10',
    );
    return input;
  };
  /** Resets the workflow to after its first task, as the Web UI's button does. */
  const reset = async (workflowId: string) => {
    const history = await world.client.workflow.getHandle(workflowId).fetchHistory();
    const first = history.events?.find((event) => event.workflowTaskCompletedEventAttributes);
    const description = await world.client.workflow.getHandle(workflowId).describe();
    if (!first?.eventId) throw new Error('there is no task to reset to');
    await world.client.workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId, runId: description.runId },
      reason: 'a test presses Reset',
      requestId: randomUUID(),
      workflowTaskFinishEventId: first.eventId,
    });
  };

  it('a deployment that is terminated while it is a canary is put back by its environment', async () => {
    const input = await startCanary('1.3.1');
    await world.client.workflow.getHandle(idOf(input)).terminate('a test presses Terminate');
    const status = await world.untilWhole('1.2.0');
    expect(status.generation).toBeGreaterThanOrEqual(2);
  });

  it('a deployment that is reset goes on, and does nothing twice', async () => {
    const input = await startCanary('1.3.2');
    await reset(idOf(input));
    expect((await world.finished(input)).outcome).toBe('deployed');
    const status = await world.untilWhole('1.3.2');
    const effects = await world.effects();
    const deploys = effects.filter((key) => key.startsWith(`${input.releaseId}/deploy/`));
    expect(deploys).toHaveLength(1);
    expect(status.slots.blue.version === '1.2.0' || status.slots.green.version === '1.2.0').toBe(true);
  });

  it('a rollback that is terminated is begun again, and one that is reset goes on', async () => {
    // The rollback script hangs until the supervisor answers: the version crashes only in the soak.
    const bad = await world.describe('1.3.3', await world.pack('1.3.3', 'errors-5-percent'), {
      strategy: 'canary',
    });
    await world.deploy(bad);
    const rollbackId = rollbackWorkflowId(world.product, 'production');
    const rollbackRun = async (other?: string) =>
      await waitFor(
        'a rollback to run',
        async () => {
          const description = await world.client.workflow
            .getHandle(rollbackId)
            .describe()
            .catch(() => undefined);
          return description?.status.name === 'RUNNING' && description.runId !== other
            ? description.runId
            : undefined;
        },
        90_000,
      );
    const first = await rollbackRun();
    await waitFor(
      'the rollback to hold the lease',
      async () => (await world.lease()).holder?.holder === rollbackId,
    );
    await world.client.workflow.getHandle(rollbackId).terminate('a test presses Terminate');
    const second = await rollbackRun(first);
    expect(second).not.toBe(first);
    await waitFor('it to hold the lease', async () => (await world.lease()).generation > 0);
    await reset(rollbackId);
    const result = (await world.client.workflow.getHandle(rollbackId).result()) as RollbackResult;
    expect(result).toMatchObject({ outcome: 'back', helped: true });
    await world.untilWhole('1.3.2');
  }, 300_000);

  it('monitoring that is terminated is begun again: nothing was found to be wrong', async () => {
    const input = await world.describe('1.3.4', await world.pack('1.3.4'), {});
    await world.deploy(input);
    await world.untilTold(
      input,
      'the window',
      (event) => event.event === 'step_started' && event.id === 'monitoring.window',
    );
    const monitoringId = `${idOf(input).replace(/^deployment/, 'monitoring')}/window/1`;
    await waitFor('monitoring to run', async () =>
      world.client.workflow
        .getHandle(monitoringId)
        .describe()
        .then(() => true)
        .catch(() => false),
    );
    await world.client.workflow.getHandle(monitoringId).terminate('a test presses Terminate');
    expect(await world.finished(input)).toMatchObject({ outcome: 'deployed', monitoring: 'passed' });
    await world.untilWhole('1.3.4');
  });

  it('loses no customer’s request through any of it', async () => {
    const { failures } = await traffic.stop();
    // The canary that was bad on purpose answers badly while it has traffic; nothing else may.
    expect(failures.filter((failure) => !failure.endsWith('by 1.3.3'))).toEqual([]);
  });
});
