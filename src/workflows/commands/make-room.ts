import { defineSignal, setHandler } from '@temporalio/workflow';
import { readPreempt } from '../../contracts/inbound/read-notes.ts';
import { INTERNAL_SIGNALS } from '../../contracts/internal-signals.ts';
import { PHASES } from '../../release/record/record.ts';
import type { ReleaseRun } from '../shared/release-run.ts';
import { steerDeployment } from './steer-deployment.ts';

/**
 * A hotfix needs production. Stopping is a safe direction, so anybody's signal counts; what is in the middle of a
 * change finishes it first, and a version that is only being watched there is put back.
 */
export function listenForPreempt(run: ReleaseRun): void {
  setHandler(defineSignal<[unknown]>(INTERNAL_SIGNALS.preempt), (argument) => {
    const hotfix = readPreempt(argument);
    if (run.control.preemptedBy !== undefined) return;
    if (PHASES.indexOf(run.record.phase) > PHASES.indexOf('monitoring')) {
      // What is live and verified is only tidied up: the hotfix needs its tag to build on.
      run.apply({ event: 'room_not_needed', hotfix });
      return;
    }
    run.set('preemptedBy', hotfix);
    const reason =
      'it has right of way; afterwards replan (or abort), since its base is not the newest any more';
    run.apply({ event: 'held', by: hotfix, reason });
    if (!run.control.deployment?.production) return;
    const steer = { what: 'park', by: hotfix, reason, verified: false } as const;
    void steerDeployment(run, steer).catch(() => undefined);
  });
}
