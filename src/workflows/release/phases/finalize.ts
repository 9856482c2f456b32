import type { StoreRef } from '../../../release/store-ref.ts';
import type { FinalRelease, Publication, ShippedRelease } from '../../../release/values.ts';
import type { ReleaseDesk } from '../../shared/desk.ts';
import { recordReceipts } from '../../shared/receipts.ts';
import { noteNotConfigured, runStep } from '../../shared/run-step.ts';
import { deletePushedBranches } from '../delete-pushed-branches.ts';

/** Merge, tag, `latest`, release page, branch: in this order, so that the tag never points at something unmerged. */
export async function finalize(desk: ReleaseDesk, shipped: ShippedRelease): Promise<FinalRelease> {
  desk.apply({ event: 'phase_entered', phase: 'finalize' });
  const { product, releaseId } = shipped.request;
  const acting = { product, releaseId, version: shipped.version, plannedAt: shipped.plannedAt };
  const anchor = desk.record.chain;

  const merged = await runStep(
    desk,
    {
      id: 'finalize.merge',
      title: `Merge ${shipped.branch} into ${shipped.settings.release.releaseBranch}`,
      phase: 'finalize',
      role: 'release',
      describe: (m: { mergeCommit: string }) => m.mergeCommit.slice(0, 12),
    },
    async () => {
      const effect = await desk.crew
        .release(`merge ${shipped.branch}`)
        .mergeRelease({ ...acting, commit: shipped.commit, base: shipped.base });
      recordReceipts(desk, effect.receipts);
      return effect.value;
    },
  );
  const tagged = await runStep(
    desk,
    {
      id: 'finalize.tag',
      title: `Tag ${shipped.tag}`,
      phase: 'finalize',
      role: 'release',
      describe: (t: { tagObject: string }) => `${shipped.tag} is ${t.tagObject.slice(0, 12)}`,
    },
    async () => {
      const effect = await desk.crew
        .release(`tag ${shipped.tag}`)
        .pushTag({ ...acting, tag: shipped.tag, commit: shipped.commit, anchor });
      recordReceipts(desk, effect.receipts);
      return effect.value;
    },
  );
  const publications: Publication[] = [];
  for (const publication of shipped.publications) {
    publications.push(await moveChannel(desk, shipped, publication));
  }
  const releasePage = await createPage(desk, shipped, anchor);
  await runStep(
    desk,
    { id: 'finalize.delete_branch', title: `Delete ${shipped.branch}`, phase: 'finalize', role: 'release' },
    () => deletePushedBranches(desk),
  );
  return {
    ...shipped,
    ...merged,
    ...tagged,
    publications,
    ...(releasePage === undefined ? {} : { releasePage }),
  };
}

async function moveChannel(
  desk: ReleaseDesk,
  shipped: ShippedRelease,
  publication: Publication,
): Promise<Publication> {
  const moved = await runStep(
    desk,
    {
      id: publication.registry === 'npm' ? 'finalize.latest' : `finalize.latest.${publication.registry}`,
      title: `Offer ${publication.name} ${shipped.version} to everybody`,
      phase: 'finalize',
      role: 'release',
      describe: (p: Publication) => p.tags.join(', '),
    },
    async () => {
      const effect = await desk.crew.release(`move the channel of ${publication.name}`).moveChannel({
        product: shipped.request.product,
        releaseId: shipped.request.releaseId,
        version: shipped.version,
        publication,
      });
      recordReceipts(desk, effect.receipts);
      return effect.value;
    },
  );
  desk.apply({ event: 'published', publication: moved });
  return moved;
}

async function createPage(
  desk: ReleaseDesk,
  shipped: ShippedRelease,
  anchor: string,
): Promise<string | undefined> {
  const spec = { id: 'finalize.release_page', title: 'Create the release page', phase: 'finalize' as const };
  if (!shipped.settings.github) {
    noteNotConfigured(desk, spec, 'no host with release pages is configured');
    return undefined;
  }
  const page = await runStep(
    desk,
    { ...spec, role: 'release', describe: (p: { url: string }) => p.url },
    async () => {
      const effect = await desk.crew.release(`release page of ${shipped.tag}`).createReleasePage({
        product: shipped.request.product,
        releaseId: shipped.request.releaseId,
        tag: shipped.tag,
        version: shipped.version,
        notes: shipped.notes,
        prerelease: shipped.version.includes('-'),
        anchor,
        assets: listAssets(shipped),
      });
      recordReceipts(desk, effect.receipts);
      return effect.value;
    },
  );
  desk.apply({ event: 'linked', name: 'release notes', url: page.url });
  return page.url;
}

/** The tarball itself, under the name that `npm pack` gives it. */
function listAssets(shipped: ShippedRelease): { name: string; content: StoreRef }[] {
  if (!shipped.package) return [];
  const name = shipped.package.name.replace(/^@/, '').replaceAll('/', '-');
  return [{ name: `${name}-${shipped.version}.tgz`, content: shipped.package.tarball }];
}
