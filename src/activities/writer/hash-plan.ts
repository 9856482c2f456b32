import type { Planned } from '../../contracts/release-answers.ts';
import { digestOf } from '../../release/digest.ts';

/** Digest of all that a person approves of a plan. */
export function hashPlan(plan: Omit<Planned, 'planHash'>): string {
  return digestOf({
    version: plan.version,
    type: plan.type,
    tag: plan.tag,
    changelog: plan.changelog.digest,
    notes: plan.notes.digest,
    included: plan.included.map((change) => change.sha),
    includedTotal: plan.includedTotal,
  });
}

/** What the writer answered, of a plan that has more by now. */
export function pickPlanned(plan: Planned): Omit<Planned, 'planHash'> {
  return {
    type: plan.type,
    version: plan.version,
    tag: plan.tag,
    branch: plan.branch,
    highlights: plan.highlights,
    ...(plan.changes === undefined ? {} : { changes: plan.changes }),
    ...(plan.commitTimes === undefined ? {} : { commitTimes: plan.commitTimes }),
    changelog: plan.changelog,
    notes: plan.notes,
    compareUrl: plan.compareUrl,
    unreleasedUrl: plan.unreleasedUrl,
    included: plan.included,
    includedTotal: plan.includedTotal,
    reasons: plan.reasons,
    warnings: plan.warnings,
  };
}
