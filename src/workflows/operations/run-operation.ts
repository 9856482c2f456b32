import type { ReleaseResult } from '../../contracts/workflows.ts';
import type { RunKind } from '../../release/names.ts';
import { openRecord } from '../../release/record/record.ts';
import type { ProductSettings } from '../../release/settings.ts';
import type { ReleaseRequest } from '../../release/values.ts';
import { endBy } from '../release/end-release.ts';
import { ReleaseRun } from '../shared/release-run.ts';
import { timelineFormat } from '../shared/timeline-format.ts';

/**
 * The frame of a building block that is started alone: a run with a record of its own, whose steps wait for people
 * when they fail, and an end that is archived. `work` ends the record itself when it succeeds.
 */
export async function runOperation(
  kind: RunKind,
  request: ReleaseRequest,
  work: (run: ReleaseRun, settings: ProductSettings) => Promise<void>,
): Promise<ReleaseResult> {
  const run = new ReleaseRun(
    openRecord(kind, request, request.product, new Date().toISOString(), timelineFormat()),
  );
  run.set('noReplan', 'there is no plan to replace: abort, and start it again');
  run.open();
  try {
    const settings = await run.activities
      .release(`configuration of ${request.product}`)
      .loadProduct({ product: request.product });
    await work(run, settings);
  } catch (error) {
    await endBy(run, error);
  }
  return await run.close();
}
