import type { Outcome } from '../../release/record.ts';
import type { FinalRelease } from '../../release/values.ts';
import type { ReleaseDesk } from '../desk.ts';
import { recordReceipts } from '../receipts.ts';
import { runStep } from '../run-step.ts';

/** State files, then "release complete" to everybody whom the release type names. */
export async function announce(desk: ReleaseDesk, final: FinalRelease): Promise<void> {
  desk.apply({ event: 'phase_entered', phase: 'announce' });
  await writeStateFile(desk, 'state', 'released');
  await writeStateFile(desk, 'status', 'released');
  await runStep(
    desk,
    { id: 'announce.complete', title: 'Announce the release', phase: 'announce', role: 'support' },
    async () => {
      await desk.notify('ceo', { occasion: 'complete' });
      if (final.policy.communication.some((kind) => kind !== 'notes')) {
        await desk.notify('team', { occasion: 'complete' });
      }
    },
  );
}

/** Commits the record's view into `state.yml` or `release-status.yaml`. */
export async function writeStateFile(
  desk: ReleaseDesk,
  what: 'state' | 'status',
  outcome: Outcome,
): Promise<void> {
  await runStep(
    desk,
    {
      id: `announce.${what}`,
      title: what === 'state' ? 'Update state.yml' : 'Update release-status.yaml',
      phase: 'announce',
      role: 'release',
      describe: (s: { commit: string; file: string }) => `${s.file} in ${s.commit.slice(0, 12)}`,
    },
    async () => {
      const effect = await desk.crew.release(`update ${what}`).updateState({
        product: desk.record.product,
        releaseId: desk.record.releaseId,
        // The entry is written while the release ends, before its outcome is in the record.
        record: { ...desk.record, outcome },
        what,
      });
      recordReceipts(desk, effect.receipts);
      return effect.value;
    },
  );
}
