import type { Authorization, Effect } from '../../../contracts/activities.ts';
import type { Publication, PublishedRelease, StagedRelease } from '../../../release/values.ts';
import { recordReceipts } from '../../shared/receipts.ts';
import type { ReleaseRun } from '../../shared/release-run.ts';
import { noteNotConfigured, runStep } from '../../shared/run-step.ts';

/**
 * Publishes under a tag of the release's own, fetches back and compares. What users get by default (`latest`) moves
 * only after production is verified.
 */
export async function publishStaged(
  run: ReleaseRun,
  staged: StagedRelease,
  authorization: Authorization,
): Promise<PublishedRelease> {
  run.apply({ event: 'phase_entered', phase: 'publish' });
  run.noReplan = 'publishing has started: a fix is a new version';
  const acting = {
    product: staged.request.product,
    releaseId: staged.request.releaseId,
    version: staged.version,
    authorization,
  };
  const publications: Publication[] = [];
  const built = staged.package;
  if (built) {
    publications.push(
      await publish(run, 'npm', `Publish ${built.name}@${staged.version} to npm, staged`, () =>
        run.activities
          .release(`publish ${built.name}@${staged.version}`)
          .publishPackage({ ...acting, package: built }),
      ),
    );
  } else {
    noteNotConfigured(
      run,
      { id: 'publish.npm', title: 'Publish to npm', phase: 'publish' },
      'npm is no registry of this product',
    );
  }
  const image = staged.image;
  if (image && staged.settings.release.publishRegistries.includes('docker')) {
    publications.push(
      await publish(run, 'docker', `Publish image ${staged.version}`, () =>
        run.activities.release(`publish ${image.repository}`).publishImage({ ...acting, image }),
      ),
    );
  } else {
    noteNotConfigured(
      run,
      { id: 'publish.docker', title: 'Publish image', phase: 'publish' },
      'no image is published for this product',
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

async function publish(
  run: ReleaseRun,
  registry: 'npm' | 'docker',
  title: string,
  act: () => Promise<Effect<Publication>>,
): Promise<Publication> {
  const publication = await runStep(
    run,
    {
      id: `publish.${registry}`,
      title,
      phase: 'publish',
      role: 'release',
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
