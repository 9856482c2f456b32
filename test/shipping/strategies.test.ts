import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StrategyName } from '../../src/release/policy/strategies.ts';
import type { StoreRef } from '../../src/release/store-ref.ts';
import { sendRequests, startTraffic } from '../examples/shop-environment.ts';
import { type ShippingWorld, startShippingWorld } from '../support/fixture/shipping-world.ts';

/** Each strategy on the example's real processes, while customers send requests without pause. */
describe('strategies under load', () => {
  let world: ShippingWorld;

  beforeAll(async () => {
    world = await startShippingWorld();
  });

  afterAll(async () => {
    await world?.stop();
  });

  const shipUnderLoad = async (version: string, strategy: StrategyName, artifact?: StoreRef) => {
    const input = await world.describe(version, artifact ?? (await world.pack(version)), { strategy });
    const traffic = startTraffic(world.productionUrl, 3);
    try {
      await world.deploy(input);
      const result = await world.finished(input);
      return { input, result, told: await world.told(input), traffic: await traffic.stop() };
    } finally {
      await traffic.stop();
    }
  };

  it('blue-green switches without one failed request, and keeps the old slot warm', async () => {
    const { result, traffic } = await shipUnderLoad('1.3.0', 'blue-green');
    expect(result).toMatchObject({ outcome: 'deployed', monitoring: 'passed' });
    expect(traffic.failures).toEqual([]);
    expect(Object.keys(traffic.versions).sort()).toEqual(['1.2.0', '1.3.0']);
    const status = await world.untilWhole('1.3.0');
    const old = Object.values(status.slots).find((slot) => slot.percent === 0);
    expect(old).toMatchObject({ version: '1.2.0', healthy: true });
  });

  it('rolling replaces instance by instance, each verified before the next', async () => {
    const { result, told, traffic } = await shipUnderLoad('1.3.1', 'rolling');
    expect(result.outcome).toBe('deployed');
    expect(traffic.failures).toEqual([]);
    const shares = told.flatMap((event) =>
      event.event === 'environment' && event.news?.is === 'instances' ? [event.environment.share] : [],
    );
    expect(shares).toEqual([50, 100]);
    await world.untilWhole('1.3.1');
  });

  it('a canary gives each step its share of the real traffic, and soaks before the next', async () => {
    const input = await world.describe('1.4.0', await world.pack('1.4.0'), { strategy: 'canary' });
    const traffic = startTraffic(world.productionUrl, 3);
    await world.deploy(input);
    const shares: number[] = [];
    for (const percent of [10, 50]) {
      await world.untilTold(
        input,
        `the soak at ${percent} %`,
        (event) => event.event === 'step_started' && event.id === `production.soak_${percent}`,
      );
      const seen = await sendRequests(world.productionUrl, 400);
      shares.push((100 * (seen.versions['1.4.0'] ?? 0)) / seen.requests);
    }
    expect((await world.finished(input)).outcome).toBe('deployed');
    expect((await traffic.stop()).failures).toEqual([]);
    // 400 requests: three standard deviations are 4.5 and 7.5 points.
    expect(shares[0]).toBeGreaterThan(5);
    expect(shares[0]).toBeLessThan(15);
    expect(shares[1]).toBeGreaterThan(42);
    expect(shares[1]).toBeLessThan(58);
    await world.untilWhole('1.4.0');
  });

  it('immediate replaces all instances at once, and verifies them afterwards', async () => {
    const { result, traffic } = await shipUnderLoad('1.4.1', 'immediate');
    expect(result.outcome).toBe('deployed');
    expect(traffic.failures).toEqual([]);
    await world.untilWhole('1.4.1');
  });
});
