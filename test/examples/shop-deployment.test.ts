import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  factsOf,
  isRunning,
  type ShopEnvironment,
  sendRequests,
  startEnvironment,
  startTraffic,
  waitUntil,
} from './shop-environment.ts';
import { packReleasedShop, packShop, type ShopPackage } from './shop-packages.ts';

let temporary: string;
let older: ShopPackage;
let newer: ShopPackage;
let crashing: ShopPackage;
let shop: ShopEnvironment;

beforeAll(() => {
  temporary = mkdtempSync(path.join(tmpdir(), 'windlass-deployment-'));
  older = packReleasedShop(temporary, '1.2.0');
  newer = packShop(temporary, '1.3.0');
  crashing = packShop(temporary, '1.3.1', 'crash-at-start');
});

beforeEach(async () => {
  shop = await startEnvironment({ temporary });
  await shop.release(older, 'blue');
});

afterEach(async () => {
  const pids = await shop.pids();
  await shop.stop();
  expect(pids.filter(isRunning)).toEqual([]);
});

afterAll(() => rmSync(temporary, { recursive: true, force: true }));

/** Lets so many more requests through. */
function afterRequests(traffic: { sent: () => number }, count: number): Promise<void> {
  const until = traffic.sent() + count;
  return waitUntil(() => traffic.sent() >= until);
}

describe('blue-green', () => {
  it('switches under load without one failed request, and back again', async () => {
    const traffic = startTraffic(shop.url);
    await afterRequests(traffic, 100);
    const { slot, url } = await shop.succeed('deploy', {
      ...factsOf(newer),
      WINDLASS_STRATEGY: 'blue-green',
    });
    expect(slot).toBe('green');
    await shop.succeed('migrate', factsOf(newer));
    const onSlot = { WINDLASS_VERSION: '1.3.0', WINDLASS_SLOT: 'green', WINDLASS_TARGET_URL: url };
    await shop.succeed('verify', onSlot);
    await shop.succeed('smoke', onSlot);
    expect((await shop.status()).version).toBe('1.2.0');

    await shop.succeed('traffic', { WINDLASS_SLOT: 'green', WINDLASS_TRAFFIC_PERCENT: 100 });
    await shop.succeed('verify', { WINDLASS_VERSION: '1.3.0', WINDLASS_TARGET_URL: shop.url });
    await afterRequests(traffic, 100);
    const status = await shop.status();
    expect(status).toMatchObject({ version: '1.3.0', active: 'green', generation: 1, instances: 2 });
    expect(status.slots.blue).toMatchObject({ version: '1.2.0', percent: 0, healthy: true });
    expect(status.slots.green).toMatchObject({ version: '1.3.0', percent: 100, healthy: true, url });

    const back = await shop.succeed('rollback', { WINDLASS_VERSION: '1.2.0' });
    expect(back).toMatchObject({ slot: 'blue', how: 'warm', stopped: 'green' });
    await afterRequests(traffic, 100);
    const { failures, versions } = await traffic.stop();
    expect(failures).toEqual([]);
    expect(versions['1.2.0']).toBeGreaterThan(100);
    expect(versions['1.3.0']).toBeGreaterThan(100);
    expect((await sendRequests(shop.url, 10)).versions).toEqual({ '1.2.0': 10 });
  });

  it('leaves the slot as it was when the new version does not start, and shows its last words', async () => {
    const before = await shop.status();
    const { code, log } = await shop.run('deploy', { ...factsOf(crashing), WINDLASS_SLOT: 'blue' });
    expect(code).toBe(1);
    expect(log).toContain('Cannot read the price list');
    expect(log).toContain('ended with exit code 1');
    const after = await shop.status();
    expect(after.slots).toEqual(before.slots);
    expect((await sendRequests(shop.url, 10)).versions).toEqual({ '1.2.0': 10 });
  });

  it('gives no traffic to a slot where nothing is healthy', async () => {
    const { code, log } = await shop.run('traffic', { WINDLASS_SLOT: 'green', WINDLASS_TRAFFIC_PERCENT: 10 });
    expect(code).toBe(1);
    expect(log).toContain('No instance on green is healthy');
    expect((await shop.status()).slots.blue.percent).toBe(100);
  });
});

describe('canary', () => {
  it('deals out exactly the share that was asked for', async () => {
    await shop.succeed('deploy', factsOf(newer));
    for (const percent of [10, 50, 100, 0]) {
      await shop.succeed('traffic', { WINDLASS_SLOT: 'green', WINDLASS_TRAFFIC_PERCENT: percent });
      const { versions, failures } = await sendRequests(shop.url, 200);
      expect(failures).toEqual([]);
      expect(versions['1.3.0'] ?? 0).toBe(2 * percent);
    }
  });
});

