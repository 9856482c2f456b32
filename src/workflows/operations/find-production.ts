import { ApplicationFailure } from '@temporalio/workflow';
import type { ReleaseActivities } from '../../contracts/activities.ts';
import type { ReleasedVersion } from '../../contracts/release-answers.ts';
import { listConcerns, listTakenBack } from '../../release/concerns.ts';
import { digestOf } from '../../release/digest.ts';
import type { FailureInfo, PlanRecord } from '../../release/record/record.ts';
import type { EnvironmentSettings, ProductSettings } from '../../release/settings.ts';
import type { StoreRef } from '../../release/store-ref.ts';
import type { Publication } from '../../release/values.ts';
import type { ReleaseRun } from '../shared/release-run.ts';
import { runStep } from '../shared/run-step.ts';

/** The product's production environment; a product without one cannot be deployed, rolled back or watched alone. */
export function requireProduction(settings: ProductSettings): EnvironmentSettings {
  const environment = settings.environments.find((candidate) => candidate.kind === 'production');
  if (!environment) throw mistake(`${settings.name} has no production environment`);
  return environment;
}

/** The version that an environment runs, by its own `status` script of the released version given. `several`: one of them. */
export async function readRunning(
  run: ReleaseRun,
  environment: EnvironmentSettings,
  { commit, bundle }: Pick<ReleasedVersion, 'commit' | 'bundle'>,
  several = false,
): Promise<{ version: string; slot?: string }> {
  return await runStep(
    run,
    {
      id: several ? `readiness.running.${environment.name}` : 'readiness.running',
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
        ...(bundle === undefined ? {} : { bundle }),
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

/** A released version. Its bytes are at hand, unless it is only asked for by its tag. */
export async function findVersion(
  run: ReleaseRun,
  which: Omit<Parameters<ReleaseActivities['findReleased']>[0], 'product' | 'releaseId'>,
  step = 'readiness.version',
): Promise<ReleasedVersion> {
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
      const than = which.before?.running ?? which.below ?? 'now';
      const found = await run.activities
        .release(`find ${which.version ?? `the version before ${than}`}`)
        .findReleased({ product: run.record.product, releaseId: run.record.releaseId, ...which });
      const hasBytes = found.artifact !== undefined || found.image !== undefined;
      if (which.tagOnly || hasBytes) return found;
      if (found.removed) throw bytesRemoved(found.version, found.removed);
      throw mistake(
        `the bytes of ${found.version} are neither in the store nor in a registry (it was released without Windlass, or the store was emptied)`,
      );
    },
  );
}

function bytesRemoved(version: string, { at, policy }: NonNullable<ReleasedVersion['removed']>) {
  return mistake(
    `the bytes of ${version} were removed from the store on ${at.slice(0, 10)} by its retention (${policy}), and no registry has them`,
    'name a version whose bytes are there (retry cannot help), or release its commit anew; `store.retention` says how long bytes are kept',
  );
}

/** Of a version whose release left no texts in the store: the digest of nothing. */
const NO_TEXT: StoreRef = {
  digest: 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  bytes: 0,
};

/** Where a version is published: what a rollback points back at, or withdraws. */
export function publicationsOf(released: ReleasedVersion): Publication[] {
  return released.publications ?? (released.publication ? [released.publication] : []);
}

/** What can be deployed of it, in the form that deployments and rollbacks take. */
export function deployable({ artifact, image }: ReleasedVersion): { artifact?: StoreRef; image?: string } {
  return { ...(artifact ? { artifact } : {}), ...(image === undefined ? {} : { image }) };
}

/** What the views know a version by, where nothing was planned because it is released already. */
export function describeReleased(settings: ProductSettings, released: ReleasedVersion): PlanRecord {
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
    changelog: released.changelog ?? NO_TEXT,
    notes: released.notes ?? NO_TEXT,
    included: [],
    includedTotal: 0,
    reasons: [],
    warnings: [],
    concerns: [
      ...listTakenBack(released.takenBack ? [released.version] : [], released.version),
      ...listConcerns(settings, released.previousVersion),
    ],
  };
}

/** A failure that a person must put right. */
export function mistake(what: string, next = 'mend it and retry, or abort'): ApplicationFailure {
  const details: FailureInfo = {
    type: 'Mistake',
    what,
    changed: 'nothing',
    next,
  };
  return ApplicationFailure.create({
    message: what,
    type: 'Mistake',
    nonRetryable: true,
    details: [details],
  });
}
