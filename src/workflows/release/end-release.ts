import { CancellationScope, isCancellation, patched, workflowInfo } from '@temporalio/workflow';
import type { HowItEnded } from '../../contracts/joined-flows.ts';
import { rollBackProductWorkflowId } from '../../contracts/workflow-ids.ts';
import { nextVersion } from '../../release/plan/version.ts';
import type { Outcome } from '../../release/record/record.ts';
import { startPostMortem } from '../incident/post-mortem.ts';
import { describeFailure } from '../shared/describe-failure.ts';
import { AbortRequested, ReplanRequested, RolledBack, TakenBack } from '../shared/interrupts.ts';
import { recordReceipts } from '../shared/receipts.ts';
import type { ReleaseRun } from '../shared/release-run.ts';
import { deletePushedBranches } from './delete-pushed-branches.ts';
import { writeStateFile } from './phases/announce.ts';

/** Closes the record and archives it, so that it outlives Temporal's retention. */
export async function endRelease(
  run: ReleaseRun,
  outcome: Outcome,
  ending: string,
  remains: string[] = [],
): Promise<void> {
  run.apply({ event: 'ended', outcome, ending, remains });
  await CancellationScope.nonCancellable(async () => {
    await run.settleTrail();
    try {
      await run.activities
        .release(`archive the record of ${run.record.releaseId}`)
        .archiveRecord({ record: run.record });
    } catch (error) {
      // What nobody configured has no archive; that it ended is true all the same.
      const { type, what } = describeFailure(error);
      if (type !== 'Mistake' && type !== 'NotAuthorized') throw error;
      run.apply({ event: 'not_archived', why: what });
    }
  });
}

/** Ends a run by what came through its phases: what people asked for, a rollback, or a failure that nobody can answer. */
export async function endBy(run: ReleaseRun, error: unknown): Promise<void> {
  if (error instanceof RolledBack) await endRolledBack(run, error);
  else if (error instanceof TakenBack) await endTakenBack(run, error);
  else if (error instanceof AbortRequested) await endAborted(run, `${error.by}: ${error.reason}`);
  // Cancelled from the Web UI: the same as an abort, by somebody whom Temporal does not name.
  else if (isCancellation(error)) await endAborted(run, 'cancelled in the Temporal Web UI');
  // Where there is a plan to replace, it never gets here.
  else if (error instanceof ReplanRequested) await endRelease(run, 'failed', error.message);
  else await endRelease(run, 'failed', describeFailure(error).what);
}

/**
 * After an abort: takes back what was not offered to anybody (the release branch, staged packages) and says what
 * stays public for good.
 */
async function endAborted(run: ReleaseRun, reason: string): Promise<void> {
  run.clear('abort');
  const remains = await CancellationScope.nonCancellable(() => cleanUp(run, `aborted: ${reason}`));
  await CancellationScope.nonCancellable(() => run.notify('ceo', { occasion: 'aborted' }));
  await endRelease(run, 'aborted', `aborted by ${reason}`, remains);
}

/** After a rollback: `latest` never moved; the version is deprecated, an issue is opened, the files say so. */
async function endRolledBack(run: ReleaseRun, rolledBack: RolledBack): Promise<void> {
  run.set('noAbort', 'production is rolled back: only the clean-up is left');
  await CancellationScope.nonCancellable(async () => {
    const remains = await withdrawPublications(run, `rolled back: ${rolledBack.message}`);
    const branch = run.record.plan?.branch;
    if (branch) remains.push(`branch ${branch}, kept for the fix`);
    await openRollbackIssue(run, rolledBack);
    run.apply({ event: 'phase_entered', phase: 'announce' });
    // A release in flight never got as far as state.yml; a version that is long live is named there.
    if (run.record.kind === 'rollback') await writeStateFile(run, 'state', 'rolled_back');
    await writeStateFile(run, 'status', 'rolled_back');
    await run.notify('ceo', { occasion: 'rolled_back' });
    const helped = rolledBack.helped
      ? ''
      : ` Going back did not help: consider a hotfix (windlass hotfix ${run.record.product} --commit SHA).`;
    await endRelease(run, 'rolled_back', `${rolledBack.message}${helped}`, remains);
    await startPostMortem(run.record);
  });
}

/**
 * A rollback of its own does what follows: this run only stops, waits for how that ends, and says what it had made
 * already. What was not taken back after all has failed, not gone.
 */
