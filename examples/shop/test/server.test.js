import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { openDatabase } from '../src/database.js';
import { applyMigrations } from '../src/migrations.js';
import { startServer } from '../src/server.js';
import { readSettings } from '../src/settings.js';

const folder = mkdtempSync(path.join(tmpdir(), 'shop-test-'));
const database = path.join(folder, 'shop.db');
/** @type {Awaited<ReturnType<typeof startServer>>} */
let server;

before(async () => {
  const db = openDatabase(database);
  applyMigrations(db);
  db.close();
  server = await startServer({ ...readSettings({}), port: 0, database });
});

after(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** @param {string} path @param {RequestInit} [init] */
const ask = (path, init) => fetch(`http://127.0.0.1:${server.port}${path}`, init);

test('counts requests by route and status', async () => {
  await (await ask('/products/bell')).text();
  await (await ask('/products/kraken')).text();
  const text = await (await ask('/metrics')).text();
  assert.match(text, /^http_requests_total\{route="\/products\/:sku",code="200",.*\} 1$/m);
  assert.match(text, /^http_requests_total\{route="\/products\/:sku",code="404",.*\} 1$/m);
});

test('counts all unknown paths as one', async () => {
  await (await ask('/a')).text();
  await (await ask('/b')).text();
  assert.match(
    await (await ask('/metrics')).text(),
    /^http_requests_total\{route="unknown",code="404",.*\} 2$/m,
  );
});

test('answers a body that is too large with 413', async () => {
  const response = await ask('/orders', { method: 'POST', body: 'x'.repeat(100_000) });
  assert.equal(response.status, 413);
  await response.text();
});

test('says that /items is deprecated', async () => {
  const response = await ask('/items');
  assert.equal(response.status, 200);
  assert.match(response.headers.get('deprecation') ?? '', /^@\d+$/);
  await response.text();
});
