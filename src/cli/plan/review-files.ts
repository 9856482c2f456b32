import { HistoryError } from '../../integrations/git/git-errors.ts';
import { readWorkTreeFiles } from '../../integrations/git/work-tree-files.ts';
import type { Plan } from '../../release/plan/plan-release.ts';
import { editVersionFiles } from '../../release/plan/version-files/edit-version-files.ts';
import type { WritePlace } from './write-plan.ts';

/**
 * What a person should know of the version files before the plan becomes a release: what would be moved away from where
 * somebody set it, what would stay, and what would keep them from being written. Nothing is changed.
 *
 * @param written whether they are about to be written, which is refused for what is wrong with them
 */
export async function reviewFiles(plan: Plan, place: WritePlace, written: boolean): Promise<string[]> {
  if (plan.next === null || place.top === null) return [];
  try {
    const { said, problems } = await editVersionFiles({
      source: readWorkTreeFiles(place.top),
      folder: place.path,
      files: place.versionFiles,
      version: plan.next,
      previous: plan.current,
    });
    return written ? said : [...said, ...problems];
  } catch (error) {
    if (error instanceof HistoryError && !written) return [error.message];
    throw error;
  }
}
