import { randomUUID } from 'node:crypto';
import type { Connection } from '@temporalio/client';
import { DefaultLogger, type NativeConnection, Runtime } from '@temporalio/worker';
import { inject } from 'vitest';
import { type ConnectedClient, connectClient, connectWorker } from '../../../src/temporal/connection.ts';
import { createDataConverter } from '../../../src/temporal/data-converter.ts';
import type { SealingKeys } from '../../../src/temporal/sealing/sealing-keys.ts';
import type { SharedTemporal } from '../../global-setup.ts';
import { waitFor } from '../wait-for.ts';

export { waitFor };

/** The run's shared Temporal server. */
export function readSharedTemporal(): SharedTemporal {
  return inject('temporal');
}

/** The binary, for tests that start servers of their own. */
export function readTemporalBinary(): string {
  const { binary } = readSharedTemporal();
  if (binary === undefined) throw new Error('This test starts a server of its own: unset TEMPORAL_ADDRESS.');
  return binary;
}

/** A client of the shared server, with the project's data converter. Close it in `afterAll`. */
export function connectTestClient(namespace = 'default', sealing?: SealingKeys): Promise<ConnectedClient> {
  return connectClient({
    address: readSharedTemporal().address,
    namespace,
    dataConverter: createDataConverter(sealing),
    timeoutMs: 10_000,
  });
}

/** A worker's connection to the shared server. Close it in `afterAll`, after the workers. */
export function connectTestWorker(): Promise<NativeConnection> {
  quietenSdk();
  return connectWorker({ address: readSharedTemporal().address, namespace: 'default' });
}

/** The SDK tells every change of a worker's state; only warnings are worth reading in a test's output. */
function quietenSdk(): void {
  const isNoise = (message: string) => /^No (activities|workflows) registered/.test(message);
  const logger = new DefaultLogger('WARN', ({ level, message, meta }) => {
    if (!isNoise(message)) console.warn(`[${level}] ${message}`, meta ?? '');
  });
  try {
    Runtime.install({ logger });
  } catch {
    // One runtime per process, and it is there already: this is not the first connection.
  }
}

/** A name that no other test uses: for task queues, workflow ids, products. */
export function makeUniqueName(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`;
}

/** Creates a namespace that no other test uses, ready for use, and returns its name. */
export async function createTestNamespace(connection: Connection): Promise<string> {
  const namespace = makeUniqueName('test');
  await connection.workflowService.registerNamespace({
    namespace,
    // A plain number is encoded as well as the Long that the type asks for.
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  await waitFor(`namespace ${namespace} to be known`, async () => {
    try {
      await connection.workflowService.countWorkflowExecutions({ namespace });
      return true;
    } catch {
      return false;
    }
  });
  return namespace;
}
