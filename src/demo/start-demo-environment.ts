import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger, Runtime, type Worker } from '@temporalio/worker';
import { startApi } from '../api/server.ts';
import { isConfigMistakes } from '../config/installation.ts';
import { loadInstallation } from '../config/load.ts';
import { describeMistakes } from '../config/mistakes/mistake.ts';
import { SEARCH_ATTRIBUTES } from '../contracts/search-attributes.ts';
import { WORKER_PARTS } from '../contracts/task-queues.ts';
import { connectClient, connectWorker } from '../temporal/connection.ts';
import { createDataConverter } from '../temporal/data-converter.ts';
import { ensureSearchAttributes } from '../temporal/search-attributes.ts';
import { ensureTemporal } from '../temporal/server/find-temporal.ts';
import { startLocalServer } from '../temporal/server/local-server.ts';
import { openStore } from '../workers/open-store.ts';
import { bundleWorkflows, createWorker } from '../workers/start-workers.ts';
import type { World } from './start-world.ts';
import { startWorld } from './start-world.ts';

/** Everything that a demo needs, running. */
export interface DemoEnvironment {
  world: World;
  apiUrl: string;
  webUiUrl: string;
  stop(): Promise<void>;
}

export interface DemoEnvironmentOptions {
  projectRoot: string;
  root: string;
  bad: boolean;
  environment: NodeJS.ProcessEnv;
  onProgress: (message: string) => void;
  /** Aborted when the user wants to end before all is up. */
  signal: AbortSignal;
}

/** Brings up Temporal, the world, every role's worker and the API, each ended again when a later one fails. */
export async function startDemoEnvironment(options: DemoEnvironmentOptions): Promise<DemoEnvironment> {
  const { environment, onProgress } = options;
  const endings: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    // One that cannot be ended must not keep the others running.
    for (const end of endings.splice(0).reverse()) {
      await end().catch((error: unknown) => options.onProgress(`while ending: ${String(error)}`));
    }
  };
  try {
    const temporal = await ensureTemporal({ environment, projectRoot: options.projectRoot, onProgress });
    options.signal.throwIfAborted();
    const world = await startWorld({ root: options.root, product: 'shop', bad: options.bad, onProgress });
    endings.push(() => world.stop());
    const { ports } = world.fixture;
    logToFile(join(world.folders.logs, 'workers.log'));

    let address = `127.0.0.1:${ports.temporal}`;
    if (temporal.kind === 'address') {
      address = temporal.address;
      onProgress(`using the Temporal server at ${address} (TEMPORAL_ADDRESS)`);
    } else {
      onProgress(`starting a local Temporal server (${temporal.source}), with its Web UI`);
      const server = await startLocalServer({
        binary: temporal.binary,
        folder: world.folders.temporal,
        port: ports.temporal,
        uiPort: ports.webUi,
        searchAttributes: SEARCH_ATTRIBUTES,
        environment,
      });
      endings.push(() => server.stop());
    }

    const installation = loadInstallation({ file: world.folders.config, environment: {} });
    if (isConfigMistakes(installation)) throw new Error(describeMistakes(installation));
    const namespace = installation.temporal.namespace;
    const { client, connection, close } = await connectClient({
      address,
      namespace,
      dataConverter: createDataConverter(),
    });
    endings.push(close);
    await ensureSearchAttributes({ connection, namespace });
    onProgress('starting a worker for each role, and the HTTP API');
    const workerConnection = await connectWorker({ address, namespace });
    endings.push(() => workerConnection.close());
    const bundle = await bundleWorkflows();
    const workers: Worker[] = [];
    for (const part of WORKER_PARTS) {
      workers.push(
        await createWorker(part, { connection: workerConnection, namespace, client, installation, bundle }),
      );
    }
    const running = workers.map((worker) => worker.run());
    endings.push(async () => {
      for (const worker of workers) worker.shutdown();
      await Promise.allSettled(running);
    });
    const api = await startApi({ installation, client, store: await openStore(installation) });
    endings.push(() => api.close());
    return {
      world,
      apiUrl: installation.api.url,
      webUiUrl: `${installation.webUiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent('release/shop')}`,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What the SDK tells goes to a file: at the terminal the release alone is told. */
function logToFile(file: string): void {
  const logger = new DefaultLogger('INFO', ({ level, message, meta, timestampNanos }) => {
    const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
    appendFileSync(file, `${JSON.stringify({ time, level, message, ...meta })}\n`);
  });
  // Ctrl-C is the environment's own: it ends workers, API and servers in their order.
  Runtime.install({ logger, shutdownSignals: [] });
}
