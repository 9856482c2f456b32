import { DefaultLogger, Runtime, type Worker } from '@temporalio/worker';
import { createLog } from '../../integrations/create-log.ts';
import { findRepositoryAbove } from '../../integrations/process/isolation.ts';
import {
  bundleWorkflows,
  createWorker,
  type WorkerPart,
  type WorkerSetUp,
} from '../../workers/start-workers.ts';
import { CliProblem } from '../line/cli-problem.ts';

export interface RunningWorkers {
  /** Rejects when a worker fails for good. */
  failed: Promise<never>;
  /** Stops polling, lets what runs come to its end or hand itself back, and waits for that. */
  stop(): Promise<void>;
}

/** A step that finds another repository above its checkout passes here and fails elsewhere, or the other way. */
function refuseParents(workFolder: string): void {
  const repository = findRepositoryAbove(workFolder);
  if (repository === undefined) return;
  throw new CliProblem(
    `work_folder ${workFolder} is no place for checkouts: it lies in a repository (${repository}), which they would find.`,
    { hint: 'Set work_folder to a folder outside of any repository, or leave it out. Nothing was started.' },
  );
}

/** Makes and starts the workers of `parts`, all on one connection. */
export async function runWorkers(
  parts: readonly WorkerPart[],
  setUp: Omit<WorkerSetUp, 'bundle' | 'barrier' | 'queuePrefix'>,
): Promise<RunningWorkers> {
  refuseParents(setUp.installation.workFolder);
  const bundle = parts.includes('workflow') ? { bundle: await bundleWorkflows() } : {};
  const workers: Worker[] = [];
  for (const part of parts) workers.push(await createWorker(part, { ...setUp, ...bundle }));
  const runs = workers.map((worker) => worker.run());
  const failed = new Promise<never>((_, reject) => {
    for (const run of runs) run.catch(reject);
  });
  // Whoever holds the workers listens later; a failure until then must not end the process on its own.
  failed.catch(() => undefined);
  return {
    failed,
    async stop() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.allSettled(runs);
    },
  };
}

/** What an entry of the SDK's log is about; the rest may hold what no log should. */
const LOGGED = ['taskQueue', 'workflowId', 'runId', 'activityType', 'activityId', 'attempt'];

/**
 * Once per process, before the first connection: the SDK's own log only for what is worth reading, and no handlers of
 * its own for signals, since the order in which things end is ours.
 */
export function installRuntime(writeError: (text: string) => void): void {
  // Each worker does one of the two, on purpose.
  const isNoise = (message: string) => /^No (activities|workflows) registered/.test(message);
  const log = createLog(writeError);
  const logger = new DefaultLogger('WARN', ({ level, message, meta }) => {
    if (isNoise(message)) return;
    const error = meta?.['error'];
    const about = LOGGED.flatMap((name) => (meta?.[name] === undefined ? [] : [[name, meta[name]]]));
    log(level === 'ERROR' ? 'error' : 'warn', message, {
      ...Object.fromEntries(about),
      ...(error instanceof Error ? { error: error.message } : {}),
    });
  });
  Runtime.install({ logger, shutdownSignals: [] });
}
