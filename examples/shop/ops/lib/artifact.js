// The gates test what will be shipped: the packed artifact, not the work tree.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const PRODUCT = fileURLToPath(new URL('../../', import.meta.url));
const START_TIMEOUT_MS = 15_000;

/**
 * Unpacks WINDLASS_ARTIFACT into a folder of its own, and removes it afterwards. Without an artifact (at a
 * developer's desk) the work tree is copied instead.
 * @template T
 * @param {(folder: string) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withArtifact(work) {
  const root = mkdtempSync(path.join(tmpdir(), 'shop-gate-'));
  const folder = path.join(root, 'package');
  try {
    mkdirSync(folder);
    if (process.env.WINDLASS_ARTIFACT)
      execFileSync('tar', ['-xzf', process.env.WINDLASS_ARTIFACT, '-C', folder, '--strip-components=1']);
    else
      for (const name of ['package.json', 'bin', 'src', 'migrations'])
        cpSync(path.join(PRODUCT, name), path.join(folder, name), { recursive: true });
    return await work(folder);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/**
 * Copies the unit tests beside an unpacked artifact.
 * @param {string} folder
 */
export function addTests(folder) {
  cpSync(path.join(PRODUCT, 'test'), path.join(folder, 'test'), { recursive: true });
}

/**
 * Migrates the artifact's database (a file beside it) and returns the names of what was applied.
 * @param {string} folder
 * @returns {string[]}
 */
export function migrateArtifact(folder) {
  return JSON.parse(
    execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', 'bin/shop.js', 'migrate'], {
      cwd: folder,
      encoding: 'utf8',
    }),
  ).applied;
}

/**
 * Starts the artifact on a free port.
 * @param {string} folder
 * @param {string[]} [nodeOptions] such as `--cpu-prof`
 * @returns {Promise<{ url: string, stop: () => Promise<number | null> }>} `stop` answers the exit code
 */
export async function startArtifact(folder, nodeOptions = []) {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', ...nodeOptions, 'bin/shop.js', 'serve'],
    { cwd: folder, env: { ...process.env, PORT: '0' }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
  );
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      log = (log + chunk).slice(-4000);
    });
  /** @type {Promise<number | null>} */
  const ended = new Promise((resolve) => child.once('close', resolve));
  const port = await new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`did not listen within ${START_TIMEOUT_MS} ms`)),
      START_TIMEOUT_MS,
    );
    child.once('message', (/** @type {{ listening: number }} */ message) => resolve(message.listening));
    child.once('error', reject);
    void ended.then((code) => reject(new Error(`ended with exit code ${code}`)));
    void ended.then(() => clearTimeout(timer));
    child.once('message', () => clearTimeout(timer));
  }).catch((error) => {
    child.kill('SIGKILL');
    throw new Error(`The artifact ${error.message}. Its last output:\n${log}`);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