describe('rolling', () => {
  it('replaces one instance after the other under load without one failed request', async () => {
    const traffic = startTraffic(shop.url);
    for (const instance of [1, 2]) {
      const facts = { ...factsOf(newer), WINDLASS_STRATEGY: 'rolling', WINDLASS_INSTANCE: instance };
      expect((await shop.succeed('deploy', facts)).slot).toBe('blue');
      if (instance === 1) await shop.succeed('migrate', factsOf(newer));
      await shop.succeed('verify', { ...facts, WINDLASS_TARGET_URL: shop.url });
      const { version, slots } = await shop.status();
      expect(slots.blue.instances.map((one: { version: string }) => one.version)).toEqual(
        instance === 1 ? ['1.3.0', '1.2.0'] : ['1.3.0', '1.3.0'],
      );
      expect(version).toBe(instance === 1 ? '1.2.0' : '1.3.0');
      await afterRequests(traffic, 50);
    }
    expect((await traffic.stop()).failures).toEqual([]);
  });

  it('is put right where it stopped half-way', async () => {
    await shop.succeed('deploy', { ...factsOf(newer), WINDLASS_STRATEGY: 'rolling', WINDLASS_INSTANCE: 1 });
    const traffic = startTraffic(shop.url);
    const failed = await shop.run('deploy', { ...factsOf(crashing), WINDLASS_INSTANCE: 2 });
    expect(failed.code).toBe(1);
    const back = await shop.succeed('rollback', { WINDLASS_VERSION: '1.2.0' });
    expect(back).toMatchObject({ slot: 'blue', how: 'redeployed' });
    expect((await traffic.stop()).failures).toEqual([]);
    const { slots } = await shop.status();
    expect(slots.blue.instances.map((one: { version: string }) => one.version)).toEqual(['1.2.0', '1.2.0']);
  });
});

describe('the database', () => {
  it('comes back from its backup, and no request fails meanwhile', async () => {
    const before = await stockOf(shop.url, 'bell');
    const { backup, file, sha256 } = await shop.succeed('backup');
    expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(sha256);
    await buyBells(shop.url, 3);
    expect(await stockOf(shop.url, 'bell')).toBe(before - 3);

    const readers = startTraffic(shop.url, 3);
    await shop.succeed('restore', { WINDLASS_BACKUP: backup });
    expect((await readers.stop()).failures).toEqual([]);
    expect(await stockOf(shop.url, 'bell')).toBe(before);
  });

  it('is not replaced by a backup that was tampered with, or that does not exist', async () => {
    const { backup, file } = await shop.succeed('backup');
    await buyBells(shop.url, 1);
    const stock = await stockOf(shop.url, 'bell');
    writeFileSync(file, 'not what was taken');
    const tampered = await shop.run('restore', { WINDLASS_BACKUP: backup });
    const unknown = await shop.run('restore', { WINDLASS_BACKUP: 'backup-000000000000' });
    expect([tampered.code, unknown.code]).toEqual([1, 1]);
    expect(tampered.log).toContain('is not what was taken (sha256 differs). Nothing was changed.');
    expect(unknown.log).toContain('There is no backup "backup-000000000000"');
    expect(await stockOf(shop.url, 'bell')).toBe(stock);
  });

  it('is migrated once: a second migration finds nothing to do', async () => {
    expect(await shop.succeed('migrate', factsOf(newer))).toEqual({ applied: ['006_reviews.sql'] });
    expect(await shop.succeed('migrate', factsOf(newer))).toEqual({ applied: [] });
    const fresh = await startEnvironment({ temporary });
    try {
      await fresh.succeed('deploy', factsOf(older));
      const { applied } = await fresh.succeed('migrate', factsOf(older));
      expect(applied[0]).toBe('001_catalogue.sql');
      expect(await fresh.succeed('migrate', factsOf(older))).toEqual({ applied: [] });
    } finally {
      await fresh.stop();
    }
  });
});

async function stockOf(url: string, sku: string): Promise<number> {
  const product = (await (await fetch(`${url}/products/${sku}`)).json()) as { stock: number };
  return product.stock;
}

async function buyBells(url: string, quantity: number): Promise<void> {
  const send = async (method: string, target: string, body?: unknown) => {
    const response = await fetch(`${url}${target}`, {
      method,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    expect(response.ok).toBe(true);
    return (await response.json()) as { id: string };
  };
  const { id } = await send('POST', '/carts');
  await send('PUT', `/carts/${id}/items/bell`, { quantity });
  await send('POST', '/orders', { cart: id, email: 'test@shop.example' });
}
