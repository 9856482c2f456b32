import { getExternalWorkflowHandle, patched } from '@temporalio/workflow';
import type { CommandName, SignatureFault } from '../../contracts/commands.ts';
import { hotfixWorkflowId } from '../../contracts/workflow-ids.ts';
import type { Steer } from '../../contracts/workflows.ts';
import type { Decision } from '../../release/approvals.ts';
import { refuseDecision } from '../../release/approvals.ts';
import type { Refused } from '../../release/commands/command.ts';
import { refuseAnswer } from '../../release/commands/refusals.ts';
import { refuseCommand, refuseLate } from '../../release/commands/refuse-command.ts';
import { digestOf } from '../../release/digest.ts';
import { nameIncident } from '../../release/incidents.ts';
import { openGate } from '../../release/record/record.ts';
import type { ReleaseRun } from '../shared/release-run.ts';
import type { Taken } from './inbox.ts';
import { steerDeployment } from './steer-deployment.ts';

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

/** Does what a command asks, or says why not: by the rules that everybody asks. */
export async function obeyCommand(run: ReleaseRun, taken: Taken): Promise<string | undefined> {
  const { name, by, reason, command } = taken;
  const late = refuseLate(run.record, name, command?.answers);
  if (late) return sayRefused(late);
  // A rollback that waits has its own question, whatever the step that waits for it says.
  if (name === 'retry' && run.control.stuckRollback !== undefined) {
    return await retryRollback(run.control.stuckRollback, taken);
  }
  const refused = refuseCommand(run.record, name);
  // What was taken before this was a rule is done again by a replay.
  if (refused && (!isPassedOn(run, name) || patched('commands-by-rule'))) return sayRefused(refused);
  switch (name) {
    case 'hold':
      run.apply({ event: 'held', by, reason });
      await steerDeployment(run, { what: 'hold', by, reason, verified: taken.verified });
      return undefined;
    case 'resume':
      return await resume(run, taken);
    case 'retry':
    case 'skip':
      run.set('choice', { kind: name, by, reason });
      return undefined;
    case 'rollback':
      if (run.control.deployment || !run.record.waiting?.actions.includes('rollback')) {
        return await passOn(run, taken);
      }
      // Nothing is on its way, but the version is live in some environments: the step that asks takes it back.
      run.set('choice', { kind: 'rollback', by, reason });
      return undefined;
    case 'replan':
      if (run.control.preemptedBy !== undefined && (await isHotfixOpen(run))) {
        return 'the hotfix is not over: replan after it';
      }
      run.set('replan', { by, reason });
      return undefined;
    case 'abort':
      run.set('abort', { by, reason });
      return undefined;
    case 'edit_notes':
      run.set('edit', {
        by,
        ...(taken.command?.changelog === undefined ? {} : { changelog: taken.command.changelog }),
        ...(taken.command?.notes === undefined ? {} : { notes: taken.command.notes }),
        ...(taken.signed === undefined ? {} : { signed: taken.signed }),
      });
      if (patched('edit-asks-again')) askForEditedTexts(run, by);
      return undefined;
    default:
      return await passOn(run, taken);
  }
}

/** Whoever approved the older texts is asked for the new ones, and nobody approves what they were not shown. */
function askForEditedTexts(run: ReleaseRun, by: string): void {
  const gate = openGate(run.record, 'changelog_review');
  const { edit } = run.control;
  if (!gate || !edit) return;
  const subject = digestOf({
    review: run.record.plan?.planHash,
    changelog: edit.changelog,
    notes: edit.notes,
  });
  const openedAt = new Date().toISOString();
  run.apply({ event: 'approval_opened', gate: { ...gate, subject, openedAt, decisions: [] } });
  if (gate.decisions.length > 0) {
    run.apply({ event: 'texts_edited', by });
  }
}

/** A refusal as the record keeps it: what people are told, on one line. */
function sayRefused({ detail, hint }: Refused): string {
  return `${detail.charAt(0).toLowerCase()}${detail.slice(1).replace(/\.$/, '')}: ${hint}`;
}

/** A rollback that failed itself waits with the environment's lease in its hands. */
async function retryRollback(workflowId: string, { by, reason }: Taken): Promise<undefined> {
  await getExternalWorkflowHandle(workflowId).signal('retry', { person: by, reason });
}

async function resume(run: ReleaseRun, taken: Taken): Promise<undefined> {
  const { by, reason, verified, signed } = taken;
  run.apply({ event: 'resumed', by });
  await steerDeployment(run, {
    what: 'resume',
    by,
    reason,
    verified,
    ...(signed === undefined ? {} : { signed }),
  });
}

const STEERED: Partial<Record<CommandName, Steer['what']>> = {
  rollback: 'rollback',
  incident: 'incident',
  extend_monitoring: 'extend',
  end_monitoring: 'end_monitoring',
  dismiss: 'dismiss',
  restore_database: 'restore_database',
};

/** Whether the command goes to a deployment, or to a window that is watched, that is there to take it. */
function isPassedOn(run: ReleaseRun, name: CommandName): boolean {
  const { deployment } = run.control;
  return STEERED[name] !== undefined && (deployment?.production ?? deployment?.watchOnly ?? false);
}

/** Commands about production go to the deployment that is in flight there. */
async function passOn(run: ReleaseRun, taken: Taken): Promise<string | undefined> {
  const what = STEERED[taken.name];
  if (!what) return 'it means nothing for a release';
  if (what === 'end_monitoring' && run.control.deployment?.watchOnly) {
    if (taken.verified) run.set('endWindow', { by: taken.by, reason: taken.reason });
    return undefined;
  }
  const refused = refuseAnswer(run.record, taken.name, taken.incidentId);
  if (refused) return sayRefused(refused);
  const { incidentKey } = taken.command ?? {};
  await steerDeployment(run, {
    what,
    by: taken.by,
    reason: taken.reason,
    verified: taken.verified,
    ...(taken.signed === undefined ? {} : { signed: taken.signed }),
    ...(taken.severity === undefined ? {} : { severity: taken.severity }),
    ...(taken.extendMs === undefined ? {} : { extendMs: taken.extendMs }),
    // One id for all deployments that hear of it.
    ...(taken.name === 'incident' ? { incidentId: taken.incidentId ?? nameNewIncident(run) } : {}),
    ...(incidentKey === undefined ? {} : { incidentKey }),
    ...(taken.command?.over ? { over: true } : {}),
  });
  return undefined;
}

/** The id of an incident that is reported now. Entries of the timeline are counted, so no two are the same. */
function nameNewIncident({ record }: ReleaseRun): string {
  return nameIncident({ release: record.releaseId, entries: record.timelineTotal, chain: record.chain });
}

async function isHotfixOpen(run: ReleaseRun): Promise<boolean> {
  const workflowId = hotfixWorkflowId(run.record.product);
  return await run.activities.support('is the hotfix over?').isWorkflowOpen({ workflowId });
}
