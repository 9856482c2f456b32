/** `windlass replay`: whether open workflows go on with this version's code. */
import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { Installation } from '../config/installation.ts';
import { printable } from '../release/plan/printable.ts';
import { connectInstallation } from '../temporal/installation-client.ts';
import { type RecordedHistory, readHistoryFile, readOpenHistories } from '../temporal/read-histories.ts';
import { listSealed } from '../temporal/sealing/find-unopenable.ts';
import { readSealingKeys } from '../temporal/sealing/sealing-keys.ts';
import { type ReplayOptions, replayHistories } from '../workers/replay-histories.ts';
import { misuseOf } from './line/cli-problem.ts';
import { type CliContext, processContext } from './line/context.ts';
import { readArguments } from './line/read-arguments.ts';
import { readInstallation } from './read-installation.ts';

const HELP = `Usage: windlass replay --from-server [--config FILE]
       windlass replay FILE… [--config FILE]

Says before an upgrade whether the releases in flight go on with this version: replays the histories of open workflows
on its code, and tells in a sentence each what would break. Changes nothing anywhere.

  --from-server        every open workflow of the configured Temporal server and namespace
  FILE                 a history: JSON of "temporal workflow show --output json", or protobuf; also with gzip
  --config FILE        else WINDLASS_CONFIG, else the nearest windlass.yaml; with files only read where they are sealed

Sealed payloads are opened with the installation's keys, as its workflow worker reads them.

Exit codes: 0 all go on, 1 some would break or could not be looked at, 2 wrong use.
`;

/** `windlass replay`, as its process runs it: what the SDK logs of a replay that breaks is told by the command. */
export async function startReplay(argv: string[]): Promise<number> {
  Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined), shutdownSignals: [] });
  return await runReplay(argv);
}

/** `windlass replay [--from-server | FILE…]`. */
export async function runReplay(argv: string[], context: CliContext = processContext()): Promise<number> {
  const line = { command: 'replay', rest: true, options: ['config'], switches: ['from-server'] } as const;
  const read = readArguments(line, argv);
  if (read === 'help') {
    context.write(HELP);
    return 0;
  }
  const { operands: files, options, switches } = read;
  if (switches['from-server'] === files.length > 0) {
    throw misuseOf('replay', ['say either --from-server or files with histories.']);
  }
  if (switches['from-server']) return await replayServer(options.config, context);
  const histories = await readFiles(files);
  const sealed = histories.some(({ history }) => listSealed(history).length > 0);
  const how = sealed
    ? readKeys(readInstallation(options.config, context), context)
    : { sealing: undefined, namespace: 'default' };
  return await tell(histories, how, context);
}

async function replayServer(config: string | undefined, context: CliContext): Promise<number> {
  const installation = readInstallation(config, context);
  const access = { installation, role: 'workflow', environment: context.environment } as const;
  const { client, close } = await connectInstallation(access);
  try {
    return await tell(readOpenHistories(client), readKeys(installation, context), context);
  } finally {
    await close();
  }
}

function readKeys(installation: Installation, context: CliContext): ReplayOptions {
  const sealing = readSealingKeys(installation, 'workflow', context.environment);
  return { sealing, namespace: installation.temporal.namespace };
}

async function readFiles(files: string[]): Promise<RecordedHistory[]> {
  const read = await Promise.allSettled(files.map(readHistoryFile));
  const mistakes = read.flatMap((result, at) =>
    result.status === 'rejected'
      ? [`${printable(files[at] ?? '')}: ${(result.reason as Error).message}.`]
      : [],
  );
  if (mistakes.length > 0) throw misuseOf('replay', mistakes, 'Nothing was replayed.');
  return read.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

async function tell(
  histories: AsyncIterable<RecordedHistory> | Iterable<RecordedHistory>,
  options: ReplayOptions,
  context: CliContext,
): Promise<number> {
  let replayed = 0;
  let broken = 0;
  for await (const { workflowId, problem } of replayHistories(histories, options)) {
    replayed += 1;
    if (problem === undefined) continue;
    broken += 1;
    context.write(`${printable(workflowId)} would not go on: ${printable(problem)}.\n`);
  }
  if (replayed === 0) context.write('No workflow is open: nothing could break.\n');
  else if (broken === 0) context.write(`All ${replayed} go on with this version.\n`);
  else {
    context.write(
      `${broken} of ${replayed} would not go on with this version. Nothing was changed. Keep the workers of the version ` +
        'that runs until they have ended, or abort them there; docs/upgrading.md says more.\n',
    );
  }
  return broken === 0 ? 0 : 1;
}
