import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATUS_QUERY } from '../../src/contracts/commands.ts';
import { workflowQueue } from '../../src/contracts/task-queues.ts';
import { deployVersionWorkflowId, WORKFLOW_TYPES } from '../../src/contracts/workflow-ids.ts';
import type { DeployVersionInput } from '../../src/contracts/workflows.ts';
import { openGate, type ReleaseRecord } from '../../src/release/record/record.ts';
import type { PersonRole, ProductSettings } from '../../src/release/settings.ts';
import { startTraffic } from '../examples/shop-environment.ts';
import { requestOf, signAs } from '../support/fixture/requests.ts';
import { type ShippingWorld, startShippingWorld } from '../support/fixture/shipping-world.ts';
import { waitFor } from '../support/server/temporal-server.ts';
import { deployCanary, startRollbackBehind } from './rollback/canary-in-soak.ts';

/** What was decided while production ran one version is no decision about another. */
describe('a deployment that waits for the environment', { timeout: 300_000 }, () => {
  let world: ShippingWorld;
  let product: ProductSettings;
  let traffic: ReturnType<typeof startTraffic>;

  beforeAll(async () => {
    world = await startShippingWorld(({ products }, fixture) => {
      product = products[fixture.product]!;
    });
    traffic = startTraffic(world.productionUrl, 2);
  }, 300_000);

  afterAll(async () => {
    await traffic?.stop();
    await world?.stop();
  });

  const askFor = (roles: PersonRole[]) => {
    for (const policy of Object.values(product.policy)) policy.goLiveApprovals = roles;
  };

  it('is asked anew where a newer version went live meanwhile, and changes nothing before', async () => {
    const newer = await deployCanary(world, '1.3.0', 40_000);

    // Production runs 1.2.0 still, and 1.2.0 is to be deployed once more: nothing newer is in sight.
    askFor(['ceo']);
    const input: DeployVersionInput = {
      request: { ...requestOf(world.product), version: '1.2.0' },
      environment: 'production',
    };
    const handle = await world.client.workflow.start(WORKFLOW_TYPES.deployVersion, {
      workflowId: deployVersionWorkflowId(world.product, 'production'),
      taskQueue: workflowQueue(world.product),
      args: [input],
    });
    const asked = async (what: string, matches: (title: string) => boolean) =>
      await waitFor(
        what,
        async () => {
          const record = await handle.query<ReleaseRecord>(STATUS_QUERY);
          const gate = openGate(record, 'go_live');
          return gate && matches(gate.title) ? { record, gate } : undefined;
        },
        200_000,
      );
    const { gate, record } = await asked('the question', () => true);
    askFor([]);
    expect(gate.title).not.toContain('in place of');
    const { releaseId } = record;
    const { subject } = gate;
    const said = { name: 'approve', releaseId, role: 'ceo', gate: 'go_live', subject } as const;
    await handle.signal('approve', signAs(world.fixture, 'ceo', said));

    expect((await world.finished(newer)).outcome).toBe('deployed');
    const again = await asked('the new question', (title) => title.endsWith('in place of 1.3.0?'));
    expect(again.record.plan?.concerns[0]).toBe('it takes the place of 1.3.0, which is newer');
    expect(again.gate).toMatchObject({ decisions: [], subject: expect.not.stringMatching(subject) });
    expect((await world.production()).version).toBe('1.3.0');

    const abort = { name: 'abort', releaseId, reason: '1.3.0 is good' } as const;
    await handle.signal('abort', signAs(world.fixture, 'operator', abort));
    await handle.result();
    await world.untilWhole('1.3.0');
  });

  it('and a rollback that waits takes back the version that it was about, not one that went live meanwhile', async () => {
    const newer = await deployCanary(world, '1.4.0', 15_000);
    // Production runs 1.3.0 still: that is to go, and its turn comes when 1.4.0 is live.
    const rollback = await startRollbackBehind(world, newer, { bad: '1.3.0', to: '1.2.0' });
    expect((await world.finished(newer)).outcome).toBe('deployed');
    expect(await rollback.result()).toMatchObject({
      outcome: 'replaced',
      reason: 'production runs 1.4.0 by now, and not 1.3.0',
      deployed: { version: '1.4.0' },
    });
    await world.untilWhole('1.4.0');
  });
});
