import { getExternalWorkflowHandle } from '@temporalio/workflow';
import type { CommandName, SignatureFault } from '../../contracts/commands.ts';
import { hotfixWorkflowId } from '../../contracts/workflow-ids.ts';
import type { Steer } from '../../contracts/workflows.ts';
import type { Decision } from '../../release/approvals.ts';
import { refuseDecision } from '../../release/approvals.ts';
import { openGate } from '../../release/record.ts';
import type { Taken } from './admit-command.ts';
import type { ReleaseRun } from './release-run.ts';

/** Counts a decision, or says why it does not count. */
export function decideGate(
  run: ReleaseRun,
  decision: Decision,
): { reason: string; fault?: SignatureFault } | undefined {
  const gate =
    openGate(run.record, decision.gate) ?? run.record.approvals.find((g) => g.key === decision.gate);
  const reason = refuseDecision(gate, decision);
  if (!reason) {
    run.apply({ event: 'decided', decision });
    return undefined;
  }
  // The API signs for a gate that is open, and for what waits there: this signature was made for something else.
  const isForAnother = !gate || decision.subject !== gate.subject;
  return isForAnother ? { reason, fault: 'other_gate' } : { reason };
}

/** Does what a command asks, or says why not. */
export async function obeyCommand(run: ReleaseRun, taken: Taken): Promise<string | undefined> {
  const { name, by, reason } = taken;
  switch (name) {
    case 'hold':
      if (run.record.held) return 'it is held already';
      run.apply({ event: 'held', by, reason });
      await run.holdDeployment?.({ what: 'hold', by, reason, verified: taken.verified });
      return undefined;
    case 'resume':
      return await resume(run, taken);
    case 'retry':
      if (run.rollbackThatWaits) return await retryRollback(run.rollbackThatWaits, taken);
      return choose(run, taken, name);
    case 'skip':
      return choose(run, taken, name);
    case 'replan':
      // What made room for a hotfix goes on by a new plan even when its version was published: it takes another one.
      if (run.noReplan && !run.preemptedBy) return run.noReplan;
      if (run.preemptedBy && (await isHotfixOpen(run))) return 'the hotfix is not over: replan after it';
      run.replan = { by, reason };
      return undefined;
    case 'abort':
      if (run.noAbort) return run.noAbort;
      run.abort = { by, reason };
      return undefined;
    case 'edit_notes':
      if (!openGate(run.record, 'changelog_review')) {
        return 'changelog and notes can be edited during their review only';
      }
      run.edit = {
        by,
        ...(taken.command?.changelog === undefined ? {} : { changelog: taken.command.changelog }),
        ...(taken.command?.notes === undefined ? {} : { notes: taken.command.notes }),
      };
      return undefined;
    default:
      return await passOn(run, taken);
  }
}

function choose(run: ReleaseRun, { by, reason }: Taken, kind: 'retry' | 'skip'): string | undefined {
  if (!run.record.waiting?.actions.includes(kind)) return `nothing waits for a ${kind}`;
  run.choice = { kind, by, reason };
  return undefined;
}

/** A rollback that failed itself waits with the environment's lease in its hands. */
async function retryRollback(workflowId: string, { by, reason }: Taken): Promise<undefined> {
  await getExternalWorkflowHandle(workflowId).signal('retry', { person: by, reason });
}

async function resume(run: ReleaseRun, taken: Taken): Promise<string | undefined> {
  const { by, reason, verified, signed } = taken;
  if (!run.record.held) return 'it is not held';
  if (run.preemptedBy) {
    return `${run.preemptedBy} went first: replan, so that the release contains it, or abort`;
  }
  run.apply({ event: 'resumed', by });
  await run.holdDeployment?.({
    what: 'resume',
    by,
    reason,
    verified,
    ...(signed === undefined ? {} : { signed }),
  });
  return undefined;
}

const STEERED: Partial<Record<CommandName, Steer['what']>> = {
  rollback: 'rollback',
  incident: 'incident',
  extend_monitoring: 'extend',
  end_monitoring: 'end_monitoring',
  dismiss: 'dismiss',
  restore_database: 'restore_database',
};

/** Commands about production go to the deployment that is in flight there. */
async function passOn(run: ReleaseRun, taken: Taken): Promise<string | undefined> {
  if (!run.steer) return 'no production deployment of this release is in flight';
  const what = STEERED[taken.name];
  if (!what) return 'it means nothing for a release';
  await run.steer({
    what,
    by: taken.by,
    reason: taken.reason,
    verified: taken.verified,
    ...(taken.signed === undefined ? {} : { signed: taken.signed }),
    ...(taken.severity === undefined ? {} : { severity: taken.severity }),
    ...(taken.extendMs === undefined ? {} : { extendMs: taken.extendMs }),
  });
  return undefined;
}

async function isHotfixOpen(run: ReleaseRun): Promise<boolean> {
  const workflowId = hotfixWorkflowId(run.record.product);
  return await run.activities.support('is the hotfix over?').isWorkflowOpen({ workflowId });
}
