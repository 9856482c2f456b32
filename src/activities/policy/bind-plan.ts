import type { Planned } from '../../contracts/release-answers.ts';
import { digestOf } from '../../release/digest.ts';
import type { ReleasePlan } from '../../release/values.ts';

/** Everything that the release commit is made of: another plan is another commit. */
export function bindPlan(
  plan: Omit<Planned, 'planHash'> &
    Pick<ReleasePlan, 'base' | 'plannedAt' | 'tip' | 'planHash'> & { releaseId: string },
): string {
  const { releaseId, base, tip, plannedAt, version, type, tag, branch, planHash } = plan;
  const { changelog, notes, compareUrl, unreleasedUrl } = plan;
  return digestOf({
    ...{ releaseId, base, tip, plannedAt, version, type, tag, branch, planHash },
    ...{ changelog: changelog.digest, notes: notes.digest, compareUrl, unreleasedUrl },
  });
}
