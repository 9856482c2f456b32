import type { DevopsActivities } from '../../../contracts/activities.ts';
import type { BuiltImage, BuiltRelease, ReleaseCommit, ReleasePlan } from '../../../release/values.ts';
import type { ReleaseRun } from '../../shared/release-run.ts';
import { runStep } from '../../shared/run-step.ts';

type Made = Awaited<ReturnType<DevopsActivities['buildRelease']>>;

/** Version and changelog as a commit whose bytes are a function of the plan. It is pushed only after the gates. */
export async function commitRelease(run: ReleaseRun, plan: ReleasePlan): Promise<ReleaseCommit> {
  run.apply({ event: 'phase_entered', phase: 'commit' });
  const committed = await runStep(
    run,
    {
      id: 'commit.release',
      title: `Commit version ${plan.version} and changelog`,
      phase: 'commit',
      role: 'release',
      describe: (c: { commit: string }) => c.commit.slice(0, 12),
    },
    () => run.activities.release(`release commit of ${plan.version}`).commitRelease({ plan }),
  );
  run.apply({ event: 'committed', commit: committed.commit });
  return { ...plan, ...committed };
}

/** Builds once, before the gates: exactly these bytes are tested, published and deployed. */
export async function buildOnce(run: ReleaseRun, committed: ReleaseCommit): Promise<BuiltRelease> {
  run.apply({ event: 'phase_entered', phase: 'build' });
  const { product, releaseId } = committed.request;
  const built = await runStep(
    run,
    {
      id: 'build.package',
      title: `Build ${committed.version}`,
      phase: 'build',
      role: 'devops',
      describe: ({ artifact, image: made }: Made) =>
        artifact ? `${artifact.digest.slice(0, 19)}…, ${artifact.bytes} bytes` : describeImage(made),
      logs: ({ log }) => [log],
    },
    () =>
      run.activities.devops(`build ${product} ${committed.version}`).buildRelease({
        product,
        releaseId,
        version: committed.version,
        commit: committed.commit,
        bundle: committed.bundle,
        plannedAt: committed.plannedAt,
      }),
  );
  const image = describeImage(built.image);
  const artifact = built.artifact === undefined ? {} : { artifact: built.artifact };
  run.apply({ event: 'built', ...artifact, ...(image === undefined ? {} : { image }) });
  return {
    ...committed,
    ...artifact,
    ...(built.built === undefined ? {} : { built: built.built }),
    ...(built.package === undefined ? {} : { package: built.package }),
    ...(built.image === undefined ? {} : { image: built.image }),
  };
}

function describeImage(image: BuiltImage | undefined): string | undefined {
  return image && `${image.repository}@${image.digest}`;
}
