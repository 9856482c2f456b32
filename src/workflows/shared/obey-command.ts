import { getExternalWorkflowHandle } from '@temporalio/workflow';
import type { CommandName, SignatureFault } from '../../contracts/commands.ts';
import { hotfixWorkflowId } from '../../contracts/workflow-ids.ts';
import type { Steer } from '../../contracts/workflows.ts';
import type { Decision } from '../../release/approvals.ts';
import { refuseDecision } from '../../release/approvals.ts';
import { openGate } from '../../release/record.ts';
import type { Taken } from './admit-command.ts';
import type { ReleaseDesk } from './desk.ts';

/** Counts a decision, or says why it does not count. */
export function decideGate(
  desk: ReleaseDesk,
  decision: Decision,
): { reason: string; fault?: SignatureFault } | undefined {
  const gate =
    openGate(desk.record, decision.gate) ?? desk.record.approvals.find((g) => g.key === decision.gate);
  const reason = refuseDecision(gate, decision);
  if (!reason) {
    desk.apply({ event: 'decided', decision });
    return undefined;
  }
  // The API signs for a gate that is open, and for what waits there: this signature was made for something else.
  const isForAnother = !gate || decision.subject !== gate.subject;
  return isForAnother ? { reason, fault: 'other_gate' } : { reason };
}

/** Does what a command asks, or says why not. */
export async function obeyCommand(desk: ReleaseDesk, taken: Taken): Promise<string | undefined> {
  const { name, by, reason } = taken;
  switch (name) {
    case 'hold':
      if (desk.record.held) return 'it is held already';
      desk.apply({ event: 'held', by, reason });
      await desk.holdDeployment?.({ what: 'hold', by, reason, verified: taken.verified });
      return undefined;
    case 'resume':
      return await resume(desk, taken);
    case 'retry':
      if (desk.rollbackThatWaits) return await retryRollback(desk.rollbackThatWaits, taken);
      return choose(desk, taken, name);
    case 'skip':
      return choose(desk, taken, name);
    case 'replan':
      // What made room for a hotfix goes on by a new plan even when its version was published: it takes another one.
      if (desk.noReplan && !desk.parkedFor) return desk.noReplan;
      if (desk.parkedFor && (await isHotfixOpen(desk))) return 'the hotfix is not over: replan after it';
      desk.replan = { by, reason };
      return undefined;
    case 'abort':
      if (desk.noAbort) return desk.noAbort;
      desk.abort = { by, reason };
      return undefined;
    case 'edit_notes':
      if (!openGate(desk.record, 'changelog_review')) {
        return 'changelog and notes can be edited during their review only';
      }
      desk.edit = {
        by,
        ...(taken.command?.changelog === undefined ? {} : { changelog: taken.command.changelog }),
        ...(taken.command?.notes === undefined ? {} : { notes: taken.command.notes }),
      };
      return undefined;
    default:
      return await passOn(desk, taken);
  }
}

function choose(desk: ReleaseDesk, { by, reason }: Taken, kind: 'retry' | 'skip'): string | undefined {
  if (!desk.record.waiting?.actions.includes(kind)) return `nothing waits for a ${kind}`;
  desk.choice = { kind, by, reason };
  return undefined;
}

/** A rollback that failed itself waits with the environment's lease in its hands. */
async function retryRollback(workflowId: string, { by, reason }: Taken): Promise<undefined> {
  await getExternalWorkflowHandle(workflowId).signal('retry', { person: by, reason });
}

async function resume(desk: ReleaseDesk, taken: Taken): Promise<string | undefined> {
  const { by, reason, verified, signed } = taken;
  if (!desk.record.held) return 'it is not held';
  if (desk.parkedFor) {
    return `${desk.parkedFor} went first: replan, so that the release contains it, or abort`;
  }
  desk.apply({ event: 'resumed', by });
  await desk.holdDeployment?.({
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
async function passOn(desk: ReleaseDesk, taken: Taken): Promise<string | undefined> {
  if (!desk.steer) return 'no production deployment of this release is in flight';
  const what = STEERED[taken.name];
  if (!what) return 'it means nothing for a release';
  await desk.steer({
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

async function isHotfixOpen(desk: ReleaseDesk): Promise<boolean> {
  const workflowId = hotfixWorkflowId(desk.record.product);
  return await desk.crew.support('is the hotfix over?').isWorkflowOpen({ workflowId });
}
