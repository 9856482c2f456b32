import { readdirSync, readFileSync } from 'node:fs';
import { inTransaction } from './database.js';

const FOLDER = new URL('../migrations/', import.meta.url);
const NAME = /^\d{3}_[a-z0-9_]+\.sql$/;

/**
 * The names of all migrations of this version, in the order in which they apply.
 * @returns {string[]}
 */
export function listMigrations() {
  return readdirSync(FOLDER)
    .filter((name) => NAME.test(name))
    .sort();
}

/**
 * What the ledger says was applied. A database that was never migrated has no ledger.
 * @param {import('node:sqlite').DatabaseSync} db
 * @returns {string[]}
 */
export function readLedger(db) {
  const ledger = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'").get();
  if (!ledger) return [];
  return db
    .prepare('SELECT name FROM migrations ORDER BY name')
    .all()
    .map((row) => String(row.name));
}

/**
 * The migrations that this version has and the database lacks. A ledger with names that this version does not
 * know is fine: a newer version migrated already, and migrations only ever add.
 * @param {import('node:sqlite').DatabaseSync} db
 * @returns {string[]}
 */
export function pendingMigrations(db) {
  const applied = new Set(readLedger(db));
  return listMigrations().filter((name) => !applied.has(name));
}

/**
 * Applies what is pending, in one transaction: after a failure the database is as it was before. Safe to run
 * again, and to run from two processes at once.
 * @param {import('node:sqlite').DatabaseSync} db
 * @returns {string[]} the names of what was applied by this call
 */
export function applyMigrations(db) {
  return inTransaction(db, () => {
    db.exec('CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL) STRICT');
    const pending = pendingMigrations(db);
    const record = db.prepare('INSERT INTO migrations (name, applied_at) VALUES (?, ?)');
    for (const name of pending) {
      db.exec(readFileSync(new URL(name, FOLDER), 'utf8'));
      record.run(name, new Date().toISOString());
    }
    return pending;
  });
}
