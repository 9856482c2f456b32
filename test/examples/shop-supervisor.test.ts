import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  factsOf,
  isRunning,
  type ShopEnvironment,
  sendRequests,
  startEnvironment,
  startTraffic,
  waitUntil,
} from './shop-environment.ts';
import { NODE, packShop, SHOP, type ShopPackage } from './shop-packages.ts';

let temporary: string;
let older: ShopPackage;
let newer: ShopPackage;
let shop: ShopEnvironment;

beforeAll(() => {
  temporary = mkdtempSync(path.join(tmpdir(), 'windlass-supervisor-'));
  older = packShop(temporary, '1.2.0');
  newer = packShop(temporary, '1.3.0');
});

beforeEach(async () => {
  shop = await startEnvironment({ temporary });
  await shop.release(older, 'blue');
});

afterEach(() => shop.stop());

afterAll(() => rmSync(temporary, { recursive: true, force: true }));

it('does an effect once, and answers the same when it is asked again', async () => {
  const facts = { ...factsOf(newer), WINDLASS_EFFECT_KEY: 'r1/deploy/green', WINDLASS_SLOT: 'green' };
  // Both at once, as when a script's first attempt is still at work.
  const [first, second] = await Promise.all([shop.succeed('deploy', facts), shop.succeed('deploy', facts)]);
  const pids = await shop.pids();
  const third = await shop.succeed('deploy', facts);
  expect(second).toEqual(first);
  expect(third).toEqual(first);
  expect(third.replaced).toEqual([1, 2]);
  expect(await shop.pids()).toEqual(pids);
  const { effects } = await shop.succeed('status', { WINDLASS_EFFECT_KEY: 'r1/deploy/green' });
  expect(effects).toMatchObject({ 'r1/deploy/green': { done: true, output: first } });
  expect((await shop.succeed('status', { WINDLASS_EFFECT_KEY: 'r1/other' })).effects).toEqual({});

  const other = await shop.run('deploy', { ...facts, WINDLASS_SLOT: 'blue' });
  expect(other.code).toBe(1);
  expect(other.log).toContain('was done before with other arguments. Nothing was changed.');
});

it('refuses a generation older than one that it has seen, also after a restart', async () => {
  const move = { WINDLASS_SLOT: 'blue', WINDLASS_TRAFFIC_PERCENT: 100 };
  await shop.succeed('traffic', { ...move, WINDLASS_GENERATION: 7 });
  const refuse = async () => {
    const { code, log } = await shop.run('deploy', { ...factsOf(newer), WINDLASS_GENERATION: 6 });
    expect(code).toBe(1);
    expect(log).toContain(
      'Generation 6 is too old: generation 7 acts on this environment. Nothing was changed.',
    );
  };
  await refuse();
  await shop.killHard();
  await shop.start();
  await refuse();
  expect((await shop.status()).slots.green.instances).toEqual([]);
});

it('lets a newer generation interrupt what an older one is still doing', async () => {
  const never = packShop(temporary, '1.3.2', 'unhealthy-after-a-minute');
  await shop.stop();
  shop = await startEnvironment({ temporary, variables: { SHOP_FAULT_AFTER_SECONDS: '0' } });
  await shop.release(older, 'blue');
  const stuck = shop.run('deploy', { ...factsOf(never), WINDLASS_SLOT: 'green' });
  await waitUntil(() =>
    readdirSync(path.join(shop.root, 'versions')).some((name) => name.startsWith('1.3.2')),
  );
  await shop.succeed('rollback', { WINDLASS_VERSION: '1.2.0', WINDLASS_GENERATION: 2 });
  const { code, log } = await stuck;
  expect(code).toBe(1);
  expect(log).toMatch(/Generation 2 took over|Generation 1 is too old/);
  expect((await shop.status()).slots.green.instances).toEqual([]);
});

it('comes back after kill -9 with the same slots, weights, effects and addresses', async () => {
  const effect = { ...factsOf(newer), WINDLASS_EFFECT_KEY: 'r1/deploy/green', WINDLASS_SLOT: 'green' };
  const output = await shop.succeed('deploy', effect);
  await shop.succeed('traffic', { WINDLASS_SLOT: 'green', WINDLASS_TRAFFIC_PERCENT: 10 });
  const before = await shop.status();
  const pids = await shop.pids();
  await shop.killHard();
  await waitUntil(() => !pids.some(isRunning));
  await shop.start();
  // Requests that come before the instances are up are held, not refused.
  const { failures, versions } = await sendRequests(shop.url, 100);
  expect(failures).toEqual([]);
  await waitUntil(
    async () => (await shop.status()).slots.green.healthy && (await shop.status()).slots.blue.healthy,
  );
  const shape = (status: typeof before) =>
    JSON.parse(
      JSON.stringify({ ...status, effects: Object.keys(status.effects) }, (key, value) =>
        key === 'pid' ? undefined : value,
      ),
    );
  expect(shape(await shop.status())).toEqual(shape(before));
  expect(versions['1.2.0']).toBeGreaterThanOrEqual(80);
  expect(await shop.succeed('deploy', effect)).toEqual(output);
});

