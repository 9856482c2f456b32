import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Installation } from '../../config/installation.ts';
import { SEARCH_ATTRIBUTES } from '../../contracts/search-attributes.ts';
import { WORKER_PARTS } from '../../contracts/task-queues.ts';
import { isPortFree } from '../../temporal/free-port.ts';
import { connectInstallation, connectInstallationWorker } from '../../temporal/installation-client.ts';
import { readSealingKeys } from '../../temporal/sealing/sealing-keys.ts';
import { ensureSearchAttributes } from '../../temporal/search-attributes.ts';
import { ensureTemporal } from '../../temporal/server/find-temporal.ts';
import { startLocalServer } from '../../temporal/server/local-server.ts';
import { CliProblem } from '../line/cli-problem.ts';
import { type CliContext, processContext } from '../line/context.ts';
import { readLine } from '../line/read-line.ts';
import { readInstallation, tellStopped } from '../read-installation.ts';
import { fillInDevelopmentKeys } from './development-keys.ts';
import { followEdits } from './follow-edits.ts';
import { holdUntilStopped } from './hold-until-stopped.ts';
import { installRuntime, runWorkers } from './run-workers.ts';
import { startOwnApi } from './start-own-api.ts';

const HELP = `Usage: windlass dev [--config FILE]

Everything in one process, for development: Temporal (the configured server, else a local one of its own, found or
built), a worker for every role, and the HTTP API with its pages. Prints where everything is. Ctrl-C ends all of it in
order; releases in flight go on with the next start. An edit of the configuration is taken up, and what it changed is
said; one with mistakes is told and changes nothing. Where the configuration names no signing key, and for people
without a token, it makes some of its own in .windlass/keys.

  --config FILE        else WINDLASS_CONFIG, else the nearest windlass.yaml ("windlass config init" writes one)

Exit codes: 0 ended when asked to, 1 failed, 2 wrong use.
`;

const GRACE_MS = 60_000;

/** The ports of Temporal's own development server: whoever knows it looks there first. */
const USUAL_PORTS = { server: 7233, ui: 8233 };

/** `windlass dev`: comes back only when it could not start. */
export async function runDev(argv: string[], context: CliContext = processContext()): Promise<number> {
  const read = readLine(argv, context, HELP, { command: 'dev', options: ['config'] });
  if (!read) return 0;
  const written = openToReaders(readInstallation(read.options.config, context));
  tellStopped(written, context.writeError);
  // The last started ends first.
  const started: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of started.toReversed()) await end();
  };
  try {
    const { failed } = await startEverything(written, context, started);
    context.write('Ctrl-C ends everything in order.\n');
    return await holdUntilStopped({
      command: 'dev',
      failed,
      stop,
      writeError: context.writeError,
      graceMs: GRACE_MS,
    });
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Alone on its machine, and looked at in the Web UI: sealed only where the configuration gives keys. */
function openToReaders(installation: Installation): Installation {
  const { temporal } = installation;
  const sealedPayloads = temporal.sealedPayloads && temporal.payloadKeys.length > 0;
  return { ...installation, temporal: { ...temporal, sealedPayloads } };
}

async function startEverything(
  written: Installation,
  context: CliContext,
  started: (() => Promise<void>)[],
): Promise<{ failed: Promise<never> }> {
  const { environment } = context;
  installRuntime(context.writeError);
  // Beside the store, not in the work folder, which may be lost at any time.
  const folder = join(dirname(written.file), '.windlass');
  const { installation: completed, tokens } = await fillInDevelopmentKeys(written, join(folder, 'keys'));
  const { installation, serverFailed } = await provideTemporal(completed, folder, context, started);
  const access = { installation, role: 'workflow', environment } as const;
  const { client, connection, close } = await connectInstallation(access);
  started.push(close);
  const { namespace } = installation.temporal;
  await ensureSearchAttributes({ connection, namespace });
  const native = await connectInstallationWorker(access);
  started.push(() => native.close());
  const sealing = readSealingKeys(installation, 'workflow', environment);
  const setUp = { connection: native, client, installation, namespace, sealing };
  const workers = await runWorkers(WORKER_PARTS, setUp);
  started.push(workers.stop);
  context.write(`workers   ${WORKER_PARTS.join(', ')}\n`);
  const api = await startOwnApi(installation, client, context);
  started.push(api.close);
  context.write(`API       ${api.url}\n`);
  const complete = (edited: Installation) =>
    fillInDevelopmentKeys(openToReaders(edited), join(folder, 'keys'));
  started.push(followEdits(installation, context, { complete }));
  for (const { person, file } of tokens) context.write(`token     ${person}: --token-file ${file}\n`);
  return { failed: Promise.race([workers.failed, serverFailed]) };
}

/** The configured server, or one of our own for as long as this process lives. */
async function provideTemporal(
  installation: Installation,
  folder: string,
  context: CliContext,
  started: (() => Promise<void>)[],
): Promise<{ installation: Installation; serverFailed: Promise<never> }> {
  const { environment } = context;
  const never = new Promise<never>(() => undefined);
  if (installation.temporal.address !== undefined) {
    context.write(`Temporal  ${installation.temporal.address} (as configured)\n`);
    return { installation, serverFailed: never };
  }
  const choice = await ensureTemporal({
    environment,
    projectRoot: fileURLToPath(new URL('../../..', import.meta.url)),
    onProgress: (message) => context.writeError(`${message}\n`),
  });
  if (choice.kind === 'address') {
    context.write(`Temporal  ${choice.address} (${choice.source})\n`);
    const temporal = { ...installation.temporal, address: choice.address };
    return { installation: { ...installation, temporal }, serverFailed: never };
  }
  const { namespace } = installation.temporal;
  const server = await startLocalServer({
    binary: choice.binary,
    folder: join(folder, 'temporal'),
    ...((await isPortFree(USUAL_PORTS.server)) ? { port: USUAL_PORTS.server } : {}),
    ...((await isPortFree(USUAL_PORTS.ui)) ? { uiPort: USUAL_PORTS.ui } : {}),
    namespaces: namespace === 'default' ? [] : [namespace],
    searchAttributes: SEARCH_ATTRIBUTES,
    environment,
  });
  let stopping = false;
  started.push(async () => {
    stopping = true;
    await server.stop();
  });
  const webUiUrl = installation.webUiUrl ?? server.uiUrl;
  context.write(`Temporal  ${server.address} (${choice.source})\n`);
  if (webUiUrl !== undefined) context.write(`Web UI    ${webUiUrl}\n`);
  const serverFailed = server.exited.then((code) => {
    if (stopping) return never;
    throw new CliProblem(`the local Temporal server ended with ${code}.`, {
      hint: `Its log is ${server.logFile}. What was in flight goes on with the next start.`,
    });
  });
  serverFailed.catch(() => undefined);
  return {
    installation: {
      ...installation,
      temporal: { ...installation.temporal, address: server.address },
      ...(webUiUrl === undefined ? {} : { webUiUrl }),
    },
    serverFailed,
  };
}
