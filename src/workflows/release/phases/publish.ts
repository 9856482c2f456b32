import type { Authorization, Effect } from '../../../contracts/activities.ts';
import type { Publication, PublishedRelease, StagedRelease } from '../../../release/values.ts';
import type { ReleaseDesk } from '../../shared/desk.ts';
import { recordReceipts } from '../../shared/receipts.ts';
import { noteNotConfigured, runStep } from '../../shared/run-step.ts';

/**
 * Publishes under a tag of the release's own, fetches back and compares. What users get by default (`latest`) moves
 * only after production is verified.
 */
export async function publishStaged(
  desk: ReleaseDesk,
  staged: StagedRelease,
  authorization: Authorization,
): Promise<PublishedRelease> {
  desk.apply({ event: 'phase_entered', phase: 'publish' });
  desk.noReplan = 'publishing has started: a fix is a new version';
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
      await publish(desk, 'npm', `Publish ${built.name}@${staged.version} to npm, staged`, () =>
        desk.crew
          .release(`publish ${built.name}@${staged.version}`)
          .publishPackage({ ...acting, package: built }),
      ),
    );
  } else {
    noteNotConfigured(
      desk,
      { id: 'publish.npm', title: 'Publish to npm', phase: 'publish' },
      'npm is no registry of this product',
    );
  }
  const image = staged.image;
  if (image && staged.settings.release.publishRegistries.includes('docker')) {
    publications.push(
      await publish(desk, 'docker', `Publish image ${staged.version}`, () =>
        desk.crew.release(`publish ${image.repository}`).publishImage({ ...acting, image }),
      ),
    );
  } else {
    noteNotConfigured(
      desk,
      { id: 'publish.docker', title: 'Publish image', phase: 'publish' },
      'no image is published for this product',
    );
  }
  for (const publication of publications) {
    await runStep(
      desk,
      {
        id: publications.length === 1 ? 'publish.verify' : `publish.verify.${publication.registry}`,
        title: `Fetch ${publication.name} back from ${publication.registry} and compare`,
        phase: 'publish',
        role: 'release',
        describe: (v: { proof: string }) => v.proof,
      },
      () =>
        desk.crew
          .release(`fetch ${publication.name}@${staged.version} back`)
          .verifyPublication({ ...acting, publication }),
    );
  }
  return { ...staged, publications };
}

async function publish(
  desk: ReleaseDesk,
  registry: 'npm' | 'docker',
  title: string,
  act: () => Promise<Effect<Publication>>,
): Promise<Publication> {
  const publication = await runStep(
    desk,
    {
      id: `publish.${registry}`,
      title,
      phase: 'publish',
      role: 'release',
      describe: (p: Publication) => `${p.digest.slice(0, 23)}… as ${p.tags.join(', ')}`,
    },
    async () => {
      const effect = await act();
      recordReceipts(desk, effect.receipts);
      return effect.value;
    },
  );
  desk.apply({ event: 'published', publication });
  return publication;
}
