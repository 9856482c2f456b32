import { DatabaseSync } from 'node:sqlite';

/**
 * Opens the shop's database. Several processes share one file: a writer waits up to five seconds for another.
 * @param {string} file
 * @returns {DatabaseSync}
 */
export function openDatabase(file) {
  const db = new DatabaseSync(file);
  db.exec('PRAGMA busy_timeout = 5000');
  db.exec('PRAGMA foreign_keys = ON');
  db.exec('PRAGMA journal_mode = WAL');
  db.exec('PRAGMA synchronous = NORMAL');
  return db;
}

/**
 * Runs `work` in one transaction: all of it happens, or nothing. The write lock is taken at the start, so that
 * what `work` reads cannot change before it writes.
 * @template T
 * @param {DatabaseSync} db
 * @param {() => T} work
 * @returns {T}
 */
export function inTransaction(db, work) {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    db.exec('ROLLBACK');
    throw error;
  }
}
