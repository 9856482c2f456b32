import { hasHost } from '../../../release/has-host.ts';
import type { StoreRef } from '../../../release/store-ref.ts';
import type { FinalRelease, Publication, ShippedRelease } from '../../../release/values.ts';
import { recordReceipts } from '../../shared/receipts.ts';
import type { ReleaseRun } from '../../shared/release-run.ts';
import { noteNotConfigured, runStep } from '../../shared/run-step.ts';
import { deletePushedBranches } from '../delete-pushed-branches.ts';
import { mergeRelease } from '../merge-release.ts';

/** Merge, tag, `latest`, release page, branch: in this order, so that the tag never points at something unmerged. */
export async function finalize(run: ReleaseRun, shipped: ShippedRelease): Promise<FinalRelease> {
  run.apply({ event: 'phase_entered', phase: 'finalize' });
  const { product, releaseId } = shipped.request;
  const acting = { product, releaseId, version: shipped.version, plannedAt: shipped.plannedAt };
  const anchor = run.record.chain;

  const merged = await runStep(
    run,
    {
      id: 'finalize.merge',
      title: `Merge ${shipped.branch} into ${shipped.settings.release.releaseBranch}`,
      phase: 'finalize',
      role: 'release',
      describe: (m: { mergeCommit: string }) => m.mergeCommit.slice(0, 12),
    },
    () => mergeRelease(run, shipped),
  );
  const tagged = await runStep(
    run,
    {
      id: 'finalize.tag',
      title: `Tag ${shipped.tag}`,
      phase: 'finalize',
      role: 'release',
      describe: (t: { tagObject: string }) => `${shipped.tag} is ${t.tagObject.slice(0, 12)}`,
    },
    async () => {
      const effect = await run.activities
        .release(`tag ${shipped.tag}`)
        .pushTag({ ...acting, tag: shipped.tag, commit: shipped.commit, anchor });
      recordReceipts(run, effect.receipts);
      return effect.value;
    },
  );
  const publications: Publication[] = [];
  for (const publication of shipped.publications) {
    publications.push(await moveChannel(run, shipped, publication));
  }
  const releasePage = await createPage(run, shipped, anchor);
  await runStep(
    run,
    { id: 'finalize.delete_branch', title: `Delete ${shipped.branch}`, phase: 'finalize', role: 'release' },
    () => deletePushedBranches(run),
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
  run: ReleaseRun,
  shipped: ShippedRelease,
  publication: Publication,
): Promise<Publication> {
  const moved = await runStep(
    run,
    {
      id:
        publication.registry === shipped.publications[0]?.registry
          ? 'finalize.latest'
          : `finalize.latest.${publication.registry}`,
      title: `Offer ${publication.name} ${shipped.version} to everybody`,
      phase: 'finalize',
      role: 'release',
      describe: (p: Publication) => p.tags.join(', '),
    },
    async () => {
      const effect = await run.activities.release(`move the channel of ${publication.name}`).moveChannel({
        product: shipped.request.product,
        releaseId: shipped.request.releaseId,
        version: shipped.version,
        publication,
      });
      recordReceipts(run, effect.receipts);
      return effect.value;
    },
  );
  run.apply({ event: 'published', publication: moved });
  return moved;
}

async function createPage(
  run: ReleaseRun,
  shipped: ShippedRelease,
  anchor: string,
): Promise<string | undefined> {
  const spec = { id: 'finalize.release_page', title: 'Create the release page', phase: 'finalize' as const };
  if (!hasHost(shipped.settings)) {
    noteNotConfigured(run, spec, 'no host with release pages is configured');
    return undefined;
  }
  const page = await runStep(
    run,
    { ...spec, role: 'release', describe: (p: { url: string }) => p.url },
    async () => {
      const effect = await run.activities.release(`release page of ${shipped.tag}`).createReleasePage({
        product: shipped.request.product,
        releaseId: shipped.request.releaseId,
        tag: shipped.tag,
        version: shipped.version,
        notes: shipped.notes,
        prerelease: shipped.version.includes('-'),
        anchor,
        assets: listAssets(shipped),
      });
      recordReceipts(run, effect.receipts);
      return effect.value;
    },
  );
  run.apply({ event: 'linked', name: 'release notes', url: page.url });
  return page.url;
}

/** The files that were published, under their names. */
function listAssets(shipped: ShippedRelease): { name: string; content: StoreRef }[] {
  if (shipped.built) return shipped.built.flatMap(({ files }) => files);
  if (!shipped.package) return [];
  const name = shipped.package.name.replace(/^@/, '').replaceAll('/', '-');
  return [{ name: `${name}-${shipped.version}.tgz`, content: shipped.package.tarball }];
}
