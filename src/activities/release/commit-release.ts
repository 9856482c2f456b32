import { join } from 'node:path/posix';
import type { ReleaseActivities } from '../../contracts/activities.ts';
import { packCommit } from '../../integrations/git/bundle.ts';
import type { FileChange } from '../../integrations/git/create-commit.ts';
import { createCommit } from '../../integrations/git/create-commit.ts';
import type { Mirror } from '../../integrations/git/mirror.ts';
import { fetchMirror, readFileAt } from '../../integrations/git/mirror.ts';
import { insertRelease } from '../../release/plan/changelog-file.ts';
import { setVersion } from '../../release/plan/version-files.ts';
import type { ReleasePlan } from '../../release/values.ts';
import type { ActivityDeps } from '../deps.ts';
import { findProduct, openProductMirror } from '../deps.ts';
import { fail } from '../fail.ts';
import { WINDLASS_SIGNATURE, withReleaseTrailer } from './identity.ts';

/**
 * Makes the release commit in this worker's mirror and packs it for the other roles; nothing is pushed. Author,
 * dates and tree are a function of the plan, so every try makes the same commit.
 */
export function commitRelease(deps: ActivityDeps): ReleaseActivities['commitRelease'] {
  return async ({ plan }) => {
    const product = findProduct(deps, plan.request.product);
    const mirror = await openProductMirror(deps, product);
    await fetchMirror(mirror);
    const commit = await createCommit(mirror, {
      parents: [parentOf(plan)],
      changes: [await changeChangelog(deps, mirror, plan), ...(await changeVersionFiles(mirror, plan))],
      message: withReleaseTrailer(`chore(release): ${plan.version}`, plan.request.releaseId),
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

/** A hotfix stands on its picked commits, which are packed together with the release commit. */
function parentOf(plan: ReleasePlan): string {
  return plan.tip ?? plan.base;
}

async function changeChangelog(deps: ActivityDeps, mirror: Mirror, plan: ReleasePlan): Promise<FileChange> {
  const path = join(plan.settings.path, plan.settings.changelog.file);
  const section = (await deps.store.read(plan.changelog)).toString('utf8');
  const before = (await readFileAt(mirror, parentOf(plan), path))?.toString('utf8') ?? null;
  return {
    path,
    contents: insertRelease(before, {
      version: plan.version,
      section,
      format: plan.settings.changelog.format,
      compareUrl: plan.compareUrl,
      unreleasedUrl: plan.unreleasedUrl,
    }),
  };
}

async function changeVersionFiles(mirror: Mirror, plan: ReleasePlan): Promise<FileChange[]> {
  const changes: FileChange[] = [];
  for (const file of plan.settings.versionFiles) {
    const path = join(plan.settings.path, file.path);
    const before = await readFileAt(mirror, parentOf(plan), path);
    if (!before) {
      throw fail('Mistake', {
        what: `the version file ${path} does not exist in ${plan.base.slice(0, 12)}`,
        changed: 'nothing',
        next: 'correct version_files in the configuration (or add the file), then replan',
      });
    }
    changes.push({
      path,
      contents: setVersion({
        path,
        text: before.toString('utf8'),
        version: plan.version,
        ...(file.pattern === undefined ? {} : { pattern: file.pattern }),
      }),
    });
  }
  return changes;
}
