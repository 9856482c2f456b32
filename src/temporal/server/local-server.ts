import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TEMPORAL_MS } from '../../release/policy/inner-times.ts';
import { connectClient } from '../connection.ts';
import { doesPortAnswer, findFreePort, isPortFree } from '../free-port.ts';
import { TemporalProblem } from '../temporal-problem.ts';
import { removeServerRecord, waitForPreviousServer, writeServerRecord } from './server-record.ts';
import { startWatchedProcess, type WatchedProcess } from './watched-process.ts';

/** A search attribute's type, by the names that the server uses. */
export type SearchAttributeTypeName =
  | 'Keyword'
  | 'KeywordList'
  | 'Datetime'
  | 'Text'
  | 'Int'
  | 'Double'
  | 'Bool';

export interface LocalServerOptions {
  /** Path of the `temporal` command line; see `ensureTemporal`. */
  binary: string;
  /** Where database, log and a note of the running server lie; made when missing. */
  folder: string;
  /** `file` (default) survives a kill -9 and is taken up again by the next start; `memory` is for tests. */
  database?: 'file' | 'memory';
  /** Loopback address to listen on; `127.0.0.1` where nothing is said. */
  host?: string;
  /** gRPC port; a free one where nothing is said. */
  port?: number;
  /** Web UI port; a free one where nothing is said; `none` starts no Web UI. */
  uiPort?: number | 'none';
  /** Namespaces beside `default`. */
  namespaces?: readonly string[];
  /** Custom search attributes of every namespace named here and of `default`. */
  searchAttributes?: Readonly<Record<string, SearchAttributeTypeName>>;
  /** Log file; `temporal-server.log` in the folder where nothing is said. */
  logFile?: string;
  environment: Record<string, string | undefined>;
  /** How long it may take until it answers, in milliseconds; 30 s where nothing is said. */
  startLimitMs?: number;
}

export interface LocalServer {
  /** `HOST:PORT` of its gRPC front end. */
  address: string;
  /** Web UI, or undefined without one. */
  uiUrl: string | undefined;
  pid: number;
  logFile: string;
  /** Settles with the exit code when the server ends, whoever ended it. */
  exited: Promise<number>;
  /** Ends it and waits until it is gone. May be called twice. */
  stop(): Promise<void>;
}

/** A free port may be lost to another process before the server binds it; more than twice in a row is no chance. */
const START_ATTEMPTS = 3;

/**
 * Starts Temporal's development server (SQLite, Web UI, time skipping allowed) and waits until it answers. It
 * never outlives this process, not even after kill -9; its database does.
 * @throws TemporalProblem when a wished port is taken, another server uses the folder, or it does not come up.
 */
export async function startLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  const host = options.host ?? '127.0.0.1';
  await mkdir(options.folder, { recursive: true });
  await waitForPreviousServer(options.folder);
  await refuseTakenPorts(options, host);
  const portsAreGiven = options.port !== undefined && options.uiPort !== undefined;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(options, host);
    } catch (error) {
      const lostPort = error instanceof Error && /address already in use/.test(error.message);
      if (!lostPort || portsAreGiven || attempt === START_ATTEMPTS) throw error;
    }
  }
}

async function refuseTakenPorts(options: LocalServerOptions, host: string): Promise<void> {
  const wished = [
    ['Temporal server', options.port],
    ['Web UI', options.uiPort],
  ] as const;
  for (const [what, port] of wished) {
    if (typeof port !== 'number' || (await isPortFree(port, host))) continue;
    throw new TemporalProblem(
      `Port ${port} of ${host}, wanted for the ${what}, is taken by another program. Nothing was started. ` +
        'Stop that program or choose another port.',
    );
  }
}

