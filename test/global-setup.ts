import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { SEARCH_ATTRIBUTES } from '../src/contracts/search-attributes.ts';
import { connectClient } from '../src/temporal/connection.ts';
import { ensureSearchAttributes } from '../src/temporal/search-attributes.ts';
import { ensureTemporal } from '../src/temporal/server/find-temporal.ts';
import { startLocalServer } from '../src/temporal/server/local-server.ts';

/** What the global setup hands to every test file. */
export interface SharedTemporal {
  address: string;
  /** Binary of the command line, for tests that start servers of their own; undefined with TEMPORAL_ADDRESS. */
  binary: string | undefined;
}

declare module 'vitest' {
  export interface ProvidedContext {
    temporal: SharedTemporal;
    /** Where tests keep what is made once in a run; see `support/fixture/made-once.ts`. */
    sharedFolder: string;
  }
}

/** One real Temporal server for the whole run: in memory, on a free port, gone with this process. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const sharedFolder = await mkdtemp(join(tmpdir(), 'windlass-test-shared-'));
  project.provide('sharedFolder', sharedFolder);
  const removeShared = () => rm(sharedFolder, { recursive: true, force: true });
  const projectRoot = fileURLToPath(new URL('..', import.meta.url));
  const choice = await ensureTemporal({
    environment: process.env,
    projectRoot,
    onProgress: (message) => console.log(message),
  });
  if (choice.kind === 'address') {
    const { connection, close } = await connectClient({ address: choice.address, namespace: 'default' });
    await ensureSearchAttributes({ connection, namespace: 'default' }).finally(close);
    project.provide('temporal', { address: choice.address, binary: undefined });
    return removeShared;
  }
  const folder = await mkdtemp(join(tmpdir(), 'windlass-test-temporal-'));
  const server = await startLocalServer({
    binary: choice.binary,
    folder,
    database: 'memory',
    uiPort: 'none',
    searchAttributes: SEARCH_ATTRIBUTES,
    environment: process.env,
  });
  project.provide('temporal', { address: server.address, binary: choice.binary });
  return async () => {
    await server.stop();
    await removeShared();
    await rm(folder, { recursive: true, force: true });
  };
}
