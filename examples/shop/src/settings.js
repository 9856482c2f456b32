import { readFileSync } from 'node:fs';

/**
 * @typedef {object} Settings
 * @property {string} version of this package
 * @property {number} port 0 lets the system choose
 * @property {string} host
 * @property {string} database file name
 * @property {string} environment such as `staging`
 * @property {string} slot which half of a blue-green pair this process belongs to
 * @property {number} instance its number within the slot, from 1
 * @property {number} memoryLimitMb what counts as full in the saturation gauge
 * @property {number | undefined} faultAfterSeconds see inject-fault.js
 */

/**
 * Reads every setting from the environment; nothing else in the shop does.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Settings}
 */
export function readSettings(env) {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return {
    version: manifest.version,
    port: Number(env.PORT ?? 8080),
    host: env.HOST ?? '127.0.0.1',
    database: env.SHOP_DATABASE ?? 'shop.db',
    environment: env.SHOP_ENVIRONMENT ?? 'development',
    slot: env.SHOP_SLOT ?? 'none',
    instance: Number(env.SHOP_INSTANCE ?? 1),
    memoryLimitMb: Number(env.SHOP_MEMORY_LIMIT_MB ?? 256),
    faultAfterSeconds: env.SHOP_FAULT_AFTER_SECONDS ? Number(env.SHOP_FAULT_AFTER_SECONDS) : undefined,
  };
}
