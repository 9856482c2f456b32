import { defineSignal, setHandler } from '@temporalio/workflow';
import type { Command, CommandName } from '../../contracts/commands.ts';
import type { Incoming } from '../../contracts/inbound/read-command.ts';
import { readSteer } from '../../contracts/inbound/read-steer.ts';
import { INTERNAL_SIGNALS } from '../../contracts/internal-signals.ts';
import type { Steer } from '../../contracts/workflows.ts';
import type { Dismissal, IncidentReport } from '../../release/incidents.ts';
import type { DeploymentEvent } from '../../release/record/deployment-state.ts';
import { alertOfForgeries } from '../commands/alert-forged.ts';
import { Inbox } from '../commands/inbox.ts';
import type { IncidentDesk } from '../incident/incident-desk.ts';
import type { Reporter } from '../shared/reports.ts';
import type { RoleActivities } from '../shared/role-activities.ts';

/** The command that a steer hands on. `park` and `attach` are between workflows. */
const COMMANDS_OF: Partial<Record<Steer['what'], CommandName>> = {
  hold: 'hold',
  resume: 'resume',
  rollback: 'rollback',
  extend: 'extend_monitoring',
  end_monitoring: 'end_monitoring',
  dismiss: 'dismiss',
  incident: 'incident',
  restore_database: 'restore_database',
};

/** Sets the handler; must be called before the first await. The handler is total. */
export function receiveDeploymentCommands(
  activities: RoleActivities,
  reporter: Reporter,
  desk: IncidentDesk,
  apply: (event: DeploymentEvent) => void,
  about: { product: string; releaseId: string },
): void {
  const alert = alertOfForgeries(activities, { ...about, title: `The deployment of ${about.product}` });
  const inbox = new Inbox(activities, about);
  setHandler(defineSignal<[unknown]>(INTERNAL_SIGNALS.steer), async (argument) => {
    const steer = readSteer(argument);
    if (!steer) return;
    const { what, by } = steer;
    if (what === 'attach') {
      if (steer.reportTo !== undefined) reporter.attach(steer.reportTo);
      return;
    }
    const name = COMMANDS_OF[what];
    if (name === undefined) {
      take(apply, desk, steer, undefined);
      return;
    }
    // The release has verified it; a signal to the deployment alone proves nothing, so it is verified here again.
    const admission = await inbox.admit(describeIncoming(name, steer));
    if (admission === 'counted_before') return;
    if ('refused' in admission) {
      const { reason } = admission.refused;
      reporter.tell({ event: 'deployment_refused', command: what, by, reason });
      await alert(what, by, reason);
      return;
    }
    take(apply, desk, steer, admission.taken.command);
  });
}

function describeIncoming(name: CommandName, { signed, by, reason }: Steer): Incoming {
  return signed ? { form: 'signed', name, signed } : { form: 'plain', name, plain: { person: by, reason } };
}

/** What cannot be undone is verified once more, by the worker that does it. */
function orderOf({ what, signed }: Steer): Pick<Steer, 'signed'> {
  return what === 'restore_database' && signed !== undefined ? { signed } : {};
}

function take(
  apply: (event: DeploymentEvent) => void,
  desk: IncidentDesk,
  steer: Steer,
  command: Command | undefined,
): void {
  const { what, by, reason } = steer;
  switch (what) {
    case 'incident':
      desk.hear({ what: 'incident', ...readIncident(steer, command) });
      break;
    case 'dismiss':
      if (desk.isCalling && !desk.isGoing) desk.hear({ what: 'dismiss', ...readDismissal(steer, command) });
      else apply({ event: 'asked', what: 'dismiss', by, reason });
      break;
    case 'extend':
      apply({ event: 'extended', ms: steer.extendMs ?? 0 });
      break;
    case 'resume':
      apply({ event: 'answered', what: 'hold' });
      break;
    case 'park':
      apply({ event: 'asked', what: 'preempt', by, reason });
      break;
    case 'attach':
      break;
    default:
      apply({ event: 'asked', what, by, reason, ...orderOf(steer) });
  }
}

/** A report. Only an id that was signed is a person's word on that incident; any other is the id of a new one. */
function readIncident(steer: Steer, command: Command | undefined): IncidentReport {
  const id = command?.incidentId ?? steer.incidentId;
  const key = command ? command.incidentKey : steer.incidentKey;
  const { severity } = command ?? steer;
  return {
    summary: steer.reason,
    by: steer.by,
    verified: command !== undefined,
    ...(id === undefined ? {} : { id }),
    ...(command?.incidentId === undefined ? {} : { names: true }),
    ...(key === undefined ? {} : { key }),
    ...(severity === undefined ? {} : { severity }),
    ...(command?.over ? { over: true } : {}),
  };
}

/** A dismissal: only what was signed counts. */
function readDismissal({ by, reason }: Steer, command: Command | undefined): Dismissal {
  const estimateMs = command?.extendMs;
  return {
    by,
    reason,
    ...(command?.incidentId === undefined ? {} : { id: command.incidentId }),
    ...(estimateMs === undefined ? {} : { estimateMs }),
  };
}
