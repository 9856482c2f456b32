import { openDatabase } from '../src/database.js';
import { applyMigrations } from '../src/migrations.js';

/** A migrated database in memory. */
export function openShop() {
  const db = openDatabase(':memory:');
  applyMigrations(db);
  return db;
}
