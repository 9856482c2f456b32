/**
 * The API as a process of its own, for being killed: it dies (SIGKILL) right after Temporal has accepted what it was
 * asked to, before it can answer; once for each kind of call.
 *
 * Arguments: one JSON text of `KillableApi`. Prints `listening on URL`.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, type WorkflowClientInterceptor } from '@temporalio/client';
import { startApi } from '../../../src/api/server.ts';
import { isConfigMistakes } from '../../../src/config/installation.ts';
import { loadInstallation } from '../../../src/config/load.ts';
import { connectClient } from '../../../src/temporal/connection.ts';
import { createDataConverter } from '../../../src/temporal/data-converter.ts';

export interface KillableApi {
  address: string;
  config: string;
  queuePrefix: string;
  /** Where it is noted which of them happened: the next process finds the mark and lives. */
  marks: string;
}

const options = JSON.parse(process.argv[2] ?? '') as KillableApi;

function dieOnce(call: string): void {
  const mark = join(options.marks, call);
  if (existsSync(mark)) return;
  writeFileSync(mark, '');
  process.kill(process.pid, 'SIGKILL');
}

const interceptor: WorkflowClientInterceptor = {
  async startWithDetails(input, next) {
    const started = await next(input);
    dieOnce('start');
    return started;
  },
  async signal(input, next) {
    await next(input);
    dieOnce('signal');
  },
};
const installation = loadInstallation({ file: options.config, environment: {} });
if (isConfigMistakes(installation)) throw new Error(JSON.stringify(installation.mistakes));
const { client } = await connectClient({
  address: options.address,
  namespace: 'default',
  dataConverter: createDataConverter(),
});
const deadly = new Client({
  connection: client.connection,
  namespace: client.options.namespace,
  dataConverter: createDataConverter(),
  interceptors: { workflow: [interceptor] },
});
const api = await startApi({ installation, client: deadly, queuePrefix: options.queuePrefix, port: 0 });
console.log(`listening on ${api.url}`);
