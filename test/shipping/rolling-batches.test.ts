import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EnvironmentSettings } from '../../src/release/settings.ts';
import { type ShopEnvironment, startEnvironment, startTraffic } from '../examples/shop-environment.ts';
import { packShop } from '../examples/shop-packages.ts';
import { type ShippingWorld, startShippingWorld } from '../support/fixture/shipping-world.ts';
import { type GateProxy, startGateProxy } from '../support/network/gate-proxy.ts';

/** Four instances of the example's real processes, two of them at a time, while customers send requests. */
describe('a rolling deployment in batches', () => {
  let temporary: string;
  let world: ShippingWorld;
  let shop: ShopEnvironment;
  let supervisor: GateProxy;
  let production: EnvironmentSettings;

  beforeAll(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'windlass-batches-'));
    shop = await startEnvironment({ temporary, environment: 'production', instances: 4 });
    await shop.release(packShop(temporary, '1.2.0'), 'blue');
    supervisor = await startGateProxy(() => shop.control);
    world = await startShippingWorld(({ products }, fixture) => {
      const found = products[fixture.product]?.environments.find((e) => e.kind === 'production');
      if (!found) throw new Error('the world has no production');
      production = found;
      Object.assign(production, { url: shop.url, instances: 4, rollingBatch: 2, checks: [] });
      production.variables['SHOP_SUPERVISOR'] = supervisor.url;
    });
  });

  afterAll(async () => {
    await world?.stop();
    await supervisor?.stop();
    await shop?.stop();
    await rm(temporary, { recursive: true, force: true });
  });

  const ship = async (version: string) => {
    const input = await world.describe(version, await world.pack(version), { strategy: 'rolling' });
    const traffic = startTraffic(shop.url, 3);
    try {
      await world.deploy(input);
      const result = await world.finished(input);
      const told = await world.told(input);
      return { result, told, traffic: await traffic.stop() };
    } finally {
      await traffic.stop();
    }
  };
  const versions = async (): Promise<string[]> => {
    const { slots, active } = await shop.status();
    return slots[active].instances.map((instance: { version: string }) => instance.version);
  };

  it('that meets a bad batch stops there, and the touched ones are put back', async () => {
    const asked: unknown[] = [];
    supervisor.refuse('/deploy', ({ instance }) => {
      asked.push(instance);
      return instance === 3;
    });
    const { result, told, traffic } = await ship('1.3.1');
    supervisor.refuse('/deploy', undefined);
    expect(result.outcome).toBe('put_back');
    expect(new Set(asked)).toEqual(new Set([1, 2, 3, 4]));
    const batches = told.filter((event) => event.event === 'environment' && event.news?.is === 'instances');
    expect(batches).toHaveLength(1);
    expect(await versions()).toEqual(Array(4).fill('1.2.0'));
    expect(traffic.failures).toEqual([]);
  });

  it('verifies two by two, and loses no request', async () => {
    const { result, told, traffic } = await ship('1.3.2');
    expect(result.outcome).toBe('deployed');
    const notes = told.flatMap((event) =>
      event.event === 'environment' && event.news?.is === 'instances' && event.news.first < event.news.last
        ? [[`instances ${event.news.first} to ${event.news.last}`, event.environment.share]]
        : [],
    );
    expect(notes).toEqual([
      ['instances 1 to 2', 50],
      ['instances 3 to 4', 100],
    ]);
    expect(await versions()).toEqual(Array(4).fill('1.3.2'));
    expect(traffic.failures).toEqual([]);
  });
});
