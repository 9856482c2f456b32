import { readCommitFiles } from '../../integrations/git/commit-files.ts';
import { HistoryError } from '../../integrations/git/git-errors.ts';
import { readHistory } from '../../integrations/git/history/history.ts';
import type { Mirror } from '../../integrations/git/mirror/mirror.ts';
import type { History } from '../../release/plan/history.ts';
import type { Plan } from '../../release/plan/plan-release.ts';
import { planRelease } from '../../release/plan/plan-release.ts';
import { editVersionFiles } from '../../release/plan/version-files/edit-version-files.ts';
import type { ProductSettings } from '../../release/settings.ts';
import type { ReleaseRequest } from '../../release/values.ts';
import { fail } from '../fail.ts';
import { toPlanOptions } from './plan-options.ts';

export interface InferredPlan {
  history: History;
  plan: Plan;
  /** What keeps the version files from being written, in whole sentences. */
  problems: string[];
}

/**
 * One reading of the history up to `base`, and the plan that follows from it, by the functions of `windlass plan`.
 * Readiness looks at the same plan that the writer writes down. What a person can put right is a `Mistake`.
 *
 * @param enrich adds to the history what only the host of the repository knows, such as labels
 */
export async function inferPlan(
  mirror: Mirror,
  product: ProductSettings,
  request: ReleaseRequest,
  base: string,
  date: string,
  enrich: (history: History) => Promise<History> = async (history) => history,
): Promise<InferredPlan> {
  try {
    const read = await readHistory({
      repository: mirror.gitDir,
      to: base,
      tagFormat: product.tagFormat,
      path: product.path === '' ? null : product.path,
      alsoPaths: product.includePaths ?? [],
      excludePaths: product.excludePaths ?? [],
      channel: product.release.releaseType === 'stable' ? null : product.release.releaseType,
      decided:
        request.version !== undefined || request.bump !== 'auto' || product.release.versionBump !== 'auto',
    });
    const history = await enrich(read);
    const plan = planRelease(history, toPlanOptions(product, request, date));
    if (plan.next === null) return { history, plan, problems: [] };
    const { said, problems } = await editVersionFiles({
      source: readCommitFiles(mirror, base),
      folder: product.path,
      files: product.versionFiles,
      version: plan.next,
      previous: plan.current,
    });
    return { history, plan: { ...plan, warnings: [...plan.warnings, ...said] }, problems };
  } catch (error) {
    // An explicit version that is no step forward is the request's fault, a history that cannot be read the repository's.
    if (!(error instanceof HistoryError) && request.version === undefined) throw error;
    throw fail('Mistake', {
      what: error instanceof Error ? error.message : String(error),
      changed: 'nothing',
      next: 'abort, and ask again with a version above the last one (or leave it out); or mend the history and retry',
    });
  }
}
