import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import {
  factsOf,
  type ShopEnvironment,
  sendRequests,
  startEnvironment,
  waitUntil,
} from './shop-environment.ts';
import { packShop, type ShopPackage } from './shop-packages.ts';

let temporary: string;
let older: ShopPackage;
const started: ShopEnvironment[] = [];

beforeAll(() => {
  temporary = mkdtempSync(path.join(tmpdir(), 'windlass-faults-'));
  older = packShop(temporary, '1.2.0');
});

afterEach(async () => {
  for (const shop of started.splice(0)) await shop.stop();
});

afterAll(() => rmSync(temporary, { recursive: true, force: true }));

/** An environment where 1.2.0 runs on blue and a bad 1.3.0 has all the traffic on green. */
async function releaseBad(fault: string, options: { environment?: string; seconds?: number } = {}) {
  const { environment = 'staging', seconds } = options;
  const variables = seconds === undefined ? {} : { SHOP_FAULT_AFTER_SECONDS: String(seconds) };
  const shop = await startEnvironment({ temporary, environment, instances: 1, variables });
  started.push(shop);
  await shop.release(older, 'blue');
  const bad = packShop(temporary, '1.3.0', fault);
  await shop.succeed('deploy', { ...factsOf(bad), WINDLASS_SLOT: 'green' });
  await shop.succeed('traffic', { WINDLASS_SLOT: 'green', WINDLASS_TRAFFIC_PERCENT: 100 });
  return { shop, bad };
}

async function measure(
  shop: ShopEnvironment,
  figure: string,
): Promise<{ value: number | null; requests?: number }> {
  const { log } = await shop.run(`measure ${figure} --version 1.3.0`);
  return JSON.parse(log);
}

it('unhealthy-after-a-minute is verified at first, and fails its health later', async () => {
  const { shop } = await releaseBad('unhealthy-after-a-minute', { seconds: 3 });
  await shop.succeed('verify', { WINDLASS_VERSION: '1.3.0', WINDLASS_TARGET_URL: shop.url });
  await waitUntil(async () => !(await shop.status()).slots.green.healthy);
  const facts = { WINDLASS_VERSION: '1.3.0', WINDLASS_SLOT: 'green', SHOP_VERIFY_SECONDS: 1 };
  expect((await shop.run('verify', facts)).log).toContain('is not healthy');
  await shop.succeed('rollback', { WINDLASS_VERSION: '1.2.0' });
  await shop.succeed('verify', { WINDLASS_VERSION: '1.2.0', WINDLASS_TARGET_URL: shop.url });
});

it('errors-5-percent fails one request in twenty, and the figures say so', async () => {
  const { shop } = await releaseBad('errors-5-percent');
  expect((await measure(shop, 'errors')).value).toBeNull();
  const { failures } = await sendRequests(shop.url, 200);
  expect(failures).toHaveLength(10);
  expect(await measure(shop, 'errors')).toMatchObject({ value: 5, requests: 200 });
  const metrics = await (await fetch(`${shop.control}/metrics`)).text();
  expect(metrics).toContain('proxy_requests_total{version="1.3.0",slot="green",code="500"} 10');
  expect(metrics).toMatch(
    /^http_requests_total\{route="\/products\/:sku",code="500",version="1.3.0".*\} 10$/m,
  );
});

it('slow-tail makes the slowest requests slower, and only those', async () => {
  const { shop } = await releaseBad('slow-tail');
  await sendRequests(shop.url, 60);
  expect((await measure(shop, 'p99')).value).toBeGreaterThan(590);
  const { p50 } = (await (await fetch(`${shop.control}/figures`)).json()) as { p50: number };
  expect(p50).toBeLessThan(300);
});

it('leak fills the memory with every request', async () => {
  const { shop } = await releaseBad('leak');
  const before = (await measure(shop, 'saturation')).value ?? Number.NaN;
  await sendRequests(shop.url, 1000);
  // 1,000 requests of 100 KiB are 98 MiB of the 256 MiB that are full.
  expect((await measure(shop, 'saturation')).value ?? 0).toBeGreaterThan(before + 0.25);
});

it('breaks-after-migration works until its migration is applied, and the old version beside it still does', async () => {
  const { shop, bad } = await releaseBad('breaks-after-migration');
  await shop.succeed('smoke', { WINDLASS_TARGET_URL: shop.url });
  expect((await shop.succeed('migrate', factsOf(bad))).applied).toEqual(['007_order_totals.sql']);
  const smoke = await shop.run('smoke', { WINDLASS_TARGET_URL: shop.url });
  expect(smoke.code).toBe(1);
  expect(smoke.log).toContain('Could not order: expected status 201, got 500');
  await shop.succeed('rollback', { WINDLASS_VERSION: '1.2.0' });
  await shop.succeed('smoke', { WINDLASS_TARGET_URL: shop.url });
});

it('breaks-in-production works in staging, and in production until its cache expires', async () => {
  const { shop: staging } = await releaseBad('breaks-in-production', { seconds: 0 });
  await staging.succeed('smoke', { WINDLASS_TARGET_URL: staging.url });
  const { shop: production } = await releaseBad('breaks-in-production', {
    environment: 'production',
    seconds: 2,
  });
  await production.succeed('smoke', { WINDLASS_TARGET_URL: production.url });
  await waitUntil(async () => (await sendRequests(production.url, 1)).failures.length > 0);
  expect((await production.run('smoke', { WINDLASS_TARGET_URL: production.url })).code).toBe(1);
  expect((await production.status()).slots.green.healthy).toBe(true);
  await production.succeed('rollback', { WINDLASS_VERSION: '1.2.0' });
  await production.succeed('smoke', { WINDLASS_TARGET_URL: production.url, WINDLASS_VERSION: '1.2.0' });
});

it('a mistake for one environment stays silent in the others', async () => {
  const { shop } = await releaseBad('errors-5-percent@production');
  expect((await sendRequests(shop.url, 40)).failures).toEqual([]);
});
