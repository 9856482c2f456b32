import type { RollbackInput } from '../../../contracts/workflows.ts';
import type { EnvironmentSettings } from '../../../release/settings.ts';
import type { DeployedTo, PublishedRelease } from '../../../release/values.ts';
import { startOrJoinRollback } from '../../rollback/start-rollback.ts';
import type { ReleaseRun } from '../../shared/release-run.ts';

/** A production environment that runs the new version, its deployment having given its lease back. */
export interface Live {
  environment: EnvironmentSettings;
  deployed: DeployedTo;
  round: number;
  reason: string;
  monitoring?: 'passed' | 'ended_early';
}

/**
 * Puts the version before back in all of them at the same time; `live` is empty afterwards.
 * @returns whether each is healthy again
 */
export async function goBackEverywhere(
  run: ReleaseRun,
  published: PublishedRelease,
  live: Live[],
  reason: string,
): Promise<boolean> {
  run.set('noAbort', 'a rollback is not left half-way: it ends when the version before answers again');
  const helped = await Promise.all(live.map((one) => goBack(run, published, one, reason)));
  live.length = 0;
  return helped.every(Boolean);
}

async function goBack(
  run: ReleaseRun,
  published: PublishedRelease,
  { environment, deployed, round }: Live,
  reason: string,
): Promise<boolean> {
  const { name } = environment;
  const id = `production.rollback.${name}`;
  const before = deployed.previousVersion;
  run.apply({
    event: 'step_started',
    id,
    title: `Back to ${before ?? 'the version before'} in ${name}`,
    phase: 'production',
  });
  if (before === undefined) {
    const what = `there is no earlier version in ${name} to go back to`;
    const failure = {
      type: 'Mistake',
      what,
      changed: `${name} runs ${deployed.version}`,
      next: 'release a fix',
    };
    run.apply({ event: 'step_failed', id, failure });
    return false;
  }
  const result = await startOrJoinRollback(
    run.activities,
    describeRollback(run, published, { environment, deployed, round }, before, reason),
  );
  if (result.outcome !== 'back') {
    const failure = {
      type: result.outcome === 'abandoned' ? 'Abandoned' : 'Replaced',
      what: result.reason,
      changed: result.outcome === 'abandoned' ? `what ${name} runs is known to whoever ended it` : 'nothing',
      next: `see what ${name} runs, and put it right by hand`,
    };
    run.apply({ event: 'step_failed', id, failure });
    return false;
  }
  run.apply({
    event: 'environment',
    environment: { name, version: before, share: 0 },
    news: { is: 'runs_again' },
  });
  const { helped } = result;
  run.apply({ event: 'step_done', id, detail: helped ? result.reason : `${result.reason}; it did not help` });
  return helped;
}

function describeRollback(
  run: ReleaseRun,
  published: PublishedRelease,
  { environment, deployed, round }: Pick<Live, 'environment' | 'deployed' | 'round'>,
  before: string,
  reason: string,
): RollbackInput {
  const { settings, version } = published;
  const confirmFirst = `the migrations of ${version} are not backward compatible: see whether ${before} works on the database of ${environment.name}, and restore it if need be; then retry switches to ${before}`;
  return {
    releaseId: published.request.releaseId,
    product: published.request.product,
    environment,
    bad: {
      version,
      commit: published.commit,
      ...(published.artifact === undefined ? {} : { artifact: published.artifact }),
      ...(deployed.slot === undefined ? {} : { slot: deployed.slot }),
    },
    to: { version: before },
    strategy: deployed.strategy,
    reason: reason.slice(0, 1_000),
    by: 'windlass',
    ...(settings.migrationsBackwardCompatible ? {} : { confirmFirst }),
    bundle: published.bundle,
    reportTo: run.workflowId,
    round,
  };
}
