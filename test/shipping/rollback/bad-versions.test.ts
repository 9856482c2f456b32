import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeploymentInput } from '../../../src/contracts/workflows.ts';
import { startTraffic } from '../../examples/shop-environment.ts';
import { type ShippingWorld, startShippingWorld } from '../../support/fixture/shipping-world.ts';

/** Versions that are bad in each way that the example knows; 1.2.0 is what must answer again. */
describe('a bad version', { timeout: 120_000 }, () => {
  let world: ShippingWorld;

  beforeAll(async () => {
    world = await startShippingWorld();
  });

  afterAll(async () => {
    await world?.stop();
  });

  const ship = async (version: string, fault: string, more: Partial<DeploymentInput>) => {
    const input = await world.describe(version, await world.pack(version, fault), more);
    const traffic = startTraffic(world.productionUrl, 3);
    try {
      await world.deploy(input);
      const result = await world.finished(input);
      await world.untilWhole('1.2.0');
      return { result, told: await world.told(input), traffic: await traffic.stop() };
    } finally {
      await traffic.stop();
    }
  };
  const watched = (windowMs: number) => ({
    monitoring: { level: 'standard' as const, windowMs, intervalMs: 1_000 },
  });

  it('that crashes at start never gets a customer', async () => {
    const { result, traffic } = await ship('1.3.1', 'crash-at-start', { strategy: 'blue-green' });
    expect(result.outcome).toBe('put_back');
    expect(result.reason).toMatch(/production deploy .* ended with/);
    expect(traffic.failures).toEqual([]);
    expect(Object.keys(traffic.versions)).toEqual(['1.2.0']);
  });

  it('that crashes at start stops a rolling deployment at its first instance', async () => {
    const { result, told, traffic } = await ship('1.3.2', 'crash-at-start', { strategy: 'rolling' });
    expect(result.outcome).toBe('put_back');
    expect(told.filter((event) => event.event === 'environment' && event.news?.is === 'instances')).toEqual(
      [],
    );
    expect(traffic.failures).toEqual([]);
  });

  it('that breaks checkout by its migration is found in the idle slot', async () => {
    const { result, traffic } = await ship('1.3.3', 'breaks-after-migration', { strategy: 'blue-green' });
    expect(result.outcome).toBe('put_back');
    expect(result.reason).toMatch(/smoke/);
    expect(traffic.failures).toEqual([]);
    expect(Object.keys(traffic.versions)).toEqual(['1.2.0']);
  });

  it('with 5 % errors is caught while it is a canary', async () => {
    const { result, told, traffic } = await ship('1.3.4', 'errors-5-percent', { strategy: 'canary' });
    expect(result.outcome).toBe('put_back');
    expect(result.reason).toMatch(/error_rate/);
    const shares = told.flatMap((event) => (event.event === 'environment' ? [event.environment.share] : []));
    expect(shares).not.toContain(100);
    expect(traffic.failures.every((failure) => failure.endsWith('by 1.3.4'))).toBe(true);
  });

  it('with a slow tail is rolled back by its p99', async () => {
    const { result } = await ship('1.3.5', 'slow-tail', { strategy: 'rolling', ...watched(30_000) });
    expect(result).toMatchObject({ outcome: 'rolled_back' });
    expect(result.reason).toMatch(/p99/);
  });

  it('that leaks is rolled back by its saturation', async () => {
    const { result } = await ship('1.3.6', 'leak', { strategy: 'immediate', ...watched(90_000) });
    expect(result).toMatchObject({ outcome: 'rolled_back' });
    expect(result.reason).toMatch(/saturation/);
  }, 300_000);

  it('that gets unhealthy after a minute is rolled back then', async () => {
    const { result } = await ship('1.3.7', 'unhealthy-after-a-minute', { ...watched(120_000) });
    expect(result).toMatchObject({ outcome: 'rolled_back' });
    expect(result.reason).toMatch(/front_door|error_rate/);
  }, 300_000);
});
