/**
 * A worker as a process of its own, for being killed: the roles of one or more installations, each on queues of its
 * own, with what the production process never has: barriers at which it dies (SIGKILL), freezes (SIGSTOP) or is asked to
 * stop (SIGTERM), once each.
 *
 * Arguments: one JSON text of `WorkerProcessOptions`. Prints `ready` when it polls. SIGTERM ends it in order.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger, NativeConnection, Runtime, type Worker } from '@temporalio/worker';
import type { Barrier } from '../../../src/activities/effects.ts';
import { isConfigMistakes } from '../../../src/config/installation.ts';
import { loadInstallation } from '../../../src/config/load.ts';
import { describeMistakes } from '../../../src/config/mistakes/mistake.ts';
import { connectClient } from '../../../src/temporal/connection.ts';
import { createDataConverter } from '../../../src/temporal/data-converter.ts';
import { createWorker, type WorkerPart } from '../../../src/workers/start-workers.ts';

export interface WorkerProcessOptions {
  address: string;
  hosts: { config: string; prefix: string }[];
  parts: WorkerPart[];
  /** `effect:barrier:kill`, `effect:barrier:freeze` or `effect:barrier:stop`. */
  crashAt: string[];
  /** Where it is noted which of them happened. */
  marks: string;
  /** The file with the bundled workflow code, for the part `workflow`: bundling takes seconds of each start. */
  workflows?: string;
}

const options = JSON.parse(process.argv[2] ?? '') as WorkerProcessOptions;

const SIGNALS = { kill: 'SIGKILL', freeze: 'SIGSTOP', stop: 'SIGTERM' } as const;

/** Dies at the first arrival at each place that was asked for; a worker that comes later finds the mark and lives. */
const barrier: Barrier = async (effect, moment) => {
  for (const [how, signal] of Object.entries(SIGNALS)) {
    const place = `${effect}:${moment}:${how}`;
    // A name of its own kind: the runs' folders lie beside, named after effect, barrier and ending, too.
    const mark = join(options.marks, `${place.replaceAll(':', '-')}.mark`);
    if (!options.crashAt.includes(place) || existsSync(mark)) continue;
    writeFileSync(mark, '');
    process.kill(process.pid, signal);
  }
};

Runtime.install({
  logger: new DefaultLogger('ERROR', ({ message, meta }) => console.error(message, meta ?? '')),
  shutdownSignals: [],
});
// Much longer than a person would wait: everything else starts at the same time.
const { client, close } = await connectClient({
  address: options.address,
  namespace: 'default',
  timeoutMs: 120_000,
  dataConverter: createDataConverter(),
});
const connection = await NativeConnection.connect({ address: options.address });
const bundle = options.workflows ? { bundle: { code: readFileSync(options.workflows, 'utf8') } } : {};
const workers: Worker[] = [];
for (const { config, prefix } of options.hosts) {
  const installation = loadInstallation({ file: config, environment: {} });
  if (isConfigMistakes(installation)) throw new Error(describeMistakes(installation));
  for (const part of options.parts) {
    const { shutdownGraceMs } = installation.workers;
    const setUp = { connection, namespace: 'default', client, installation, queuePrefix: prefix, barrier };
    workers.push(await createWorker(part, { ...setUp, ...bundle, shutdownGraceMs }));
  }
}
const running = workers.map((worker) => worker.run());
// For as long as it lives, as the real process does: while a git runs, execa's own listener ends a process by the
// signal that nobody else listens to any more.
process.on('SIGTERM', () => {
  for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
});
console.log('ready');
await Promise.all(running);
await connection.close();
await close();
process.exit(0);
