import { condition, patched, sleep } from '@temporalio/workflow';
import { refuseCommand } from '../../release/commands/refuse-command.ts';
import { FLOW_MS } from '../../release/policy/inner-times.ts';
import { paceLooks } from '../../release/policy/pace-looks.ts';
import type { ShippedRelease } from '../../release/values.ts';
import { recordReceipts } from '../shared/receipts.ts';
import type { ReleaseRun } from '../shared/release-run.ts';

/**
 * Merges the release into its branch. Where that takes pull requests only, it is followed until it is merged, for as
 * long as its checks and its reviewers take, looked at ever more rarely; a person may have it looked at now (retry), merge
 * it by hand, or abort.
 */
export async function mergeRelease(
  run: ReleaseRun,
  shipped: ShippedRelease,
): Promise<{ mergeCommit: string }> {
  const { product, releaseId } = shipped.request;
  const { version, plannedAt, commit, base, branch } = shipped;
  let request: number | undefined;
  let shown = '';
  const since = Date.now();
  for (let pause = FLOW_MS.mergeFirst; ; pause = Math.min(2 * pause, FLOW_MS.mergeRarest)) {
    const effect = await run.activities.release(`merge ${branch}`).mergeRelease({
      ...{ product, releaseId, version, plannedAt, commit, base, branch },
      ...(request === undefined ? {} : { request }),
    });
    recordReceipts(run, effect.receipts);
    if ('mergeCommit' in effect.value) {
      if (shown !== '') run.apply({ event: 'waiting_over' });
      return effect.value;
    }
    const { named, number, url, why } = effect.value.waits;
    if (request === undefined) run.apply({ event: 'linked', name: named, url });
    request = number;
    const paced = patched('paced-looks');
    if (why !== shown) {
      const actions = [...(paced ? ['retry'] : []), ...(refuseCommand(run.record, 'abort') ? [] : ['abort'])];
      const reason = `${named} (${url}) waits for: ${why}`;
      run.apply({ event: 'waiting', waiting: { for: [named], reason, actions } });
    }
    shown = why;
    if (paced) await lookLater(run, since);
    else await sleep(pause, { summary: `until ${named} can be merged` });
  }
}

/** Until the next look is due, or somebody wants one now. */
async function lookLater(run: ReleaseRun, since: number): Promise<void> {
  const wanted = () => run.control.choice !== undefined || run.interrupted;
  await condition(wanted, paceLooks(Date.now() - since));
  run.clear('choice');
}
