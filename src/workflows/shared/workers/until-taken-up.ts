import { ActivityFailure, CancellationScope, sleep, TimeoutFailure } from '@temporalio/workflow';
import type { WorkerRole } from '../../../contracts/task-queues.ts';
import type { EventBody } from '../event-body.ts';

/** What a workflow is told of the workers that it asks: the event `worker_missing` once, then `worker_wait_over`. */
export type TellOfWorker = (
  event: Extract<EventBody, { event: 'worker_missing' | 'worker_wait_over' }>,
) => void;

/** Passes each change on once, however many pieces of work wait for the same role. */
export function tellOnce(tell: TellOfWorker): TellOfWorker {
  const missing = new Set<string>();
  return (event) => {
    const isMissing = event.event === 'worker_missing';
    if (missing.has(event.role) === isMissing) return;
    if (isMissing) missing.add(event.role);
    else missing.delete(event.role);
    tell(event);
  };
}

/** In milliseconds. */
interface Patience {
  /** How long work lies in a role's queue before it is said that nobody takes it. */
  first: number;
  /** Asked again ever less often, so that days without a worker cost few events; one that comes takes it up at once. */
  longest: number;
  /** The server's time-out is a little later than its time: what is quiet longer than this was taken up. */
  grace: number;
}

const PATIENCE: Patience = { first: 60_000, longest: 600_000, grace: 5_000 };

/**
 * Asks a role for work until a worker takes it up, and says so when none does: `ask` schedules it with a limit for
 * lying in the queue. What was never taken up has changed nothing, so asking again repeats nothing. That it was taken
 * up is known when it lies no longer than the limit: after as long again as it was missed, ten minutes at most.
 */
export async function untilTakenUp<T>(
  role: WorkerRole,
  tell: TellOfWorker,
  ask: (limitMs: number) => Promise<T>,
  patience: Patience = PATIENCE,
): Promise<T> {
  const since = new Date().toISOString();
  let isMissed = false;
  for (let limitMs = patience.first; ; limitMs = Math.min(2 * limitMs, patience.longest)) {
    const noticing = isMissed
      ? noticeTakenUp(limitMs + patience.grace, () => tell({ event: 'worker_wait_over', role }))
      : undefined;
    try {
      const value = await ask(limitMs);
      if (isMissed) tell({ event: 'worker_wait_over', role });
      return value;
    } catch (error) {
      if (!isNotTakenUp(error)) {
        if (isMissed) tell({ event: 'worker_wait_over', role });
        throw error;
      }
      isMissed = true;
      tell({ event: 'worker_missing', role, since });
    } finally {
      noticing?.cancel();
    }
  }
}

/** Whether it lay in the queue all the time: only then has no worker seen it. */
function isNotTakenUp(error: unknown): boolean {
  return (
    error instanceof ActivityFailure &&
    error.cause instanceof TimeoutFailure &&
    error.cause.timeoutType === 'SCHEDULE_TO_START'
  );
}

function noticeTakenUp(afterMs: number, isBack: () => void): CancellationScope {
  const scope = new CancellationScope();
  scope
    .run(async () => {
      await sleep(afterMs, { summary: 'until it is known that a worker took it up' });
      isBack();
    })
    // Cancelled: it ended, or lay in the queue again.
    .catch(() => undefined);
  return scope;
}
