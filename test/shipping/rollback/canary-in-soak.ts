/** A canary that holds production's lease while it soaks, and what waits behind it. */
import type { WorkflowHandle } from '@temporalio/client';
import { workflowQueue } from '../../../src/contracts/task-queues.ts';
import { rollbackWorkflowId, WORKFLOW_TYPES } from '../../../src/contracts/workflow-ids.ts';
import type { DeploymentInput, RollbackInput } from '../../../src/contracts/workflows.ts';
import { requestOf } from '../../support/fixture/requests.ts';
import type { ShippingWorld } from '../../support/fixture/shipping-world.ts';

/** Deploys a version as a canary of ten percent, and gives it back in its soak of `soakMs`. */
export async function deployCanary(
  world: ShippingWorld,
  version: string,
  soakMs: number,
): Promise<DeploymentInput> {
  const described = await world.describe(version, await world.pack(version), { strategy: 'canary' });
  const steps = [
    { percent: 10, soakMs },
    { percent: 100, soakMs: 1_000 },
  ];
  const canary = { ...described, environment: { ...described.environment, canary: { steps } } };
  await world.deploy(canary);
  await world.untilTold(canary, 'the soak', (event) => 'id' in event && event.id === 'production.soak_10');
  return canary;
}

/** Starts a rollback of `bad`, which waits for the canary to be done with production. */
export async function startRollbackBehind(
  world: ShippingWorld,
  canary: DeploymentInput,
  { bad, to }: { bad: string; to: string },
): Promise<WorkflowHandle> {
  const input: RollbackInput = {
    releaseId: requestOf(world.product).releaseId,
    product: world.product,
    environment: canary.environment,
    bad: { version: bad, commit: canary.commit },
    to: { version: to },
    strategy: 'blue-green',
    reason: `somebody wants ${to} back`,
    by: 'ben',
    round: 1,
  };
  return await world.client.workflow.start(WORKFLOW_TYPES.rollback, {
    workflowId: rollbackWorkflowId(world.product, 'production'),
    taskQueue: workflowQueue(world.product),
    args: [input],
  });
}
