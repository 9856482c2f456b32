import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INTERNAL_SIGNALS } from '../../src/contracts/internal-signals.ts';
import { deploymentWorkflowId, rollbackWorkflowId } from '../../src/contracts/workflow-ids.ts';
import type { DeploymentInput, RollbackResult } from '../../src/contracts/workflows.ts';
import { startTraffic } from '../examples/shop-environment.ts';
import { personWith } from '../support/fixture/demo.ts';
import { signAs } from '../support/fixture/requests.ts';
import { type ShippingWorld, startShippingWorld } from '../support/fixture/shipping-world.ts';
import { type GateProxy, startGateProxy } from '../support/network/gate-proxy.ts';
import { waitFor } from '../support/server/temporal-server.ts';

/** What an operator can do to running workflows from the Temporal Web UI, in the middle of a change. */
describe('from outside, in the middle of a change', { timeout: 120_000 }, () => {
  let world: ShippingWorld;
  let traffic: ReturnType<typeof startTraffic>;
  /** In front of production's supervisor: a rollback that waits there cannot be missed. */
  let supervisor: GateProxy;

  beforeAll(async () => {
    let control = '';
    supervisor = await startGateProxy(() => control);
    world = await startShippingWorld(({ products }, fixture) => {
      control = `http://127.0.0.1:${fixture.ports.productionControl}`;
      const production = products[fixture.product]?.environments.find((e) => e.kind === 'production');
      if (production) production.variables['SHOP_SUPERVISOR'] = supervisor.url;
    });
    traffic = startTraffic(world.productionUrl, 2);
  });

  afterAll(async () => {
    await traffic?.stop();
    await world?.stop();
    await supervisor?.stop();
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

  /** As the API passes it on: signed, for this very deployment. */
  const pressRollback = async (input: DeploymentInput) => {
    const { name: person } = personWith(world.fixture, 'on_call');
    const signed = signAs(world.fixture, 'on_call', { name: 'rollback', releaseId: input.releaseId });
    const steer = {
      what: 'rollback',
      by: person,
      reason: 'a test presses Roll back',
      verified: true,
      signed,
    };
    await world.client.workflow.getHandle(idOf(input)).signal(INTERNAL_SIGNALS.steer, steer);
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
    const input = await startCanary('1.3.3');
    supervisor.hold('/rollback');
    await pressRollback(input);
    const rollbackId = rollbackWorkflowId(world.product, 'production');
    /** The run that holds the lease, and whose script has got as far as the supervisor. */
    const rollbackInForce = async (what: string, other?: string) =>
      await waitFor(
        what,
        async () => {
          const { holder } = await world.lease();
          const inForce = holder?.holder === rollbackId && holder.runId !== other;
          return inForce && supervisor.waiting('/rollback') > 0 ? holder.runId : undefined;
        },
        90_000,
      );
    const first = await rollbackInForce('the rollback to be in the middle of its script');
    await world.client.workflow.getHandle(rollbackId).terminate('a test presses Terminate');
    await waitFor('the script of the dead to end', () => supervisor.waiting('/rollback') === 0, 300_000);
    await rollbackInForce('another rollback to be begun by the environment', first);
    await reset(rollbackId);
    supervisor.open('/rollback');
    const result = (await world.client.workflow.getHandle(rollbackId).result()) as RollbackResult;
    expect(result).toMatchObject({ outcome: 'back', helped: true });
    expect(await world.finished(input)).toMatchObject({ outcome: 'put_back' });
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
    expect(failures).toEqual([]);
  });
});
