import { CancellationScope, condition, isCancellation, patched } from '@temporalio/workflow';
import type { WorkerRole } from '../../contracts/task-queues.ts';
import { refuseCommand } from '../../release/commands/refuse-command.ts';
import type { Asked } from '../../release/record/control.ts';
import { storeRef } from '../../release/record/read-fields.ts';
import type { FailureInfo, Phase } from '../../release/record/record.ts';
import { withLogs } from '../../release/record/step-logs.ts';
import { describeFailure } from './describe-failure.ts';
import { Interrupt, ReplacedMeanwhile, RolledBack } from './interrupts.ts';
import type { ReleaseRun } from './release-run.ts';

export interface StepSpec<T> {
  /** `<phase>.<what>`; the mission's checklist and every view know steps by it. */
  id: string;
  title: string;
  phase: Phase;
  role?: WorkerRole;
  /** Given only where policy allows going on without it: what the step's value is then. */
  skipped?: () => T;
  /** A rollback as the answer to a failure, where the version is live elsewhere; the next try carries it out. */
  goBack?: { isPossible(): boolean; choose(asked: Asked): void };
  /** The decision on which a protected step rests. It is asked for anew where it does not count any more. */
  decision?: StepDecision;
  /** What the scripts that made the value wrote. */
  logs?: (value: T) => unknown[];
  /** The sentence about a value for record and timeline. */
  describe?: (value: T) => string | undefined;
}

export interface StepDecision {
  /** Before the step is repeated: asks again for what has expired meanwhile. */
  renew(): Promise<void>;
  /** After a refusal: asks again for what policy does not accept. False where the decision is not what is wrong. */
  askAgain(): Promise<boolean>;
}

/**
 * Runs one step until it is done: a failure never ends the release, it waits durably for retry, replan, skip or
 * abort. An abort cancels what is running, so that nobody waits for a hanging script.
 */
export async function runStep<T>(run: ReleaseRun, spec: StepSpec<T>, work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    await run.safePoint();
    if (tries > 0 && spec.decision && patched('ask-at-every-try')) {
      await spec.decision.renew();
      // Asking has a phase of its own.
      if (run.record.phase !== spec.phase) run.apply({ event: 'phase_entered', phase: spec.phase });
    }
    run.apply({
      event: 'step_started',
      id: spec.id,
      title: spec.title,
      phase: spec.phase,
      ...(spec.role === undefined ? {} : { role: spec.role }),
    });
    try {
      const value = await runInterruptibly(run, work);
      const detail = spec.describe?.(value);
      const logs = (spec.logs?.(value) ?? []).map(storeRef).filter((log) => log !== undefined);
      const told = { ...(detail === undefined ? {} : { detail }), ...withLogs(logs) };
      run.apply({ event: 'step_done', id: spec.id, ...told });
      return value;
    } catch (error) {
      if (error instanceof RolledBack)
        run.apply({ event: 'step_failed', id: spec.id, failure: rolledBack(error) });
      if (error instanceof ReplacedMeanwhile)
        run.apply({ event: 'step_failed', id: spec.id, failure: replaced(error) });
      if (error instanceof Interrupt) throw error;
      // Cancelled by an operator in the Web UI: nobody is to be asked any more.
      if (isCancellation(error) && !run.interrupted) throw error;
      run.throwIfInterrupted();
      const failure = describeFailure(error);
      run.apply({ event: 'step_failed', id: spec.id, failure });
      if (failure.type === 'NotAuthorized' && spec.decision && patched('ask-at-every-try')) {
        if (await spec.decision.askAgain()) continue;
      }
      const skip = await takeTurn(run, spec.id, () => askWhatToDo(run, spec, failure));
      if (skip) return skip.value;
    }
  }
}

/** Notes that a step does not apply to this product: the record does not pretend. */
export function noteNotConfigured(
  run: ReleaseRun,
  spec: { id: string; title: string; phase: Phase },
  reason: string,
): void {
  run.apply({ event: 'step_not_configured', id: spec.id, title: spec.title, phase: spec.phase, reason });
}

/** Steps that run at the same time ask one after another: an answer is always for the one question that is seen. */
async function takeTurn<T>(run: ReleaseRun, id: string, ask: () => Promise<T>): Promise<T> {
  while (run.control.asking !== undefined) {
    await condition(() => run.control.asking === undefined || run.interrupted);
    run.throwIfInterrupted();
  }
  run.set('asking', id);
  try {
    return await ask();
  } finally {
    run.clear('asking');
  }
}

async function askWhatToDo<T>(
  run: ReleaseRun,
  spec: StepSpec<T>,
  failure: FailureInfo,
): Promise<{ value: T } | undefined> {
  const actions = [
    'retry',
    ...(refuseCommand(run.record, 'replan') ? [] : ['replan']),
    ...(spec.skipped ? ['skip'] : []),
    ...(spec.goBack?.isPossible() ? ['rollback'] : []),
    ...(refuseCommand(run.record, 'abort') ? [] : ['abort']),
  ];
  run.clear('choice');
  run.apply({
    event: 'waiting',
    waiting: { for: ['operator'], reason: `${spec.title} failed: ${failure.what}`, actions },
  });
  await run.notify('ceo', { occasion: failure.type === 'Blocked' ? 'blocked' : 'failed', step: spec.id });
  await condition(() => run.control.choice !== undefined || run.interrupted);
  run.apply({ event: 'waiting_over' });
  run.throwIfInterrupted();
  const { choice } = run.control;
  run.clear('choice');
  if (choice?.kind === 'rollback') spec.goBack?.choose(choice);
  if (choice?.kind === 'skip' && spec.skipped) {
    run.apply({ event: 'step_skipped', id: spec.id, by: choice.by, reason: choice.reason });
    return { value: spec.skipped() };
  }
  return undefined;
}

async function runInterruptibly<T>(run: ReleaseRun, work: () => Promise<T>): Promise<T> {
  const scope = new CancellationScope();
  let over = false;
  const running = scope.run(work).finally(() => {
    over = true;
  });
  // Whichever comes first: the step's own end, or somebody's wish to end or replan the release.
  void condition(() => over || run.interrupted).then(() => {
    if (!over) scope.cancel();
  });
  return await running;
}

/** A rollback ends the step that it undid: nobody is asked, the release goes on to its ending. */
function rolledBack(error: RolledBack): FailureInfo {
  return {
    type: 'RolledBack',
    what: error.message,
    changed: error.helped ? 'the version before is back' : 'going back did not help, or was not possible',
    next: 'release the fix as a new version',
  };
}

function replaced(error: ReplacedMeanwhile): FailureInfo {
  return {
    type: 'ReplacedMeanwhile',
    what: error.message,
    changed: 'nothing',
    next: `decide whether ${error.runs} is to be replaced`,
  };
}
