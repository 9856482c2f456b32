import { hasHost } from '../../../release/has-host.ts';
import type { Outcome } from '../../../release/record/record.ts';
import type { FinalRelease } from '../../../release/values.ts';
import { recordReceipts } from '../../shared/receipts.ts';
import type { ReleaseRun } from '../../shared/release-run.ts';
import { noteNotConfigured, runStep } from '../../shared/run-step.ts';
import { communicate } from './communicate.ts';

/** State files, the merged pull requests, "release complete" to the CEO, then everybody whom the release type names. */
export async function announce(run: ReleaseRun, final: FinalRelease): Promise<void> {
  run.apply({ event: 'phase_entered', phase: 'announce' });
  await writeStateFile(run, 'state', 'released');
  await writeStateFile(run, 'status', 'released');
  if (hasHost(final.settings)) await tellPullRequests(run, final);
  const complete = { id: 'announce.complete', title: 'Announce the release', phase: 'announce' as const };
  const told = await runStep(run, { ...complete, role: 'support' }, () =>
    run.notify('ceo', { occasion: 'complete' }),
  );
  if (told === 0) noteNotConfigured(run, complete, 'no channel "ceo" is configured');
  await communicate(run, final);
}

/** Where the product has a host with pull requests, each of the release says in which version it is out. */
async function tellPullRequests(run: ReleaseRun, final: FinalRelease): Promise<void> {
  type Told = { commented: number[]; refused: string[]; leftOut: number };
  await runStep(
    run,
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
      const effect = await run.activities
        .release(`comment on the pull requests of ${final.tag}`)
        .commentOnPullRequests({
          product,
          releaseId,
          tag: final.tag,
          head: final.tip ?? final.base,
          ...(final.releasePage === undefined ? {} : { page: final.releasePage }),
        });
      recordReceipts(run, effect.receipts);
      return effect.value;
    },
  );
}

/** Commits the record's view into `state.yml` or `release-status.yaml`. */
export async function writeStateFile(
  run: ReleaseRun,
  what: 'state' | 'status',
  outcome: Outcome,
): Promise<void> {
  await runStep(
    run,
    {
      id: `announce.${what}`,
      title: what === 'state' ? 'Update state.yml' : 'Update release-status.yaml',
      phase: 'announce',
      role: 'release',
      describe: (s: { commit: string; file: string }) => `${s.file} in ${s.commit.slice(0, 12)}`,
    },
    async () => {
      const effect = await run.activities.release(`update ${what}`).updateState({
        product: run.record.product,
        releaseId: run.record.releaseId,
        // The entry is written while the release ends, before its outcome is in the record.
        record: { ...run.record, outcome },
        what,
      });
      recordReceipts(run, effect.receipts);
      return effect.value;
    },
  );
}
