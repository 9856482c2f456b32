import { setTimeout as sleep } from 'node:timers/promises';
import { readLedger } from './migrations.js';

/** Every so many requests, the faults that hit some requests hit one: 5 %. */
const EVERY = 20;
const SLOW_MS = 600;
const LEAK_BYTES_PER_REQUEST = 100 * 1024;
/** The leak stops here: it shall show in the saturation gauge, not take the machine down. */
const LARGEST_LEAK_BYTES = 400 * 1024 * 1024;

/**
 * The migration that `breaks-after-migration` brings along.
 */
export const BREAKING_MIGRATION = '007_order_totals.sql';

/**
 * @typedef {object} Fault
 * @property {() => void} onStart throws when the fault keeps the process from starting
 * @property {() => boolean} isHealthy
 * @property {(path: string) => Promise<void>} beforeRequest may wait, or throw as a broken handler would
 */

/**
 * Behaves as a release with the named mistake would:
 * - `none`
 * - `crash-at-start`: the process ends before it listens
 * - `unhealthy-after-a-minute`: /healthz answers 503 from then on
 * - `errors-5-percent`: one request in twenty fails
 * - `slow-tail`: one request in twenty takes 600 ms longer
 * - `leak`: memory grows with every request
 * - `breaks-after-migration`: fine until its migration is applied, then checkout fails
 * - `breaks-in-production`: fine everywhere else, and in production until its cache expires, ten seconds
 *   after the first customer; then the catalogue fails. /healthz notices nothing
 *
 * Time spans come from `settings.faultAfterSeconds`, if set. Only customers' requests are hit, never /healthz,
 * /version or /metrics.
 *
 * @param {{ name: string, environment: string }} fault
 * @param {import('./settings.js').Settings} settings
 * @param {import('node:sqlite').DatabaseSync} db
 * @returns {Fault}
 */
export function createFault(fault, settings, db) {
  const here = fault.environment === 'any' || fault.environment === settings.environment;
  const name = here ? fault.name : 'none';
  const startedAt = performance.now();
  const elapsedSeconds = (/** @type {number} */ since) => (performance.now() - since) / 1000;
  /** @type {Buffer[]} */
  const leaked = [];
  /** @type {number | undefined} */
  let firstCustomerAt;
  let requests = 0;

  return {
    onStart() {
      if (name === 'crash-at-start')
        throw new Error('Cannot read the price list: no such file (fault: crash-at-start)');
    },

    isHealthy() {
      return !(
        name === 'unhealthy-after-a-minute' && elapsedSeconds(startedAt) > (settings.faultAfterSeconds ?? 60)
      );
    },

    async beforeRequest(path) {
      requests += 1;
      firstCustomerAt ??= performance.now();
      const isHit = requests % EVERY === 0;
      if (name === 'errors-5-percent' && isHit)
        throw new Error('undefined is not a price (fault: errors-5-percent)');
      if (name === 'slow-tail' && isHit) await sleep(SLOW_MS);
      if (name === 'leak' && leaked.length * LEAK_BYTES_PER_REQUEST < LARGEST_LEAK_BYTES)
        leaked.push(Buffer.alloc(LEAK_BYTES_PER_REQUEST, 1));
      if (
        name === 'breaks-after-migration' &&
        path === '/orders' &&
        readLedger(db).includes(BREAKING_MIGRATION)
      )
        throw new Error('order_totals has no row for this order (fault: breaks-after-migration)');
      if (
        name === 'breaks-in-production' &&
        settings.environment === 'production' &&
        path.startsWith('/products') &&
        elapsedSeconds(firstCustomerAt) > (settings.faultAfterSeconds ?? 10)
      )
        throw new Error('The catalogue cache expired and cannot be refilled (fault: breaks-in-production)');
    },
  };
}
