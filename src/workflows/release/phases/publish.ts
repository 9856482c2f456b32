import type { Effect } from '../../../contracts/activities.ts';
import type { Publication, PublishedRelease, StagedRelease } from '../../../release/values.ts';
import { recordReceipts } from '../../shared/receipts.ts';
import type { ReleaseRun } from '../../shared/release-run.ts';
import { noteNotConfigured, runStep } from '../../shared/run-step.ts';
import type { GoLive } from './go-live.ts';

interface Publishing {
  /** Last part of the step's id. */
  to: string;
  title: string;
  act(): Promise<Effect<Publication>>;
}

/**
 * Publishes under a tag of the release's own, fetches back and compares. What users get by default (`latest`) moves
 * only after production is verified.
 */
export async function publishStaged(
  run: ReleaseRun,
  staged: StagedRelease,
  goLive: GoLive,
): Promise<PublishedRelease> {
  run.apply({ event: 'phase_entered', phase: 'publish' });
  run.set('noReplan', 'publishing has started: a fix is a new version');
  const acting = {
    product: staged.request.product,
    releaseId: staged.request.releaseId,
    version: staged.version,
  };
  const publications: Publication[] = [];
  for (const publishing of listPublishing(run, staged, acting, goLive)) {
    publications.push(await publish(run, publishing, goLive));
  }
  if (publications.length === 0) {
    noteNotConfigured(
      run,
      { id: 'publish.registry', title: 'Publish to a registry', phase: 'publish' },
      'this product has no registry',
    );
  }
  for (const publication of publications) {
    await runStep(
      run,
      {
        id: publications.length === 1 ? 'publish.verify' : `publish.verify.${publication.registry}`,
        title: `Fetch ${publication.name} back from ${publication.registry} and compare`,
        phase: 'publish',
        role: 'release',
        describe: (v: { proof: string }) => v.proof,
      },
      () =>
        run.activities
          .release(`fetch ${publication.name}@${staged.version} back`)
          .verifyPublication({ ...acting, publication }),
    );
  }
  return { ...staged, publications };
}

function listPublishing(
  run: ReleaseRun,
  staged: StagedRelease,
  acting: { product: string; releaseId: string; version: string },
  goLive: GoLive,
): Publishing[] {
  if (staged.built === undefined) return listEarlier(run, staged, acting, goLive);
  return staged.built.map((built) => ({
    to: built.registry,
    title: `Publish ${built.name} ${staged.version} to ${built.registry}, staged`,
    act: () =>
      run.activities
        .release(`publish ${built.name} ${staged.version} to ${built.registry}`)
        .publishBuilt({ ...acting, authorization: goLive.authorization, built }),
  }));
}

/** What a build made before there was one list for all registries. */
function listEarlier(
  run: ReleaseRun,
  staged: StagedRelease,
  acting: { product: string; releaseId: string; version: string },
  goLive: GoLive,
): Publishing[] {
  const { package: built, image } = staged;
  const all: Publishing[] = [];
  if (built) {
    all.push({
      to: 'package',
      title: `Publish ${built.name}@${staged.version}, staged`,
      act: () =>
        run.activities
          .release(`publish ${built.name}@${staged.version}`)
          .publishPackage({ ...acting, authorization: goLive.authorization, package: built }),
    });
  }
  // Without a layout of its own it is published where the product says so; a package then is not all there is.
  if (image && staged.settings.release.publishRegistries.length > (built ? 1 : 0)) {
    all.push({
      to: 'image',
      title: `Publish image ${staged.version}`,
      act: () =>
        run.activities
          .release(`publish ${image.repository}`)
          .publishImage({ ...acting, authorization: goLive.authorization, image }),
    });
  }
  return all;
}

async function publish(
  run: ReleaseRun,
  { to, title, act }: Publishing,
  goLive: GoLive,
): Promise<Publication> {
  const publication = await runStep(
    run,
    {
      id: `publish.${to}`,
      title,
      phase: 'publish',
      role: 'release',
      decision: goLive,
      describe: (p: Publication) => `${p.digest.slice(0, 23)}… as ${p.tags.join(', ')}`,
    },
    async () => {
      const effect = await act();
      recordReceipts(run, effect.receipts);
      return effect.value;
    },
  );
  run.apply({ event: 'published', publication });
  return publication;
}
