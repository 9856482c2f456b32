import type { Outcome } from '../../../release/record.ts';
import type { FinalRelease } from '../../../release/values.ts';
import type { ReleaseDesk } from '../../shared/desk.ts';
import { recordReceipts } from '../../shared/receipts.ts';
import { runStep } from '../../shared/run-step.ts';
import { communicate } from './communicate.ts';

/** State files, the merged pull requests, "release complete" to the CEO, then everybody whom the release type names. */
export async function announce(desk: ReleaseDesk, final: FinalRelease): Promise<void> {
  desk.apply({ event: 'phase_entered', phase: 'announce' });
  await writeStateFile(desk, 'state', 'released');
  await writeStateFile(desk, 'status', 'released');
  if (final.settings.github) await tellPullRequests(desk, final);
  await runStep(
    desk,
    { id: 'announce.complete', title: 'Announce the release', phase: 'announce', role: 'support' },
    () => desk.notify('ceo', { occasion: 'complete' }),
  );
  await communicate(desk, final);
}

/** Where the product has a host with pull requests, each of the release says in which version it is out. */
async function tellPullRequests(desk: ReleaseDesk, final: FinalRelease): Promise<void> {
  type Told = { commented: number[]; refused: string[]; leftOut: number };
  await runStep(
    desk,
    {
      id: 'announce.pull_requests',
      title: 'Comment on the merged pull requests',
      phase: 'announce',
      role: 'release',
      skipped: (): Told => ({ commented: [], refused: [], leftOut: 0 }),
      describe: ({ commented, refused, leftOut }) =>
        [
          `${commented.length} pull requests`,
          ...(refused.length > 0 ? [`refused by ${refused.join(', ')}`.slice(0, 200)] : []),
          ...(leftOut > 0 ? [`${leftOut} older ones left out`] : []),
        ].join('; '),
    },
    async () => {
      const { product, releaseId } = final.request;
      const effect = await desk.crew
        .release(`comment on the pull requests of ${final.tag}`)
        .commentOnPullRequests({
          product,
          releaseId,
          tag: final.tag,
          head: final.tip ?? final.base,
          ...(final.releasePage === undefined ? {} : { page: final.releasePage }),
        });
      recordReceipts(desk, effect.receipts);
      return effect.value;
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
