import { Client, Connection, type DataConverter } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { TEMPORAL_MS } from '../release/policy/inner-times.ts';
import { TemporalProblem } from './temporal-problem.ts';

/** Certificates for mutual TLS, PEM as bytes; `true` elsewhere means TLS with the system's authorities. */
export interface TlsSettings {
  serverNameOverride?: string;
  serverRootCACertificate?: Uint8Array;
  clientCertPair?: { crt: Uint8Array; key: Uint8Array };
}

export interface TemporalEndpoint {
  /** `HOST:PORT`. */
  address: string;
  namespace: string;
  tls?: TlsSettings | boolean;
  apiKey?: string;
}

export interface ConnectClientOptions extends TemporalEndpoint {
  dataConverter?: DataConverter;
  /** How long to wait for the server, in milliseconds; 4 s where nothing is said. */
  timeoutMs?: number;
}

/** A client and the way to let go of its connection. */
export interface ConnectedClient {
  client: Client;
  connection: Connection;
  close(): Promise<void>;
}

/**
 * Connects a client and makes sure that the server answers and knows the namespace.
 * @throws TemporalProblem in under 5 s by default, with the address and what to do.
 */
export async function connectClient(options: ConnectClientOptions): Promise<ConnectedClient> {
  const timeoutMs = options.timeoutMs ?? TEMPORAL_MS.connect;
  const connection = Connection.lazy({
    address: options.address,
    connectTimeout: timeoutMs,
    ...pickSecurity(options),
    // The server may be starting up beside us: look again soon, not after a growing pause of seconds.
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 1_000 },
  });
  try {
    await connection.ensureConnected();
    await connection.withDeadline(Date.now() + timeoutMs, () =>
      connection.workflowService.describeNamespace({ namespace: options.namespace }),
    );
  } catch (error) {
    await connection.close();
    throw describeConnectFailure(options, error);
  }
  const client = new Client({
    connection,
    namespace: options.namespace,
    ...(options.dataConverter === undefined ? {} : { dataConverter: options.dataConverter }),
  });
  return { client, connection, close: () => connection.close() };
}

/**
 * Connects a worker's native connection, shared by all workers of a process.
 * @throws TemporalProblem in under 5 s when the server is away.
 */
export async function connectWorker(options: TemporalEndpoint): Promise<NativeConnection> {
  // The native client waits long and says little; the client's check is quick and clear.
  const probe = await connectClient(options);
  await probe.close();
  // The native part is heavy, and may not be installed where no worker runs.
  const { NativeConnection } = await import('@temporalio/worker');
  return NativeConnection.connect({ address: options.address, ...pickSecurity(options) });
}

function pickSecurity(options: TemporalEndpoint) {
  return {
    ...(options.tls === undefined ? {} : { tls: options.tls as boolean }),
    ...(options.apiKey === undefined ? {} : { apiKey: options.apiKey }),
  };
}

function describeConnectFailure(options: TemporalEndpoint, error: unknown): TemporalProblem {
  const { code, details } = findGrpcStatus(error);
  const at = `at ${options.address}`;
  if (code === 5) {
    return new TemporalProblem(
      `The Temporal server ${at} has no namespace "${options.namespace}". Nothing was changed. Create it ` +
        `(temporal operator namespace create -n ${options.namespace}) or name another one in the configuration.`,
      { cause: error },
    );
  }
  if (code === 7 || code === 16) {
    return new TemporalProblem(
      `The Temporal server ${at} refuses these credentials for namespace "${options.namespace}" (${details}). ` +
        'Nothing was changed. Check the API key or client certificate in the configuration.',
      { cause: error },
    );
  }
  const cause = details === '' ? '' : ` (${details})`;
  return new TemporalProblem(
    `The Temporal server ${at} does not answer${cause}. Nothing was changed. Check the address and that the server ` +
      'runs ("windlass doctor" shows what is there; "windlass dev" starts one), then try again.',
    { cause: error },
  );
}

/** The gRPC status at the bottom of the SDK's chain of errors; code 14 (unavailable) where there is none. */
function findGrpcStatus(error: unknown): { code: number; details: string } {
  let current: unknown = error;
  let message = '';
  while (current instanceof Error) {
    const { code, details } = current as Error & { code?: unknown; details?: unknown };
    message = current.message;
    if (typeof code === 'number') return { code, details: typeof details === 'string' ? details : message };
    current = current.cause;
  }
  return { code: 14, details: message };
}
