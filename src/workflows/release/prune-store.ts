import { isCancellation } from '@temporalio/workflow';
import type { ProductSettings } from '../../release/settings.ts';
import { describeFailure } from '../shared/describe-failure.ts';
import { recordReceipts } from '../shared/receipts.ts';
import type { ReleaseRun } from '../shared/release-run.ts';

/** What the store's retention lets go is deleted at the end of a release. A failure of it fails nothing. */
export async function pruneStore(run: ReleaseRun, settings: ProductSettings): Promise<void> {
  if (settings.retention === undefined) return;
  const { product, releaseId } = run.record;
  try {
    const effect = await run.activities
      .release(`remove old bytes of ${product} from the store`)
      .pruneStore({ product, releaseId });
    recordReceipts(run, effect.receipts);
    const { removed, policy } = effect.value;
    if (removed.length === 0) return;
    const versions = removed.filter(({ isReleased }) => isReleased).map(({ version }) => version);
    const bytes = removed.reduce((sum, one) => sum + one.bytes, 0);
    run.apply({
      event: 'store_pruned',
      ...{ versions, builds: removed.length - versions.length, bytes, policy },
    });
  } catch (error) {
    if (isCancellation(error)) throw error;
    run.apply({ event: 'store_not_pruned', why: describeFailure(error).what });
  }
}
