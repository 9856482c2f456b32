import type { Planned } from '../../../contracts/release-answers.ts';
import { listConcerns, listTakenBack } from '../../../release/concerns.ts';
import { digestOf } from '../../../release/digest.ts';
import type { PlanRecord } from '../../../release/record/record.ts';
import type { ReadyRelease, ReleasePlan } from '../../../release/values.ts';
import { awaitApproval } from '../../shared/approval-gate.ts';
import type { ReleaseRun } from '../../shared/release-run.ts';
import { runStep } from '../../shared/run-step.ts';

/** Version, changelog and notes from the history, by the very functions of `windlass plan`. */
export async function planRelease(run: ReleaseRun, ready: ReadyRelease): Promise<ReleasePlan> {
  run.apply({ event: 'phase_entered', phase: 'plan' });
  // The plan's date goes into commits and tags, so it is fixed once, here.
  const plannedAt = new Date().toISOString();
  const planned = await runStep(
    run,
    {
      id: 'plan.version',
      title: 'Plan version, changelog and notes',
      phase: 'plan',
      role: 'writer',
      describe: (p: Planned) => `${ready.previousVersion ?? 'nothing'} -> ${p.version} (${p.type})`,
    },
    () =>
      run.activities
        .writer(`plan the next version of ${ready.request.product}`)
        .planRelease({ ready, plannedAt }),
  );
  return recordPlan(run, ready, planned, plannedAt);
}

/** The release manager reads changelog and notes, and may edit them; an edit makes a new plan hash. */
export async function reviewChangelog(run: ReleaseRun, plan: ReleasePlan): Promise<ReleasePlan> {
  run.apply({ event: 'phase_entered', phase: 'review' });
  await awaitApproval(run, {
    key: 'changelog_review',
    step: 'review.changelog',
    phase: 'review',
    title: `Review changelog and notes of ${plan.version}`,
    required: plan.policy.changelogReview,
    // The reviewer approves the texts, edited or not: an edit is made by the reviewer.
    subject: digestOf({ review: plan.planHash }),
    approvals: plan.settings.approvals,
  });
  const { edit } = run.control;
  if (!edit) return plan;
  run.clear('edit');
  const edited = await runStep(
    run,
    { id: 'review.edit', title: `Take over ${edit.by}'s edit`, phase: 'review', role: 'writer' },
    () =>
      run.activities.writer(`edit the notes of ${plan.version}`).editNotes({
        plan,
        ...(edit.changelog === undefined ? {} : { changelog: edit.changelog }),
        ...(edit.notes === undefined ? {} : { notes: edit.notes }),
        ...(edit.signed === undefined ? {} : { signed: edit.signed }),
      }),
  );
  return recordPlan(run, plan, edited, plan.plannedAt);
}

/** Puts a plan into the record, and makes it the release's next value. */
export function recordPlan(
  run: ReleaseRun,
  ready: ReadyRelease,
  planned: Planned,
  plannedAt: string,
): ReleasePlan {
  const policy = ready.settings.policy[planned.type];
  const plan: ReleasePlan = {
    request: ready.request,
    settings: ready.settings,
    base: ready.base,
    ...(ready.previousVersion === undefined ? {} : { previousVersion: ready.previousVersion }),
    ...(ready.previousTag === undefined ? {} : { previousTag: ready.previousTag }),
    ...planned,
    plannedAt,
    policy,
    concerns: [
      ...listTakenBack(ready.takenBack ?? [], planned.version),
      ...listConcerns(ready.settings, ready.previousVersion),
    ],
  };
  const record: PlanRecord = {
    type: plan.type,
    version: plan.version,
    ...(plan.previousVersion === undefined ? {} : { previousVersion: plan.previousVersion }),
    tag: plan.tag,
    branch: plan.branch,
    base: plan.base,
    plannedAt,
    planHash: plan.planHash,
    highlights: plan.highlights,
    ...(plan.commitTimes === undefined ? {} : { commitTimes: plan.commitTimes }),
    changelog: plan.changelog,
    notes: plan.notes,
    included: plan.included,
    includedTotal: plan.includedTotal,
    reasons: plan.reasons,
    warnings: plan.warnings,
    concerns: plan.concerns,
  };
  run.apply({ event: 'planned', plan: record, title: `${ready.settings.title} ${plan.version}` });
  return plan;
}
