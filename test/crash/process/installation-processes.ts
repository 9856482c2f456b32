import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SEARCH_ATTRIBUTES } from '../../../src/contracts/search-attributes.ts';
import { DEFAULT_QUEUE_PREFIX } from '../../../src/contracts/task-queues.ts';
import { connectClient } from '../../../src/temporal/connection.ts';
import { createDataConverter } from '../../../src/temporal/data-converter.ts';
import { ensureSearchAttributes } from '../../../src/temporal/search-attributes.ts';
import { type LocalServer, startLocalServer } from '../../../src/temporal/server/local-server.ts';
import type { DemoFixture } from '../../support/fixture/demo.ts';
import { type KillableProcess, startKillable, startWorkerProcess } from './killable-process.ts';

const CLI = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));

export type Actor = 'worker' | 'api' | 'server';

/** The processes of one installation: a Temporal server with its database on disk, every worker, and the API. */
export interface InstallationProcesses {
  /** Kills these at once, as a power cut would, and starts them again on what is on disk. */
  killAndRestart(actors: readonly Actor[]): Promise<void>;
  /** Starts again what died by itself (at a barrier). */
  revive(): Promise<void>;
  worker(): KillableProcess;
  stop(): Promise<void>;
}

export interface InstallationOptions {
  root: string;
  folder: string;
  binary: string;
  config: string;
  fixture: DemoFixture;
  crashAt: string[];
  /** The file with the bundled workflow code. */
  workflows: string;
}

/** Brings all of it up. */
export async function startInstallation(options: InstallationOptions): Promise<InstallationProcesses> {
  const { fixture, config, folder } = options;
  const address = `127.0.0.1:${fixture.ports.temporal}`;
  const environment = { temporary: join(options.root, 'tmp') };
  let server: LocalServer | undefined;
  let worker: KillableProcess | undefined;
  let api: KillableProcess | undefined;

  const startServer = async () => {
    server = await startLocalServer({
      binary: options.binary,
      folder: join(folder, 'temporal'),
      port: fixture.ports.temporal,
      uiPort: 'none',
      searchAttributes: SEARCH_ATTRIBUTES,
      environment: process.env,
    });
  };
  const startWorker = async () => {
    worker = await startWorkerProcess(
      {
        address,
        hosts: [{ config, prefix: DEFAULT_QUEUE_PREFIX }],
        parts: ['workflow', 'release', 'devops', 'qa', 'writer', 'support'],
        crashAt: options.crashAt,
        marks: folder,
        workflows: options.workflows,
      },
      environment,
    );
  };
  const startApi = async () => {
    api = await startKillable([CLI, 'serve', '--config', config], /API at/, environment);
  };
  const start = { server: startServer, worker: startWorker, api: startApi };

  const stop = async () => {
    await Promise.all([worker?.stop(), api?.stop()]);
    await server?.stop();
  };
  try {
    await startServer();
    const { connection, close } = await connectClient({
      address,
      namespace: 'default',
      dataConverter: createDataConverter(),
    });
    await ensureSearchAttributes({ connection, namespace: 'default' }).finally(close);
    await Promise.all([startWorker(), startApi()]);
  } catch (error) {
    await stop();
    throw error;
  }

  // One at a time: who restarts and who revives must not both start the same process.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return await mine;
  };

  const killAndRestart = async (actors: readonly Actor[]) => {
    for (const actor of actors) {
      if (actor === 'worker') worker?.kill();
      if (actor === 'api') api?.kill();
      if (actor === 'server' && server) process.kill(server.pid, 'SIGKILL');
    }
    if (actors.includes('worker')) await worker?.gone;
    if (actors.includes('api')) await api?.gone;
    if (actors.includes('server')) {
      await server?.exited;
      await server?.stop();
      server = undefined;
      await startServer();
    }
    const others = actors.filter((actor) => actor !== 'server');
    await Promise.all(others.map((actor) => start[actor]()));
  };
  const revive = async () => {
    // A restart that failed half-way is taken up again.
    if (!server) await startServer();
    if (worker?.isGone()) await startWorker();
    if (api?.isGone()) await startApi();
  };

  return {
    worker: () => worker as KillableProcess,
    killAndRestart: (actors) => inTurn(() => killAndRestart(actors)),
    revive: () => inTurn(revive),
    stop: () => inTurn(stop),
  };
}
