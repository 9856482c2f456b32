import { ApplicationFailure } from '@temporalio/workflow';
import type { ReleasedVersion } from '../../contracts/activities.ts';
import { listConcerns } from '../../release/concerns.ts';
import { digestOf } from '../../release/digest.ts';
import type { FailureInfo, PlanRecord } from '../../release/record.ts';
import type { EnvironmentSettings, ProductSettings } from '../../release/settings.ts';
import type { StoreRef } from '../../release/store-ref.ts';
import type { ReleaseRun } from '../shared/release-run.ts';
import { runStep } from '../shared/run-step.ts';

/** The product's production environment; a product without one cannot be deployed, rolled back or watched alone. */
export function requireProduction(settings: ProductSettings): EnvironmentSettings {
  const environment = settings.environments.find((candidate) => candidate.kind === 'production');
  if (!environment) throw mistake(`${settings.name} has no production environment`);
  return environment;
}

/** The version that an environment runs, by its own `status` script. */
export async function readRunning(
  run: ReleaseRun,
  environment: EnvironmentSettings,
  commit: string,
): Promise<{ version: string; slot?: string }> {
  return await runStep(
    run,
    {
      id: 'readiness.running',
      title: `What does ${environment.name} run?`,
      phase: 'readiness',
      role: 'devops',
      describe: (r: { version: string }) => r.version,
    },
    async () => {
      const status = await run.activities.devops(`status of ${environment.name}`).runEnvironmentScript({
        product: run.record.product,
        releaseId: run.record.releaseId,
        environment: environment.name,
        script: 'status',
        target: 'running',
        version: '',
        commit,
        strategy: 'immediate',
        generation: 0,
      });
      const { version, active } = status.output;
      if (typeof version !== 'string' || version === '') {
        throw mistake(`${environment.name} does not say which version it runs (its status script)`);
      }
      return { version, ...(typeof active === 'string' ? { slot: active } : {}) };
    },
  );
}

/** A released version, its bytes at hand. */
export async function findVersion(
  run: ReleaseRun,
  which: { version?: string; below?: string },
  step = 'readiness.version',
): Promise<ReleasedVersion & { artifact: StoreRef }> {
  return await runStep(
    run,
    {
      id: step,
      title: 'Find the released version',
      phase: 'readiness',
      role: 'release',
      describe: (r: ReleasedVersion) => `${r.tag} at ${r.commit.slice(0, 12)}`,
    },
    async () => {
      const found = await run.activities
        .release(`find ${which.version ?? `the version before ${which.below ?? 'now'}`}`)
        .findReleased({ product: run.record.product, ...which });
      if (!found.artifact)
        throw mistake(`${found.version} is in no registry from which its bytes can be fetched`);
      return { ...found, artifact: found.artifact };
    },
  );
}

/** What the views know a version by, where nothing was planned because it is released already. */
export function describeReleased(
  settings: ProductSettings,
  released: ReleasedVersion & { artifact: StoreRef },
): PlanRecord {
  return {
    type: released.type,
    version: released.version,
    ...(released.previousVersion === undefined ? {} : { previousVersion: released.previousVersion }),
    tag: released.tag,
    branch: '',
    base: released.commit,
    plannedAt: new Date().toISOString(),
    planHash: digestOf({ released: released.version, commit: released.commit }),
    highlights: `${released.tag}, released before`,
    changelog: released.artifact,
    notes: released.artifact,
    included: [],
    includedTotal: 0,
    reasons: [],
    warnings: [],
    concerns: listConcerns(settings, released.previousVersion),
  };
}

/** A failure that a person must put right. */
export function mistake(what: string): ApplicationFailure {
  const details: FailureInfo = {
    type: 'Mistake',
    what,
    changed: 'nothing',
    next: 'mend it and retry, or abort',
  };
  return ApplicationFailure.create({
    message: what,
    type: 'Mistake',
    nonRetryable: true,
    details: [details],
  });
}
