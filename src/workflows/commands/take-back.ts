import { defineSignal, getExternalWorkflowHandle, setHandler, workflowInfo } from '@temporalio/workflow';
import { readTakeBack, type TakeBack } from '../../contracts/inbound/read-notes.ts';
import { INTERNAL_SIGNALS } from '../../contracts/internal-signals.ts';
import {
  hotfixWorkflowId,
  releaseWorkflowId,
  rollBackProductWorkflowId,
} from '../../contracts/workflow-ids.ts';
import { isLive } from '../../release/record/is-live.ts';
import type { ReleaseRun } from '../shared/release-run.ts';

/**
 * Between go-live and its end a run tags, merges and offers its version. A rollback that takes that very version back
 * says so, and the run ends instead: going back is the safe direction, so that what a rollback says counts, as far as
 * it is about what this run has live.
 */
export function listenForTakeBack(run: ReleaseRun): void {
  setHandler(defineSignal<[unknown]>(INTERNAL_SIGNALS.takeBack), (argument) => {
    const said = readTakeBack(argument);
    const isOurs = said?.version === run.record.plan?.version && isLive(run.record);
    if (!said || !isOurs || run.control.takenBack) {
      const reason = 'this run has nothing live that it would be about';
      run.apply({
        event: 'command_refused',
        refusal: { what: 'take back', by: said?.by ?? 'unknown', reason },
      });
      return;
    }
    run.set('takenBack', { by: said.by, reason: said.reason, ...(said.runId ? { runId: said.runId } : {}) });
  });
}

/** Tells the release and the hotfix in flight, where there are any, that the version is taken back. */
export async function tellTakeBack(run: ReleaseRun, version: string, reason: string): Promise<void> {
  const { product } = run.record;
  const said: TakeBack = {
    version,
    by: rollBackProductWorkflowId(product),
    reason: reason.slice(0, 1_000),
    runId: workflowInfo().firstExecutionRunId,
  };
  for (const workflowId of [releaseWorkflowId(product), hotfixWorkflowId(product)]) {
    await getExternalWorkflowHandle(workflowId)
      .signal(INTERNAL_SIGNALS.takeBack, said)
      // None is in flight.
      .catch(() => undefined);
  }
}
