import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INTERNAL_SIGNALS } from '../../../src/contracts/internal-signals.ts';
import { deploymentWorkflowId } from '../../../src/contracts/workflow-ids.ts';
import type { DeploymentInput } from '../../../src/contracts/workflows.ts';
import { startTraffic } from '../../examples/shop-environment.ts';
import { personWith } from '../../support/fixture/demo.ts';
import { signAs } from '../../support/fixture/requests.ts';
import { type ShippingWorld, startShippingWorld } from '../../support/fixture/shipping-world.ts';
import { waitFor } from '../../support/server/temporal-server.ts';
import { deployCanary, startRollbackBehind } from './canary-in-soak.ts';

/** It waits for the lease that a deployment holds: so that one must never wait for it in turn. */
describe('a rollback that waits for its turn', { timeout: 600_000 }, () => {
  let world: ShippingWorld;
  let traffic: ReturnType<typeof startTraffic>;

  beforeAll(async () => {
    world = await startShippingWorld();
    traffic = startTraffic(world.productionUrl, 2);
  }, 300_000);

  afterAll(async () => {
    await traffic?.stop();
    await world?.stop();
  });

  /** A canary in its soak, and behind it a rollback of what never ran here, which says so when its turn comes. */
  const queueBehindCanary = async (version: string) => {
    const canary = await deployCanary(world, version, 300_000);
    const waiting = await startRollbackBehind(world, canary, { bad: '1.0.0', to: '0.9.0' });
    await waitFor('it to wait', async () =>
      (await world.lease()).waiting.some(({ holder }) => holder === waiting.workflowId),
    );
    return { canary, waiting };
  };

  const hasItsTurnAfterwards = async (waiting: WorkflowHandle) => {
    expect(await waiting.result()).toMatchObject({
      outcome: 'replaced',
      reason: 'production runs 1.2.0 by now, and not 1.0.0',
    });
    await world.untilWhole('1.2.0');
  };

  const handleOf = ({ product, environment, releaseId, round }: DeploymentInput) =>
    world.client.workflow.getHandle(deploymentWorkflowId(product, environment.name, releaseId, round));
  const pressRollback = async (input: DeploymentInput) => {
    const { name: by } = personWith(world.fixture, 'on_call');
    const signed = signAs(world.fixture, 'on_call', { name: 'rollback', releaseId: input.releaseId });
    const steer = { what: 'rollback', by, reason: 'a test presses Roll back', verified: true, signed };
    await handleOf(input).signal(INTERNAL_SIGNALS.steer, steer);
  };

  it('does not keep the deployment before it from going back', async () => {
    const { canary, waiting } = await queueBehindCanary('1.3.0');
    await pressRollback(canary);
    expect((await world.finished(canary)).outcome).toBe('put_back');
    await hasItsTurnAfterwards(waiting);
  });

  it('does not keep the environment from putting right what a vanished deployment left', async () => {
    const { canary, waiting } = await queueBehindCanary('1.4.0');
    await handleOf(canary).terminate('a test presses Terminate');
    await hasItsTurnAfterwards(waiting);
  });
});
