/** The API as a process: listens, signs with the installation's key, and ends cleanly. */
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import type { Client } from '@temporalio/client';
import { currentEnvironment } from '../config/environment.ts';
import type { Installation } from '../config/installation.ts';
import { readSecret } from '../config/secrets.ts';
import { DEFAULT_QUEUE_PREFIX, workflowQueue } from '../contracts/task-queues.ts';
import { createLog } from '../integrations/create-log.ts';
import { openLedger } from '../integrations/ledger/ledger.ts';
import { readLedgerKeys } from '../integrations/ledger/ledger-keys.ts';
import type { Store } from '../providers/store/store.ts';
import { openStore } from '../providers/store/stores.ts';
import { connectInstallation } from '../temporal/installation-client.ts';
import { buildApp } from './app.ts';
import { keepEndedSessions } from './auth/ended-sessions.ts';
import { type ApiDeps, type ApiLimits, DEFAULT_LIMITS } from './deps.ts';
import { markUnverified } from './mark-unverified.ts';
import { createTemporalGateway } from './temporal/temporal-gateway.ts';

export interface StartApiOptions {
  installation: Installation;
  /** Connected with the project's data converter, and closed by the caller. Else a connection of the API's own. */
  client?: Client;
  /** Else the one that the configuration names. */
  store?: Store;
  queuePrefix?: string;
  /** Instead of the configuration's; 0 takes a free port. */
  host?: string;
  port?: number;
  limits?: Partial<ApiLimits>;
  log?: ApiDeps['log'];
  /** For secrets that are in the environment; the process's own where nothing is said. */
  environment?: NodeJS.ProcessEnv;
}

export interface RunningApi {
  /** Where it really listens, such as `http://127.0.0.1:8080`. */
  url: string;
  port: number;
  /** Ends open streams and waits for answers that are on their way. */
  close(): Promise<void>;
}

/**
 * Starts the API.
 * @throws when the port is taken, a configured secret cannot be read, or Temporal is away (TemporalProblem).
 */
export async function startApi(options: StartApiOptions): Promise<RunningApi> {
  const { client, disconnect } = await takeClient(options);
  try {
    const running = await listen(options, client);
    return {
      ...running,
      close: async () => {
        await running.close();
        await disconnect();
      },
    };
  } catch (error) {
    await disconnect();
    throw error;
  }
}

async function takeClient(
  options: StartApiOptions,
): Promise<{ client: Client; disconnect: () => Promise<void> }> {
  if (options.client) return { client: options.client, disconnect: async () => undefined };
  const environment = options.environment ?? currentEnvironment();
  const { client, close } = await connectInstallation({
    installation: options.installation,
    role: 'api',
    environment,
  });
  return { client, disconnect: close };
}

async function listen(options: StartApiOptions, client: Client): Promise<RunningApi> {
  const { installation } = options;
  const secret = (name: string) => readSecret(installation, name, 'api', options.environment);
  const store = options.store ?? (await openStore(installation.store, secret));
  const ledgerKeys = readLedgerKeys(installation, 'api', secret);
  const ledger = ledgerKeys && openLedger(store, ledgerKeys);
  const gateway = createTemporalGateway({
    client,
    store,
    taskQueue: workflowQueue(options.queuePrefix ?? DEFAULT_QUEUE_PREFIX),
  });
  const deps: ApiDeps = {
    installation,
    ledger,
    gateway: ledger ? markUnverified(gateway, ledger) : gateway,
    signer: createSigner(options),
    secret: (name) =>
      Object.hasOwn(installation.secrets, name)
        ? readSecret(installation, name, 'api', options.environment)
        : undefined,
    endedSessions: keepEndedSessions(store, () => new Date()),
    cookieKey: readCookieKey(options),
    clock: () => new Date(),
    random: (bytes) => randomBytes(bytes),
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    log: options.log ?? createLog((line) => void process.stderr.write(line)),
  };
  // A key that cannot be read is told now, not at the first approval.
  deps.signer();
  const app = await buildApp(deps);
  const host = options.host ?? installation.api.host;
  await app.listen({ host, port: options.port ?? installation.api.port });
  const { port } = app.server.address() as AddressInfo;
  const shown = host.includes(':') ? `[${host}]` : host;
  return { url: `http://${shown}:${port}`, port, close: () => app.close() };
}

function createSigner({ installation, environment }: StartApiOptions): ApiDeps['signer'] {
  return () => {
    const { signing } = installation.api;
    if (!signing) return undefined;
    return {
      keyId: signing.keyId,
      privateKey: readSecret(installation, signing.privateKey, 'api', environment),
    };
  };
}

/** Without a configured key, sessions end with the process and count at this copy only. */
function readCookieKey({ installation, environment }: StartApiOptions): Uint8Array {
  const { cookieKey } = installation.api;
  return cookieKey === undefined
    ? randomBytes(32)
    : Buffer.from(readSecret(installation, cookieKey, 'api', environment));
}
