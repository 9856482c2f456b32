import { getExternalWorkflowHandle, sleep } from '@temporalio/workflow';
import { environmentWorkflowId, releaseWorkflowId } from '../../contracts/workflow-ids.ts';
import type { Steer } from '../../contracts/workflows.ts';
import { INTERNAL_SIGNALS } from '../../contracts/workflows.ts';
import type { EnvironmentSettings, ProductSettings } from '../../release/settings.ts';
import type { ReleaseDesk } from '../shared/desk.ts';

const FIRST_LOOK_MS = 1_000;
const RAREST_LOOK_MS = 30_000;

/**
 * Tells a release in flight, and whatever else holds production, to make room, and waits until it has: what production
 * runs while somebody is still changing it is not what a hotfix can build on.
 */
export async function makeRoom(desk: ReleaseDesk, settings: ProductSettings): Promise<void> {
  await parkRelease(desk);
  for (const environment of settings.environments.filter(({ kind }) => kind === 'production')) {
    await awaitRoom(desk, environment);
  }
}

/** Without a release in flight, nobody listens. */
async function parkRelease(desk: ReleaseDesk): Promise<void> {
  const releaseId = releaseWorkflowId(desk.record.product);
  try {
    await getExternalWorkflowHandle(releaseId).signal(INTERNAL_SIGNALS.park, desk.workflowId);
    desk.apply({ event: 'noted', what: `the release in flight (${releaseId}) was asked to make room` });
  } catch {
    desk.apply({ event: 'noted', what: 'no release is in flight' });
  }
}

async function awaitRoom(desk: ReleaseDesk, { name }: EnvironmentSettings): Promise<void> {
  const workflowId = environmentWorkflowId(desk.record.product, name);
  let asked: string | undefined;
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(2 * pause, RAREST_LOOK_MS)) {
    const { holder } = await desk.crew.support(`who holds ${name}?`).readHolder({ workflowId });
    if (holder === undefined) break;
    if (holder !== asked) {
      asked = holder;
      desk.apply({
        event: 'waiting',
        waiting: { for: [`lease of ${name}`], reason: `${holder} makes room`, actions: ['abort'] },
      });
      await park(desk, holder);
    }
    desk.throwIfInterrupted();
    await sleep(pause, { summary: `until ${holder} has made room` });
  }
  if (asked !== undefined) desk.apply({ event: 'waiting_over' });
}

/** A deployment that belongs to no release in flight is told itself. A rollback is let finish: it is going back already. */
async function park(desk: ReleaseDesk, holder: string): Promise<void> {
  if (!holder.startsWith('deployment/')) return;
  const steer: Steer = {
    what: 'park',
    by: desk.workflowId,
    reason: 'a hotfix has right of way',
    verified: false,
  };
  await getExternalWorkflowHandle(holder)
    .signal(INTERNAL_SIGNALS.steer, steer)
    // It ended in between.
    .catch(() => undefined);
}
