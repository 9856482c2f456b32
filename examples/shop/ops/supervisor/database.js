import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { sha256OfFile } from './versions.js';

const run = promisify(execFile);

/**
 * @typedef {{ backup: string, file: string, sha256: string, bytes: number, takenAt: string }} Backup
 */

/**
 * Makes sure that the environment has a database, be it an empty one: then there is always something to back up.
 * @param {string} root
 */
export function ensureDatabase(root) {
  const db = new DatabaseSync(path.join(root, 'shop.db'));
  db.exec('PRAGMA journal_mode = WAL');
  db.close();
}

/**
 * Applies a version's migrations, with that version's own code.
 * @param {string} root
 * @param {string} folder
 * @returns {Promise<{ applied: string[] }>}
 */
export async function migrateDatabase(root, folder) {
  try {
    const { stdout } = await run(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', 'bin/shop.js', 'migrate'],
      {
        cwd: path.join(root, 'versions', folder),
        env: { PATH: process.env.PATH, SHOP_DATABASE: path.join(root, 'shop.db') },
        timeout: 60_000,
      },
    );
    return JSON.parse(stdout);
  } catch (error) {
    const { stderr, message } = /** @type {{ stderr?: string, message: string }} */ (error);
    throw new Error(
      `The migrations of ${folder} failed; the database is as it was before.\n${stderr || message}`,
    );
  }
}

/**
 * Copies the database while it is in use, checks the copy, and writes a manifest beside it. The id follows from
 * the effect key: a backup that was taken, but whose answer was lost, is found again.
 * @param {string} root
 * @param {string} effectKey
 * @returns {Backup}
 */
export function backupDatabase(root, effectKey) {
  const id = `backup-${createHash('sha256').update(effectKey).digest('hex').slice(0, 12)}`;
  if (existsSync(manifestOf(root, id))) return readBackup(root, id);
  const file = path.join(root, 'backups', `${id}.db`);
  rmSync(file, { force: true });
  const db = new DatabaseSync(path.join(root, 'shop.db'));
  try {
    db.exec('PRAGMA busy_timeout = 5000');
    db.prepare('VACUUM INTO ?').run(file);
  } finally {
    db.close();
  }
  const copy = new DatabaseSync(file, { readOnly: true });
  const { integrity_check: verdict } = /** @type {any} */ (copy.prepare('PRAGMA integrity_check').get());
  copy.close();
  if (verdict !== 'ok') throw new Error(`The backup is damaged: ${verdict}`);
  const backup = {
    backup: id,
    file,
    sha256: sha256OfFile(file),
    bytes: statSync(file).size,
    takenAt: new Date().toISOString(),
  };
  // The manifest comes last: a backup counts from the moment that it has one.
  writeFileSync(`${manifestOf(root, id)}.tmp`, `${JSON.stringify(backup, null, 2)}\n`);
  renameSync(`${manifestOf(root, id)}.tmp`, manifestOf(root, id));
  return backup;
}

/**
 * Reads a backup's manifest and checks that its file is still what was taken.
 * @param {string} root
 * @param {string} id
 * @returns {Backup}
 */
export function readBackup(root, id) {
  if (!existsSync(manifestOf(root, id))) throw new Error(`There is no backup "${id}". Nothing was changed.`);
  const backup = JSON.parse(readFileSync(manifestOf(root, id), 'utf8'));
  if (!existsSync(backup.file) || sha256OfFile(backup.file) !== backup.sha256)
    throw new Error(
      `The file of backup "${id}" is not what was taken (sha256 differs). Nothing was changed.`,
    );
  return backup;
}

/**
 * Puts a verified backup in the place of the database. No process may have the database open.
 * @param {string} root
 * @param {Backup} backup
 */
export function restoreDatabase(root, backup) {
  const database = path.join(root, 'shop.db');
  copyFileSync(backup.file, `${database}.restoring`);
  // The old write-ahead log belongs to the old database; beside the new one it would damage it.
  for (const suffix of ['-wal', '-shm']) rmSync(`${database}${suffix}`, { force: true });
  renameSync(`${database}.restoring`, database);
}

/**
 * @param {string} root
 * @param {string} id
 */
function manifestOf(root, id) {
  return path.join(root, 'backups', `${id}.json`);
}
