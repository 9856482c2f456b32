import type { ReleaseActivities } from '../../../contracts/activities.ts';
import { packCommit } from '../../../integrations/git/bundle.ts';
import { readCommitFiles } from '../../../integrations/git/commit-files.ts';
import type { FileChange } from '../../../integrations/git/create-commit.ts';
import { createCommit } from '../../../integrations/git/create-commit.ts';
import type { Mirror } from '../../../integrations/git/mirror/mirror.ts';
import { fetchMirror } from '../../../integrations/git/mirror/mirror.ts';
import { fillGitText } from '../../../release/git-texts.ts';
import { insertRelease } from '../../../release/plan/changelog/changelog-file.ts';
import { findChangelog } from '../../../release/plan/changelog/find-changelog.ts';
import { editVersionFiles } from '../../../release/plan/version-files/edit-version-files.ts';
import { joinPath } from '../../../release/plan/version-files/file-source.ts';
import type { ProductSettings } from '../../../release/settings.ts';
import type { ReleasePlan } from '../../../release/values.ts';
import type { ActivityDeps } from '../../deps.ts';
import { findProduct, openProductMirror } from '../../deps.ts';
import { fail } from '../../fail.ts';
import { WINDLASS_SIGNATURE, withReleaseTrailer } from './identity.ts';

/**
 * Makes the release commit in this worker's mirror and packs it for the other roles; nothing is pushed. Author,
 * dates and tree are a function of the plan, so every try makes the same commit. Which files it writes, this worker's own
 * configuration says: a plan that anybody may have sent names no path.
 */
export function commitRelease(deps: ActivityDeps): ReleaseActivities['commitRelease'] {
  return async ({ plan }) => {
    const product = findProduct(deps, plan.request.product);
    const mirror = await openProductMirror(deps, product);
    await fetchMirror(mirror);
    const commit = await createCommit(mirror, {
      parents: [parentOf(plan)],
      changes: [
        await changeChangelog(deps, mirror, product, plan),
        ...(await changeVersionFiles(mirror, product, plan)),
      ],
      message: withReleaseTrailer(messageOf(product, plan), plan.request.releaseId),
      author: WINDLASS_SIGNATURE,
      date: plan.plannedAt,
    });
    const bundle = await deps.store.put(
      await packCommit(mirror, commit, plan.base),
      'application/x-git-packed-objects',
    );
    return { commit, bundle };
  };
}

function messageOf(product: ProductSettings, { version, tag, type }: ReleasePlan): string {
  const { name, title, git } = product;
  return fillGitText('commitMessage', git, { product: name, title, version, tag, type });
}

/** A hotfix stands on its picked commits, which are packed together with the release commit. */
function parentOf(plan: ReleasePlan): string {
  return plan.tip ?? plan.base;
}

async function changeChangelog(
  deps: ActivityDeps,
  mirror: Mirror,
  product: ProductSettings,
  plan: ReleasePlan,
): Promise<FileChange> {
  const files = readCommitFiles(mirror, parentOf(plan));
  const path = await findChangelog(files, joinPath(product.path, product.changelog.file));
  const section = (await deps.store.read(plan.changelog)).toString('utf8');
  return {
    path,
    contents: insertRelease(await files.read(path), {
      version: plan.version,
      section,
      format: product.changelog.format,
      compareUrl: plan.compareUrl,
      unreleasedUrl: plan.unreleasedUrl,
      tag: plan.tag,
      previousTag: plan.previousTag ?? null,
      names: [product.name, product.title],
    }),
  };
}

async function changeVersionFiles(
  mirror: Mirror,
  product: ProductSettings,
  plan: ReleasePlan,
): Promise<FileChange[]> {
  const { edits, problems } = await editVersionFiles({
    source: readCommitFiles(mirror, parentOf(plan)),
    folder: product.path,
    files: product.versionFiles,
    version: plan.version,
    previous: plan.previousVersion ?? null,
  });
  if (problems.length === 0) return edits.map(({ path, text }) => ({ path, contents: text }));
  throw fail('Mistake', {
    what: problems.join(' '),
    changed: 'nothing',
    next: 'correct version_files in the configuration or the files themselves, then replan; or abort, and ask again with another version',
  });
}