async function endTakenBack(run: ReleaseRun, taken: TakenBack): Promise<void> {
  const { by, reason, runId } = taken;
  const { plan } = run.record;
  const version = plan?.version ?? 'the version';
  const made = run.record.steps.filter(({ phase, status }) => phase === 'finalize' && status === 'done');
  const remains = [
    ...(plan?.branch ? [`branch ${plan.branch}, kept for the fix`] : []),
    ...(made.some(({ id }) => id === 'finalize.tag') && plan ? [`tag ${plan.tag}`] : []),
  ];
  if (runId === undefined || !patched('taken-back-waits')) {
    noteTakenBack(run, by);
    await endRelease(run, 'rolled_back', `${version} is taken back by ${by}: ${reason}`, remains);
    return;
  }
  run.set('noAbort', `${by} takes ${version} back: this ends when that has`);
  run.apply({ event: 'is_taken_back', version, by, reason });
  const { outcome, ending } = await CancellationScope.nonCancellable(() => awaitTakeBack(run, runId));
  const isBack = outcome === 'rolled_back';
  if (isBack) noteTakenBack(run, by);
  const how = isBack
    ? `${version} was taken back by ${by}`
    : `${by} was to take ${version} back, and did not`;
  await endRelease(run, isBack ? 'rolled_back' : 'failed', `${how}: ${ending}`, [
    ...remains,
    ...(isBack ? [] : [`what was published of ${version}`]),
  ]);
}

function noteTakenBack(run: ReleaseRun, by: string): void {
  const { plan, environments } = run.record;
  for (const { name, kind, version } of environments) {
    if (kind !== 'production' || version !== plan?.version) continue;
    const news = { is: 'taken_back', version: version ?? '', by } as const;
    run.apply({ event: 'environment', environment: { name, share: 0 }, news });
  }
}

/** How the rollback ended, however long people take over it. */
async function awaitTakeBack(run: ReleaseRun, runId: string): Promise<HowItEnded> {
  const workflowId = rollBackProductWorkflowId(run.record.product);
  const { taskQueue } = workflowInfo();
  for (;;) {
    try {
      return await run.activities
        .support(`wait for ${workflowId} to end`)
        .awaitTakeBack({ workflowId, runId, taskQueue });
    } catch (error) {
      const { type, what } = describeFailure(error);
      // Anything else passes: the wait is longer than an activity may last, or Temporal was away.
      if (type === 'Conflict') return { outcome: 'failed', ending: what };
    }
  }
}

async function openRollbackIssue(run: ReleaseRun, rolledBack: RolledBack): Promise<void> {
  const { record } = run;
  const version = record.plan?.version ?? 'a version';
  try {
    const effect = await run.activities.release(`open an issue for the rollback of ${version}`).openIssue({
      product: record.product,
      releaseId: record.releaseId,
      key: `${record.releaseId}/issue/rollback`,
      title: `${record.product} ${version} was rolled back`,
      body: `${version} was taken back from production: ${rolledBack.message}\n\nRelease: ${record.releaseId}\nCommit: ${record.commit ?? 'none'}`,
      labels: ['rollback'],
    });
    recordReceipts(run, effect.receipts);
    run.apply({ event: 'linked', name: 'issue', url: effect.value.url });
  } catch (error) {
    run.apply({ event: 'issue_not_opened', why: String(error).slice(0, 300) });
  }
}

/**
 * Before a plan that replaces one which was being published already (a hotfix went first): takes back what can be, and
 * names the version that comes instead, since a published one is used up for good.
 */
export async function withdrawForReplan(run: ReleaseRun, reason: string): Promise<string | undefined> {
  const used = run.record.plan?.version;
  const remains = await CancellationScope.nonCancellable(() => cleanUp(run, `replaced: ${reason}`));
  run.apply({ event: 'branches_forgotten' });
  run.apply({ event: 'version_used_up', ...(used === undefined ? {} : { version: used }), remains });
  return used === undefined ? undefined : nextVersion(used, 'patch');
}

async function cleanUp(run: ReleaseRun, reason: string): Promise<string[]> {
  const { record } = run;
  const remains = await withdrawPublications(run, reason);
  try {
    await deletePushedBranches(run);
  } catch (error) {
    remains.push(`a release branch (not deleted: ${describeFailure(error).what})`);
  }
  for (const environment of record.environments) {
    if (environment.version) remains.push(`${environment.name} runs ${environment.version}`);
  }
  return remains;
}

async function withdrawPublications(run: ReleaseRun, message: string): Promise<string[]> {
  const { record } = run;
  const remains: string[] = [];
  for (const publication of record.publications) {
    try {
      const effect = await run.activities.release(`withdraw ${publication.name}`).withdrawPublication({
        product: record.product,
        releaseId: record.releaseId,
        version: record.plan?.version ?? '',
        publication,
        message,
      });
      recordReceipts(run, effect.receipts);
      remains.push(effect.value.remains);
    } catch (error) {
      remains.push(
        `${publication.name} on ${publication.registry} (not withdrawn: ${String(error).slice(0, 200)})`,
      );
    }
  }
  return remains;
}