async function startOnce(options: LocalServerOptions, host: string): Promise<LocalServer> {
  const port = options.port ?? (await findFreePort(host));
  const uiPort = options.uiPort === 'none' ? undefined : (options.uiPort ?? (await findFreePort(host)));
  const logFile = options.logFile ?? join(options.folder, 'temporal-server.log');
  const log = await open(logFile, 'a');
  const logStart = (await log.stat()).size;
  const watched = await startProcess(options, { host, port, uiPort }, log);
  const address = `${host}:${port}`;
  const uiUrl = uiPort === undefined ? undefined : `http://${host}:${uiPort}`;
  // Before it is up: were we killed now, the next start must know of it.
  await writeServerRecord(options.folder, { pid: watched.pid, host, port, ...(uiUrl ? { uiUrl } : {}) });
  try {
    await waitUntilUp(options, { address, host, uiPort }, watched);
  } catch (error) {
    await watched.stop();
    await removeServerRecord(options.folder);
    const tail = await readTail(logFile, logStart);
    const reason = error instanceof Error ? error.message : String(error);
    throw new TemporalProblem(
      `The local Temporal server did not come up at ${address}: ${reason}\n` +
        `It was stopped again; its database is untouched. The end of its log (${logFile}):\n${tail}`,
      { cause: error },
    );
  }
  return {
    address,
    uiUrl,
    pid: watched.pid,
    logFile,
    exited: watched.exited,
    async stop() {
      await watched.stop();
      await removeServerRecord(options.folder);
    },
  };
}

async function startProcess(
  options: LocalServerOptions,
  place: { host: string; port: number; uiPort: number | undefined },
  log: FileHandle,
): Promise<WatchedProcess> {
  try {
    return await startWatchedProcess({
      file: options.binary,
      args: listServerArguments(options, place),
      environment: options.environment,
      output: log.fd,
      graceSeconds: 10,
    });
  } finally {
    await log.close();
  }
}

/** The development server's arguments. `--disable-config-*` keeps a person's own Temporal profile out of it. */
function listServerArguments(
  options: LocalServerOptions,
  place: { host: string; port: number; uiPort: number | undefined },
): string[] {
  const args = ['server', 'start-dev', '--ip', place.host, '--port', String(place.port)];
  args.push('--disable-config-file', '--disable-config-env', '--log-level', 'warn', '--color', 'never');
  args.push('--dynamic-config-value', 'frontend.WorkflowTimeSkippingEnabled=true');
  if (place.uiPort === undefined) args.push('--headless');
  else args.push('--ui-port', String(place.uiPort), '--ui-disable-news-fetch');
  if (options.database !== 'memory') args.push('--db-filename', join(options.folder, 'temporal.db'));
  for (const namespace of options.namespaces ?? []) args.push('--namespace', namespace);
  for (const [name, type] of Object.entries(options.searchAttributes ?? {})) {
    args.push('--search-attribute', `${name}=${type}`);
  }
  return args;
}

/** Up means: it answers, knows every namespace with its search attributes, and the Web UI accepts connections. */
async function waitUntilUp(
  options: LocalServerOptions,
  place: { address: string; host: string; uiPort: number | undefined },
  watched: WatchedProcess,
): Promise<void> {
  const deadline = Date.now() + (options.startLimitMs ?? 30_000);
  let ended: number | undefined;
  void watched.exited.then((code) => {
    ended = code;
  });
  for (;;) {
    const notYet = await findWhatIsMissing(options, place);
    if (notYet === undefined) return;
    if (ended !== undefined) throw new Error(`it ended with code ${ended}.`);
    if (Date.now() > deadline) throw new Error(`${notYet}.`);
    await Promise.race([watched.exited, delay(50)]);
  }
}

async function findWhatIsMissing(
  options: LocalServerOptions,
  place: { address: string; host: string; uiPort: number | undefined },
): Promise<string | undefined> {
  const [, port] = place.address.split(':');
  if (!(await doesPortAnswer(Number(port), place.host))) return 'it does not accept connections';
  for (const namespace of ['default', ...(options.namespaces ?? [])]) {
    const missing = await checkNamespace(
      place.address,
      namespace,
      Object.keys(options.searchAttributes ?? {}),
    );
    if (missing !== undefined) return missing;
  }
  if (place.uiPort !== undefined && !(await doesPortAnswer(place.uiPort, place.host))) {
    return 'its Web UI does not accept connections';
  }
  return undefined;
}

async function checkNamespace(
  address: string,
  namespace: string,
  attributes: readonly string[],
): Promise<string | undefined> {
  try {
    const { connection, close } = await connectClient({
      address,
      namespace,
      timeoutMs: TEMPORAL_MS.connectHere,
    });
    try {
      const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
      const missing = attributes.filter((name) => !(name in (customAttributes ?? {})));
      return missing.length === 0
        ? undefined
        : `it does not know the search attributes ${missing.join(', ')} yet`;
    } finally {
      await close();
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function readTail(logFile: string, start: number): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.slice(Math.min(start, text.length)).trim().split('\n').slice(-15).join('\n');
}
