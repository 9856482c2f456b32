import { getExternalWorkflowHandle, sleep } from '@temporalio/workflow';
import { INTERNAL_SIGNALS } from '../../contracts/internal-signals.ts';
import { environmentWorkflowId, releaseWorkflowId } from '../../contracts/workflow-ids.ts';
import type { Steer } from '../../contracts/workflows.ts';
import { FLOW_MS } from '../../release/policy/inner-times.ts';
import type { EnvironmentSettings, ProductSettings } from '../../release/settings.ts';
import type { ReleaseRun } from '../shared/release-run.ts';

/**
 * Tells a release in flight, and whatever else holds production, to make room, and waits until it has: what production
 * runs while somebody is still changing it is not what a hotfix can build on.
 */
export async function preemptRelease(run: ReleaseRun, settings: ProductSettings): Promise<void> {
  await preemptFlow(run);
  for (const environment of settings.environments.filter(({ kind }) => kind === 'production')) {
    await awaitRoom(run, environment);
  }
}

/** Without a release in flight, nobody listens. */
async function preemptFlow(run: ReleaseRun): Promise<void> {
  const releaseId = releaseWorkflowId(run.record.product);
  try {
    await getExternalWorkflowHandle(releaseId).signal(INTERNAL_SIGNALS.preempt, run.workflowId);
    run.apply({ event: 'asked_to_make_room', workflowId: releaseId });
  } catch {
    run.apply({ event: 'none_in_flight' });
  }
}

async function awaitRoom(run: ReleaseRun, { name }: EnvironmentSettings): Promise<void> {
  const workflowId = environmentWorkflowId(run.record.product, name);
  let asked: string | undefined;
  for (let pause = FLOW_MS.preemptFirst; ; pause = Math.min(2 * pause, FLOW_MS.preemptRarest)) {
    const { holder } = await run.activities.support(`who holds ${name}?`).readHolder({ workflowId });
    if (holder === undefined) break;
    if (holder !== asked) {
      asked = holder;
      run.apply({
        event: 'waiting',
        waiting: { for: [`lease of ${name}`], reason: `${holder} makes room`, actions: ['abort'] },
      });
      await preempt(run, holder);
    }
    run.throwIfInterrupted();
    await sleep(pause, { summary: `until ${holder} has made room` });
  }
  if (asked !== undefined) run.apply({ event: 'waiting_over' });
}

/** A deployment that belongs to no release in flight is told itself. A rollback is let finish: it is going back already. */
async function preempt(run: ReleaseRun, holder: string): Promise<void> {
  if (!holder.startsWith('deployment/')) return;
  const steer: Steer = {
    what: 'park',
    by: run.workflowId,
    reason: 'a hotfix has right of way',
    verified: false,
  };
  await getExternalWorkflowHandle(holder)
    .signal(INTERNAL_SIGNALS.steer, steer)
    // It ended in between.
    .catch(() => undefined);
}