it('starts a crashed instance again, and readers do not notice', async () => {
  const [first] = await shop.pids();
  const readers = startTraffic(shop.url, 1);
  process.kill(first ?? 0, 'SIGKILL');
  await waitUntil(async () => {
    const { slots } = await shop.status();
    return slots.blue.healthy && slots.blue.instances[0].restarts === 1;
  });
  const { failures } = await readers.stop();
  // Only a request that was on its way to the killed process, and that must not be repeated, may fail.
  expect(failures.filter((failure) => failure.startsWith('GET'))).toEqual([]);
  expect(failures.length).toBeLessThanOrEqual(1);
});

it('keeps the last three versions and those that run', async () => {
  for (const version of ['1.3.0', '1.3.1', '1.3.2', '1.3.3']) {
    const next = packShop(temporary, version);
    await shop.succeed('deploy', { ...factsOf(next), WINDLASS_SLOT: 'green' });
  }
  const kept = readdirSync(path.join(shop.root, 'versions')).map((name) => name.split('-')[0]);
  expect(kept.sort()).toEqual(['1.2.0', '1.3.1', '1.3.2', '1.3.3']);
  const back = await shop.succeed('rollback', { WINDLASS_VERSION: '1.3.1' });
  expect(back.how).toBe('redeployed');
  expect((await sendRequests(shop.url, 4)).versions).toEqual({ '1.3.1': 4 });
});

it('refuses calls that are not whole, and names every mistake at once', async () => {
  const post = async (target: string, body: unknown) => {
    const response = await fetch(`${shop.control}${target}`, { method: 'POST', body: JSON.stringify(body) });
    return { status: response.status, ...((await response.json()) as { error: string }) };
  };
  const fence = { effectKey: 'x', generation: 1 };
  expect(await post('/traffic', { slot: 'red', percent: 101 })).toEqual({
    status: 400,
    error:
      'Cannot traffic: effectKey is missing, generation is missing, slot is not valid, percent is not valid. Nothing was changed.',
  });
  expect((await post('/deploy', { ...fence, version: '../../etc', artifact: 'x.tgz' })).error).toContain(
    'version is not valid, artifact is not valid',
  );
  expect((await post('/restore', { ...fence, backup: '../shop' })).status).toBe(400);
  expect((await post('/destroy', fence)).status).toBe(404);
  const wrong = await shop.run('deploy', { ...factsOf(newer), WINDLASS_ARTIFACT_DIGEST: older.digest });
  expect(wrong.log).toContain('was released. Nothing was deployed.');
  const mislabelled = await shop.run('deploy', {
    WINDLASS_VERSION: '1.4.0',
    WINDLASS_ARTIFACT: newer.artifact,
  });
  expect(mislabelled.log).toContain('The artifact holds version 1.3.0, not 1.4.0. Nothing was deployed.');
});

it('lets only those with its token change anything, if it has one', async () => {
  const guarded = await startEnvironment({ temporary, variables: { SHOP_CONTROL_TOKEN: 'hunter2-hunter2' } });
  try {
    const facts = { WINDLASS_SLOT: 'blue', WINDLASS_TRAFFIC_PERCENT: 0 };
    const refused = await guarded.run('traffic', facts);
    expect(refused.code).toBe(1);
    expect(refused.log).toContain('The control token is missing or wrong');
    await guarded.succeed('status', { SHOP_CONTROL_TOKEN: 'hunter2-hunter2' });
  } finally {
    await guarded.stop();
  }
});

it('says in one line that its port is in use, and leaves the running one alone', async () => {
  const args = ['--root', mkdtempSync(path.join(temporary, 'second-')), '--environment', 'staging'];
  const second = spawnSync(
    NODE,
    [`${SHOP}ops/supervisor.js`, ...args, '--public-port', new URL(shop.url).port],
    {
      encoding: 'utf8',
    },
  );
  expect(second.status).toBe(1);
  expect(second.stderr).toContain('is in use; is it running already?');
  expect(second.stderr).not.toContain('    at ');
  expect((await sendRequests(shop.url, 4)).failures).toEqual([]);
});

it('says in one line that the supervisor is away, and that trying again is safe', async () => {
  await shop.stop();
  const { code, log } = await shop.run('deploy', factsOf(newer));
  expect(code).toBe(1);
  expect(log.trim().split('\n')).toHaveLength(1);
  expect(log).toContain('does not answer (ECONNREFUSED). Is it running? Trying again is safe.');
  await shop.start();
});
