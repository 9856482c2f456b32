import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { viewChecklist } from '../../src/release/views/mission-checklist.ts';
import { createFileEnvironments, type FileEnvironments } from '../support/environment/file-environments.ts';
import { commitToMain, type GreeterWorld, startGreeterWorld } from '../support/fixture/greeter-world.ts';

const STRATEGIES = ['rolling', 'immediate'] as const;

/** Neither has an idle slot in which a version could be smoked before it is there. */
describe('staging', { timeout: 600_000 }, () => {
  let world: GreeterWorld;
  let environments: FileEnvironments;

  beforeAll(async () => {
    world = await startGreeterWorld((product) => {
      const origin = String(product['repository']);
      environments = createFileEnvironments(origin, ['staging', 'production']);
      commitToMain({ root: dirname(origin), origin }, ['build: nothing']);
      product['release'] = { deployment_strategy: 'rolling' };
      product['environments'] = environments.describe();
      product['critical_paths'] = ['Buy a cup'];
    });
    const { channels, products } = world.installation;
    // Nobody hears of anything, the CEO least of all.
    channels['ceo'] = [];
    products[world.product]!.environments[0]!.url = 'https://staging.example/greeter';
    for (const name of ['staging', 'production']) environments.put(name, '1.0.0');
  });

  afterAll(async () => {
    await world?.stop();
  });

  it.each(STRATEGIES)(
    'is smoked by script, then by hand at its address, before the sign-off: %s',
    async (strategy) => {
      for (const policy of Object.values(world.installation.products[world.product]!.policy))
        policy.strategy = strategy;
      if (strategy !== STRATEGIES[0]) commitToMain(world, ['fix: greet the moon']);
      await world.start();
      const record = await world.approveEverything(300_000);
      expect(record.outcome, record.ending).toBe('released');
      const gate = record.approvals.find(({ key }) => key === 'manual_smoke');
      expect(gate?.title).toContain('in staging: https://staging.example/greeter');
      expect(gate?.asks).toEqual(['Buy a cup']);
      const stepOf = (id: string) => record.steps.find((step) => step.id === id);
      expect(stepOf('staging.smoke')).toMatchObject({ status: 'done', role: 'qa' });
      expect(String(stepOf('staging.deployment')?.endedAt) <= String(gate?.openedAt)).toBe(true);
      const order = ['staging.smoke', 'staging.manual_smoke', 'staging.sign_off'];
      expect(record.steps.map(({ id }) => id).filter((id) => order.includes(id))).toEqual(order);
      const signOff = record.approvals.find(({ key }) => key === 'staging_sign_off');
      expect(signOff?.asks).toHaveLength(1);
      const lines = viewChecklist(record).flatMap(({ items }) => items);
      const told = lines.find(({ label }) => label === 'CEO notified');
      expect(told).toMatchObject({ status: 'not_configured', detail: 'no channel "ceo" is configured' });
    },
  );
});
