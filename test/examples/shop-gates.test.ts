import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runShopScript } from './shop-environment.ts';
import { packShop, SHOP } from './shop-packages.ts';

let temporary: string;

beforeAll(() => {
  temporary = mkdtempSync(path.join(tmpdir(), 'windlass-gates-'));
});

afterAll(() => rmSync(temporary, { recursive: true, force: true }));

it('packs what the shop needs to run, and nothing of its operation', () => {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--dry-run', '--ignore-scripts'], { cwd: SHOP, encoding: 'utf8' }),
  );
  const folders = new Set(packed.files.map((file: { path: string }) => file.path.split('/')[0]));
  expect([...folders].sort()).toEqual([
    'CHANGELOG.md',
    'README.md',
    'bin',
    'migrations',
    'package.json',
    'src',
  ]);
});

it('passes every gate as it is', async () => {
  const { artifact } = packShop(temporary, '1.3.0');
  const facts = { WINDLASS_ARTIFACT: artifact, WINDLASS_VERSION: '1.3.0' };
  const load = {
    SHOP_LOAD_SECONDS: 1.5,
    SHOP_LOAD_PER_SECOND: 20,
    SHOP_LOAD_P95_MS: 4000,
    SHOP_LOAD_P99_MS: 4500,
  };
  for (const script of ['build', 'test', 'e2e', 'load', 'profile']) {
    const { code, log, output } = await runShopScript(temporary, script, { ...facts, ...load });
    expect({ script, code, log: code === 0 ? '' : log }).toEqual({ script, code: 0, log: '' });
    expect(output.summary).toMatch(/\d/);
  }
});

it('fails end to end on a version that does not start, and shows why', async () => {
  const { artifact } = packShop(temporary, '1.3.0', 'crash-at-start');
  const { code, log, output } = await runShopScript(temporary, 'e2e', { WINDLASS_ARTIFACT: artifact });
  expect(code).toBe(1);
  expect(log).toContain('Cannot read the price list');
  expect(output).toBeUndefined();
});

it('fails end to end on an artifact of another version', async () => {
  const { artifact } = packShop(temporary, '1.2.9');
  const facts = { WINDLASS_ARTIFACT: artifact, WINDLASS_VERSION: '1.3.0' };
  const { code, log } = await runShopScript(temporary, 'e2e', facts);
  expect(code).toBe(1);
  expect(log).toContain('It says it is 1.2.9, but 1.3.0 was packed.');
});

it('fails the load test on 5 % errors and on a slow tail, and says which limit was crossed', async () => {
  const facts = { SHOP_LOAD_SECONDS: 2, SHOP_LOAD_PER_SECOND: 60 };
  const failing = packShop(temporary, '1.3.0', 'errors-5-percent');
  const errors = await runShopScript(temporary, 'load', { ...facts, WINDLASS_ARTIFACT: failing.artifact });
  expect(errors.code).toBe(1);
  expect(errors.log).toMatch(/limits crossed: \d\.\d % errors \(limit 1 %\)/);
  const slow = packShop(temporary, '1.3.0', 'slow-tail');
  const tail = await runShopScript(temporary, 'load', { ...facts, WINDLASS_ARTIFACT: slow.artifact });
  expect(tail.code).toBe(1);
  expect(tail.log).toMatch(/limits crossed: .*p99 \d+(\.\d)? ms \(limit 500 ms\)/);
});

it('lets a mistake that shows only in production through the gates', async () => {
  for (const fault of ['breaks-in-production', 'errors-5-percent@production']) {
    const { artifact } = packShop(temporary, '1.3.0', fault);
    const facts = { WINDLASS_ARTIFACT: artifact, SHOP_FAULT_AFTER_SECONDS: 0 };
    expect((await runShopScript(temporary, 'e2e', facts)).code).toBe(0);
  }
});

it('leaves no folder behind', () => {
  expect(readdirSync(temporary).filter((name) => name.startsWith('shop-gate-'))).toEqual([]);
});
