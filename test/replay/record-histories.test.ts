import { afterAll, describe, expect, it } from 'vitest';
import { startCustomers } from '../../src/demo/customers.ts';
import { startTraffic } from '../examples/shop-environment.ts';
import { type ReleaseWorld, startReleaseWorld } from '../support/release-world.ts';
import { type ShippingWorld, startShippingWorld } from '../support/shipping-world.ts';
import { recordHistories } from './record-histories.ts';

/** Not a test: what `node test/replay/record.ts` runs, on the shared server that vitest starts. */
describe.runIf(process.env['WINDLASS_RECORD'] === '1')('record histories', { timeout: 300_000 }, () => {
  const worlds: (ReleaseWorld | ShippingWorld)[] = [];

  afterAll(async () => {
    for (const world of worlds) await world.stop();
  });

  it('canary', async () => {
    const world = await startShippingWorld();
    worlds.push(world);
    const traffic = startTraffic(world.productionUrl, 2);
    const input = await world.describe('1.4.0', await world.pack('1.4.0'), { strategy: 'canary' });
    await world.deploy(input);
    expect((await world.finished(input)).outcome).toBe('deployed');
    await traffic.stop();
    const about = { product: world.product, root: world.world.folders.root };
    expect((await recordHistories(world.client, 'canary', about)).length).toBeGreaterThan(2);
  });

  it.each([
    { name: 'minor-release', bad: false, outcome: 'released' },
    { name: 'rolled-back-release', bad: true, outcome: 'rolled_back' },
  ])('$name', async ({ name, bad, outcome }) => {
    const scene = await startReleaseWorld({ bad });
    worlds.push(scene);
    const customers = startCustomers(`http://127.0.0.1:${scene.world.plot.ports.production}`);
    await scene.start();
    const record = await scene.approveEverything(250_000);
    await customers.stop();
    expect(record.outcome, record.ending).toBe(outcome);
    const about = { product: scene.product, root: scene.world.folders.root };
    expect((await recordHistories(scene.client, name, about)).length).toBeGreaterThan(2);
  });
});
