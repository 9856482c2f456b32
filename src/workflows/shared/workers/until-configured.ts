import { ActivityFailure, ApplicationFailure, sleep } from '@temporalio/workflow';
import type { FailureType } from '../../../contracts/failures.ts';
import type { Asking } from '../../../contracts/inbound/read-asking.ts';
import type { WorkerRole } from '../../../contracts/task-queues.ts';
import { FLOW_MS } from '../../../release/policy/inner-times.ts';
import type { TellOfWorker } from './until-taken-up.ts';

const REFUSED: FailureType = 'ConfigurationRefused';

/**
 * Asks a role for work until its worker's configuration lets it begin, and says why it does not: a mistake in the file
 * fails no step and takes nothing back. What was refused has changed nothing.
 */
export async function untilConfigured<T>(
  role: WorkerRole,
  tell: TellOfWorker | undefined,
  ask: (asking: Asking | undefined) => Promise<T>,
): Promise<T> {
  let since: string | undefined;
  const over = () => {
    if (since !== undefined) tell?.({ event: 'worker_wait_over', role });
  };
  for (let round = 0; ; round++) {
    try {
      const value = await ask(round === 0 ? undefined : { round });
      over();
      return value;
    } catch (error) {
      const why = readRefusal(error);
      if (why === undefined) {
        over();
        throw error;
      }
      since ??= new Date().toISOString();
      tell?.({ event: 'worker_missing', role, since, why: why.slice(0, 500) });
      const afterMs = Math.min(FLOW_MS.configuredFirst * 2 ** Math.min(round, 10), FLOW_MS.configuredRarest);
      await sleep(afterMs, { summary: 'until the configuration is looked at again' });
    }
  }
}

function readRefusal(error: unknown): string | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof ApplicationFailure && cause.type === REFUSED ? cause.message : undefined;
}
