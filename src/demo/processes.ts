import { closeSync, openSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { EnvironmentKind } from '../release/names.ts';
import type { WatchedProcess } from '../temporal/server/watched-process.ts';
import { startWatchedProcess } from '../temporal/server/watched-process.ts';
import type { DemoFixture } from './fixture.ts';
import type { DemoFolders } from './folders.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** Starts a Node program that ends with this process, and waits until `isReady`. */
async function startProgram(
  name: string,
  args: string[],
  folders: DemoFolders,
  isReady: () => Promise<boolean>,
): Promise<WatchedProcess> {
  const logFile = join(folders.logs, `${name}.log`);
  await mkdir(dirname(logFile), { recursive: true });
  const output = openSync(logFile, 'a');
  try {
    const program = await startWatchedProcess({
      file: process.execPath,
      args: ['--disable-warning=ExperimentalWarning', ...args],
      environment: { PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`, HOME: folders.root },
      output,
      graceSeconds: 10,
    });
    await waitUntilReady(name, program, logFile, isReady);
    return program;
  } finally {
    closeSync(output);
  }
}

const START_LIMIT_MS = 60_000;

async function waitUntilReady(
  name: string,
  program: WatchedProcess,
  logFile: string,
  isReady: () => Promise<boolean>,
): Promise<void> {
  let ended: number | undefined;
  void program.exited.then((code) => {
    ended = code;
  });
  const deadline = Date.now() + START_LIMIT_MS;
  while (!(await isReady().catch(() => false))) {
    if (ended !== undefined) throw new Error(`${name} ended with ${ended} while it started; see ${logFile}`);
    if (Date.now() > deadline)
      throw new Error(`${name} did not answer within ${START_LIMIT_MS / 1_000} s; see ${logFile}`);
    await delay(50);
  }
}

/** A local npm registry, with what was published before if there was one here before. */
export async function startRegistry(fixture: DemoFixture, folders: DemoFolders): Promise<WatchedProcess> {
  await mkdir(folders.npm, { recursive: true });
  const configFile = join(folders.npm, 'config.yaml');
  const config = {
    storage: join(folders.npm, 'storage'),
    auth: { htpasswd: { file: join(folders.npm, 'htpasswd'), max_users: 100 } },
    uplinks: {},
    packages: { '**': { access: '$all', publish: '$authenticated', unpublish: '$authenticated' } },
    web: { enable: false },
    log: { type: 'stdout', format: 'pretty', level: 'warn' },
  };
  // JSON is YAML, and verdaccio reads YAML.
  await writeFile(configFile, JSON.stringify(config));
  const url = `http://127.0.0.1:${fixture.ports.npm}/`;
  const args = [
    join(PROJECT, 'node_modules/verdaccio/bin/verdaccio'),
    '--config',
    configFile,
    '--listen',
    `127.0.0.1:${fixture.ports.npm}`,
  ];
  return await startProgram('npm-registry', args, folders, async () => (await fetch(`${url}-/ping`)).ok);
}

/** A token for the demo's publisher. Asking again with the same name gives a fresh one. */
export async function getRegistryToken(fixture: DemoFixture): Promise<string> {
  const name = `publisher-${Date.now().toString(36)}`;
  const response = await fetch(`http://127.0.0.1:${fixture.ports.npm}/-/user/org.couchdb.user:${name}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password: `password-of-${name}`, type: 'user' }),
  });
  const answer = (await response.json()) as { token?: string; error?: string };
  if (!answer.token) throw new Error(`the local registry gave no token: ${answer.error ?? response.status}`);
  return answer.token;
}

/** The example's own supervisor of one environment: what a script starts for good belongs to it, not to the script. */
export async function startEnvironment(
  name: EnvironmentKind,
  fixture: DemoFixture,
  folders: DemoFolders,
): Promise<WatchedProcess> {
  const port = fixture.ports[name];
  const control = name === 'staging' ? fixture.ports.stagingControl : fixture.ports.productionControl;
  const root = join(folders.environments, name);
  await mkdir(root, { recursive: true });
  const args = [
    join(PROJECT, 'examples/shop/ops/supervisor.js'),
    ...['--root', root, '--environment', name, '--instances', '2'],
    ...['--port', String(control), '--public-port', String(port)],
  ];
  return await startProgram(
    name,
    args,
    folders,
    async () => (await fetch(`http://127.0.0.1:${control}/status`)).ok,
  );
}
