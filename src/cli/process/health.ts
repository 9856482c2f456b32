import { hostname } from 'node:os';
import type { Installation } from '../../config/installation.ts';
import { roleQueue, WORKER_PARTS, workflowQueue } from '../../contracts/task-queues.ts';
import { findPollers } from '../../temporal/find-pollers.ts';
import { readEndpoint } from '../../temporal/installation-client.ts';
import type { WorkerPart } from '../../workers/start-workers.ts';
import { CliProblem, misuse } from '../line/cli-problem.ts';
import { type CliContext, processContext } from '../line/context.ts';
import { readLine } from '../line/read-line.ts';
import { readInstallation, tellStopped } from '../read-installation.ts';

const HELP = `Usage: windlass health ROLE [--config FILE]
       windlass health api [--config FILE]

Whether the worker of ROLE on this machine (or the API) does its work: what containers and supervisors ask. Temporal is
asked whether a worker of this host polls the role's queue, so one that hangs or lost its connection is not healthy.

  --config FILE        else WINDLASS_CONFIG, else the nearest windlass.yaml

Exit codes: 0 healthy, 1 not, 2 wrong use.
`;

const LIMIT_MS = 10_000;

/** What `windlass health` needs beside its arguments; tests bring their own. */
export interface HealthSetUp {
  context?: CliContext;
  /** What the installation's queues are called, where that is not the default. */
  queuePrefix?: string;
}

/** `windlass health`; see `--help`. */
export async function runHealth(argv: string[], setUp: HealthSetUp = {}): Promise<number> {
  const context = setUp.context ?? processContext();
  const read = readLine(argv, context, HELP, {
    command: 'health',
    operands: ['ROLE'],
    options: ['config'],
  } as const);
  if (!read) return 0;
  const [name = ''] = read.operands;
  const part = WORKER_PARTS.find((candidate) => candidate === name);
  if (part === undefined && name !== 'api') {
    throw misuse(`health: there is no such role. There are: ${[...WORKER_PARTS, 'api'].join(', ')}.`);
  }
  const installation = readInstallation(read.options.config, context);
  if (part === undefined) await askApi(installation.api.port);
  else await askWorker(installation, part, setUp.queuePrefix, context);
  context.write(`${name}: healthy\n`);
  // One product's mistake is nothing that a restart of this process would mend.
  tellStopped(installation, context.write);
  return 0;
}

async function askApi(port: number): Promise<void> {
  const url = `http://127.0.0.1:${port}/healthz`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS) }).catch((error: unknown) => {
    const { cause, name } = error as { cause?: { code?: string }; name: string };
    throw new CliProblem(`${url} gives no answer (${cause?.code ?? name}).`);
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new CliProblem(`${url} answers ${answer.status}.`);
}

async function askWorker(
  installation: Installation,
  part: WorkerPart,
  prefix: string | undefined,
  { environment }: CliContext,
): Promise<void> {
  const endpoint = await readEndpoint({ installation, role: part, environment });
  const queue = part === 'workflow' ? workflowQueue(prefix) : roleQueue(workflowQueue(prefix), part);
  const kind = part === 'workflow' ? 'workflow' : 'activity';
  const pollers = await findPollers({ ...endpoint, taskQueue: queue, kind });
  // The SDK names a worker PROCESS@HOST.
  if (pollers.some(({ identity }) => identity.endsWith(`@${hostname()}`))) return;
  throw new CliProblem(`no worker of this host (${hostname()}) polls ${queue}.`);
}
