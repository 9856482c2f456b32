#!/usr/bin/env node
// `shop serve` answers requests until SIGTERM; `shop migrate` applies what the database lacks and says what.
import { openDatabase } from '../src/database.js';
import { applyMigrations } from '../src/migrations.js';
import { startServer } from '../src/server.js';
import { readSettings } from '../src/settings.js';

const command = process.argv[2] ?? 'serve';
const settings = readSettings(process.env);

if (command === 'migrate') {
  const db = openDatabase(settings.database);
  console.log(JSON.stringify({ applied: applyMigrations(db) }));
  db.close();
} else if (command === 'serve') {
  const server = await startServer(settings);
  console.log(
    `shop ${settings.version} (${settings.slot}/${settings.instance}) listens on port ${server.port}`,
  );
  // A supervisor that started us over an IPC channel learns the port that the system chose.
  process.send?.({ listening: server.port });

  let stopping = false;
  const stop = async (/** @type {string} */ why) => {
    if (stopping) return;
    stopping = true;
    console.log(`shop stops: ${why}`);
    await server.stop();
    process.exit(0);
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  // The channel closes when the supervisor dies, however it dies: we must not linger behind its successor.
  process.on('disconnect', () => stop('its supervisor is gone'));
} else {
  console.error(`shop: unknown command "${command}". Use "serve" or "migrate".`);
  process.exit(2);
}
