import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const HEALTH_INTERVAL_MS = 500;
const HEALTH_TIMEOUT_MS = 2000;
/** So many failed health checks in a row make an instance unhealthy; one is a hiccup. */
const FAILURES_UNTIL_UNHEALTHY = 3;
const START_TIMEOUT_MS = 20_000;
const DRAIN_TIMEOUT_MS = 15_000;
const KILL_AFTER_MS = 12_000;
const LOG_LINES = 30;
const FIRST_BACK_OFF_MS = 250;
const LARGEST_BACK_OFF_MS = 10_000;
/** A process that lived this long starts again with the shortest back-off. */
const STABLE_AFTER_MS = 30_000;

/**
 * @typedef {object} Instance one running process of the shop
 * @property {import('./state.js').Slot} slot
 * @property {number} number
 * @property {string} version
 * @property {string} folder
 * @property {number | undefined} pid while it runs
 * @property {number} port 0 while it is not listening
 * @property {boolean} healthy
 * @property {number} inFlight requests that the proxy has given it and that are not yet answered
 * @property {number} restarts
 * @property {string[]} log the last lines of its output
 * @property {() => Promise<void>} untilHealthy resolves once; rejects with the log when the process ends first
 * @property {() => void} keepAlive from now on a crash is answered with a restart
 * @property {(options?: { drain?: boolean }) => Promise<void>} stop
 */

/**
 * Starts one instance. It is not restarted until `keepAlive` says that it was taken into its slot.
 * @param {object} options
 * @param {import('./state.js').Slot} options.slot
 * @param {number} options.number
 * @param {string} options.version
 * @param {string} options.folder name of the version folder
 * @param {string} options.root of the environment
 * @param {string} options.environment
 * @param {AbortSignal} [options.signal] gives up waiting for health
 * @param {() => void} options.onChange called when health or port change
 * @returns {Instance}
 */
export function startInstance({ slot, number, version, folder, root, environment, signal, onChange }) {
  const startedBy = performance.now();
  let keepRunning = false;
  let stopping = false;
  let failures = 0;
  let backOffMs = FIRST_BACK_OFF_MS;
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child;
  let ended = Promise.resolve();

  /** @type {Instance} */
  const instance = {
    slot,
    number,
    version,
    folder,
    pid: undefined,
    port: 0,
    healthy: false,
    inFlight: 0,
    restarts: 0,
    log: [],

    async untilHealthy() {
      while (!instance.healthy) {
        signal?.throwIfAborted();
        if (!child) throw new Error(describe('ended before it was healthy'));
        if (performance.now() - startedBy > START_TIMEOUT_MS)
          throw new Error(describe(`was not healthy within ${START_TIMEOUT_MS / 1000} s`));
        if (instance.port) await checkHealth();
        if (!instance.healthy) await sleep(25);
      }
    },

    keepAlive() {
      keepRunning = true;
      // It may have ended between its first good answer and now.
      if (!child && !stopping) restartLater();
    },

    async stop({ drain = true } = {}) {
      stopping = true;
      clearInterval(timer);
      const deadline = performance.now() + DRAIN_TIMEOUT_MS;
      while (drain && instance.inFlight > 0 && performance.now() < deadline) await sleep(20);
      const process = child;
      if (!process) return;
      process.kill('SIGTERM');
      const killer = setTimeout(() => process.kill('SIGKILL'), KILL_AFTER_MS);
      await ended;
      clearTimeout(killer);
    },
  };

  const timer = setInterval(() => void checkHealth(), HEALTH_INTERVAL_MS);
  run();
  return instance;

  function run() {
    const process_ = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', 'bin/shop.js', 'serve'],
      {
        cwd: path.join(root, 'versions', folder),
        env: {
          PATH: process.env.PATH,
          TZ: 'UTC',
          PORT: '0',
          SHOP_DATABASE: path.join(root, 'shop.db'),
          SHOP_ENVIRONMENT: environment,
          SHOP_SLOT: slot,
          SHOP_INSTANCE: String(number),
          ...pass('SHOP_MEMORY_LIMIT_MB'),
          ...pass('SHOP_FAULT_AFTER_SECONDS'),
        },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      },
    );
    child = process_;
    instance.pid = process_.pid;
    const startedAt = performance.now();
    const file = createWriteStream(path.join(root, 'logs', `${slot}-${number}.log`), { flags: 'w' });
    for (const stream of [process_.stdout, process_.stderr]) {
      stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
        file.write(text);
        instance.log.push(...text.split('\n').filter((line) => line !== ''));
        instance.log.splice(0, instance.log.length - LOG_LINES);
      });
    }
    process_.on('message', (/** @type {{ listening?: number }} */ message) => {
      instance.port = message.listening ?? 0;
    });
    process_.on('error', (error) => instance.log.push(`cannot be started: ${error.message}`));
    ended = new Promise((resolve) => {
      // `close`, not `exit`: the last lines of the log are read by then.
      process_.on('close', (code, killedBy) => {
        instance.log.push(`ended with ${killedBy ?? `exit code ${code}`}`);
        file.end();
        child = undefined;
        instance.pid = undefined;
        instance.port = 0;
        setHealthy(false);
        if (performance.now() - startedAt > STABLE_AFTER_MS) backOffMs = FIRST_BACK_OFF_MS;
        if (keepRunning && !stopping) restartLater();
        resolve(undefined);
      });
    });
  }

  function restartLater() {
    setTimeout(() => {
      if (stopping) return;
      instance.restarts += 1;
      run();
    }, backOffMs).unref();
    backOffMs = Math.min(backOffMs * 2, LARGEST_BACK_OFF_MS);
  }

  async function checkHealth() {
    const { port } = instance;
    if (!port) return;
    const ok = await fetch(`http://127.0.0.1:${port}/healthz`, {
      signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS),
    })
      .then(async (response) => {
        await response.arrayBuffer();
        return response.ok;
      })
      .catch(() => false);
    if (port !== instance.port) return;
    failures = ok ? 0 : failures + 1;
    if (ok) setHealthy(true);
    else if (failures >= FAILURES_UNTIL_UNHEALTHY) setHealthy(false);
  }

  /** @param {boolean} healthy */
  function setHealthy(healthy) {
    if (instance.healthy === healthy) return;
    instance.healthy = healthy;
    onChange();
  }

  /** @param {string} what */
  function describe(what) {
    const log = instance.log.map((line) => `    ${line}`).join('\n');
    return `Instance ${number} of ${version} on ${slot} ${what}. Its last lines:\n${log || '    (none)'}`;
  }
}

/**
 * @param {string} name
 * @returns {Record<string, string>}
 */
function pass(name) {
  const value = process.env[name];
  return value === undefined ? {} : { [name]: value };
}
