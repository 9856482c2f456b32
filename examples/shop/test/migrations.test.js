import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDatabase } from '../src/database.js';
import { applyMigrations, listMigrations, pendingMigrations, readLedger } from '../src/migrations.js';

test('applies every migration once and keeps a ledger', () => {
  const db = openDatabase(':memory:');
  assert.deepEqual(pendingMigrations(db), listMigrations());
  assert.deepEqual(applyMigrations(db), listMigrations());
  assert.deepEqual(applyMigrations(db), []);
  assert.deepEqual(readLedger(db), listMigrations());
});

test('leaves the database alone when a newer version has migrated it', () => {
  const db = openDatabase(':memory:');
  applyMigrations(db);
  db.prepare("INSERT INTO migrations VALUES ('999_from_the_future.sql', 'later')").run();
  assert.deepEqual(pendingMigrations(db), []);
});
