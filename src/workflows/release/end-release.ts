import { CancellationScope } from '@temporalio/workflow';
import { nextVersion } from '../../release/plan/version.ts';
import type { Outcome } from '../../release/record.ts';
import { startPostMortem } from '../incident/post-mortem.ts';
import { describeFailure } from '../shared/describe-failure.ts';
import type { ReleaseDesk } from '../shared/desk.ts';
import type { RolledBack } from '../shared/interrupts.ts';
import { recordReceipts } from '../shared/receipts.ts';
import { deletePushedBranches } from './delete-pushed-branches.ts';
import { writeStateFile } from './phases/announce.ts';

/** Closes the record and archives it, so that it outlives Temporal's retention. */
export async function endRelease(
  desk: ReleaseDesk,
  outcome: Outcome,
  ending: string,
  remains: string[] = [],
): Promise<void> {
  desk.apply({ event: 'ended', outcome, ending, remains });
  await CancellationScope.nonCancellable(async () => {
    await desk.settleTrail();
    await desk.crew
      .release(`archive the record of ${desk.record.releaseId}`)
      .archiveRecord({ record: desk.record });
  });
}

/**
 * After an abort: takes back what was not offered to anybody (the release branch, staged packages) and says what
 * stays public for good.
 */
export async function endAborted(desk: ReleaseDesk, reason: string): Promise<void> {
  desk.abort = undefined;
  const remains = await CancellationScope.nonCancellable(() => cleanUp(desk, `aborted: ${reason}`));
  await CancellationScope.nonCancellable(() => desk.notify('ceo', { occasion: 'aborted' }));
  await endRelease(desk, 'aborted', `aborted by ${reason}`, remains);
}

/** After a rollback: `latest` never moved; the version is deprecated, an issue is opened, the files say so. */
export async function endRolledBack(desk: ReleaseDesk, rolledBack: RolledBack): Promise<void> {
  desk.noAbort = 'production is rolled back: only the clean-up is left';
  await CancellationScope.nonCancellable(async () => {
    const remains = await withdrawPublications(desk, `rolled back: ${rolledBack.message}`);
    const branch = desk.record.plan?.branch;
    if (branch) remains.push(`branch ${branch}, kept for the fix`);
    await openRollbackIssue(desk, rolledBack);
    desk.apply({ event: 'phase_entered', phase: 'announce' });
    // A release in flight never got as far as state.yml; a version that is long live is named there.
    if (desk.record.kind === 'rollback') await writeStateFile(desk, 'state', 'rolled_back');
    await writeStateFile(desk, 'status', 'rolled_back');
    await desk.notify('ceo', { occasion: 'rolled_back' });
    const helped = rolledBack.helped
      ? ''
      : ` Going back did not help: consider a hotfix (windlass hotfix ${desk.record.product} --commit SHA).`;
    await endRelease(desk, 'rolled_back', `${rolledBack.message}${helped}`, remains);
    await startPostMortem(desk.record);
  });
}

async function openRollbackIssue(desk: ReleaseDesk, rolledBack: RolledBack): Promise<void> {
  const { record } = desk;
  const version = record.plan?.version ?? 'a version';
  try {
    const effect = await desk.crew.release(`open an issue for the rollback of ${version}`).openIssue({
      product: record.product,
      releaseId: record.releaseId,
      key: `${record.releaseId}/issue/rollback`,
      title: `${record.product} ${version} was rolled back`,
      body: `${version} was taken back from production: ${rolledBack.message}\n\nRelease: ${record.releaseId}\nCommit: ${record.commit ?? 'none'}`,
      labels: ['rollback'],
    });
    recordReceipts(desk, effect.receipts);
    desk.apply({ event: 'linked', name: 'issue', url: effect.value.url });
  } catch (error) {
    desk.apply({ event: 'noted', what: `the issue could not be opened: ${String(error).slice(0, 300)}` });
  }
}

/**
 * Before a plan that replaces one which was being published already (a hotfix went first): takes back what can be, and
 * names the version that comes instead, since a published one is used up for good.
 */
export async function withdrawForReplan(desk: ReleaseDesk, reason: string): Promise<string | undefined> {
  const used = desk.record.plan?.version;
  const remains = await CancellationScope.nonCancellable(() => cleanUp(desk, `replaced: ${reason}`));
  desk.pushed.length = 0;
  desk.apply({
    event: 'noted',
    what: `${used} is used up; what remains public: ${remains.join('; ') || 'nothing'}`,
  });
  return used === undefined ? undefined : nextVersion(used, 'patch');
}

async function cleanUp(desk: ReleaseDesk, reason: string): Promise<string[]> {
  const { record } = desk;
  const remains = await withdrawPublications(desk, reason);
  try {
    await deletePushedBranches(desk);
  } catch (error) {
    remains.push(`a release branch (not deleted: ${describeFailure(error).what})`);
  }
  for (const environment of record.environments) {
    if (environment.version) remains.push(`${environment.name} runs ${environment.version}`);
  }
  return remains;
}

async function withdrawPublications(desk: ReleaseDesk, message: string): Promise<string[]> {
  const { record } = desk;
  const remains: string[] = [];
  for (const publication of record.publications) {
    try {
      const effect = await desk.crew.release(`withdraw ${publication.name}`).withdrawPublication({
        product: record.product,
        releaseId: record.releaseId,
        version: record.plan?.version ?? '',
        publication,
        message,
      });
      recordReceipts(desk, effect.receipts);
      remains.push(effect.value.remains);
    } catch (error) {
      remains.push(
        `${publication.name} on ${publication.registry} (not withdrawn: ${String(error).slice(0, 200)})`,
      );
    }
  }
  return remains;
}
