import type { Authorization } from '../../../contracts/activities.ts';
import { lapsedDecision } from '../../../release/approvals.ts';
import { subjectParts } from '../../../release/subject.ts';
import type { StagedRelease } from '../../../release/values.ts';
import { awaitApproval } from '../../shared/approval-gate.ts';
import type { ReleaseRun } from '../../shared/release-run.ts';

/** "Staged and verified. Ready for production?": the decision on exactly this plan, this commit and these bytes. */
export async function askGoLive(run: ReleaseRun, staged: StagedRelease): Promise<Authorization> {
  run.apply({ event: 'phase_entered', phase: 'go_live' });
  const key = gateOf(staged);
  const authors = staged.authors ?? [];
  await awaitApproval(run, {
    key,
    step: 'go_live.approval',
    phase: 'go_live',
    authors,
    title:
      key === 'hotfix'
        ? `Hotfix ${staged.version} of ${staged.settings.title}: straight to production?`
        : `${staged.settings.title} ${staged.version}: ready for production?`,
    required: staged.policy.goLiveApprovals,
    subject: staged.subject,
    approvals: staged.settings.approvals,
  });
  const gate = run.record.approvals.find((g) => g.key === key);
  return {
    parts: subjectParts(staged),
    requestedBy: staged.request.requestedBy,
    authors,
    decisions: (gate?.decisions ?? []).filter((d) => d.decision === 'approve').map((d) => d.signed),
  };
}

/**
 * The authorization as it is, or a new one where an approval has expired since: a release may be held between two
 * protected steps for longer than an approval counts.
 */
export async function renewGoLive(
  run: ReleaseRun,
  staged: StagedRelease,
  authorization: Authorization,
): Promise<Authorization> {
  await run.safePoint();
  const gate = run.record.approvals.find((candidate) => candidate.key === gateOf(staged));
  if (!gate || !lapsedDecision(gate, Date.now())) return authorization;
  run.apply({ event: 'noted', what: 'an approval has expired before it was used: it is asked for again' });
  return await askGoLive(run, staged);
}

function gateOf(staged: StagedRelease): 'hotfix' | 'go_live' {
  return staged.type === 'hotfix' ? 'hotfix' : 'go_live';
}
