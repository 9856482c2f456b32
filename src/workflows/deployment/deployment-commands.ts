import { defineSignal, setHandler } from '@temporalio/workflow';
import type { Command, CommandName, SignedCommand } from '../../contracts/commands.ts';
import { readSteer } from '../../contracts/inbound/read-steer.ts';
import type { Steer } from '../../contracts/workflows.ts';
import { INTERNAL_SIGNALS } from '../../contracts/workflows.ts';
import type { Dismissal, IncidentReport } from '../../release/incidents.ts';
import { alertOfForgeries } from '../commands/alert-forged.ts';
import type { IncidentDesk } from '../incident/incident-desk.ts';
import type { Reporter } from '../shared/reports.ts';
import type { RoleActivities } from '../shared/role-activities.ts';

/** What operators want of a deployment, as far as it was allowed. Read and cleared by the deployment. */
export interface DeploymentCommands {
  rollback: { by: string; reason: string } | undefined;
  /** A hotfix needs the environment. */
  preempt: { by: string; reason: string } | undefined;
  endMonitoring: { by: string; reason: string } | undefined;
  /** That the version stays, where something else than an incident asks. */
  dismiss: { by: string; reason: string } | undefined;
  restoreDatabase: { by: string; reason: string } | undefined;
  /** Between two steps the deployment waits while this is set. */
  held: { by: string; reason: string } | undefined;
  extendMs: number;
}

/** Steers in a safe direction count at once; the rest only when the API's signature holds, checked again here. */
const SIGNED: Partial<Record<Steer['what'], CommandName>> = {
  rollback: 'rollback',
  end_monitoring: 'end_monitoring',
  dismiss: 'dismiss',
  restore_database: 'restore_database',
  resume: 'resume',
};

/** Sets the handler; must be called before the first await. The handler is total. */
export function receiveDeploymentCommands(
  activities: RoleActivities,
  reporter: Reporter,
  desk: IncidentDesk,
  about: { product: string; releaseId: string },
): DeploymentCommands {
  const commands: DeploymentCommands = {
    rollback: undefined,
    preempt: undefined,
    endMonitoring: undefined,
    dismiss: undefined,
    restoreDatabase: undefined,
    held: undefined,
    extendMs: 0,
  };
  const alert = alertOfForgeries(activities, { ...about, title: `The deployment of ${about.product}` });
  // One signature counts once: a dismissal of one incident is none of the next.
  const nonces: string[] = [];
  setHandler(defineSignal<[unknown]>(INTERNAL_SIGNALS.steer), async (argument) => {
    const steer = readSteer(argument);
    if (!steer) return;
    const from = { by: steer.by, reason: steer.reason };
    if (steer.what === 'attach') {
      if (steer.reportTo !== undefined) reporter.attach(steer.reportTo);
      return;
    }
    const mustBe = SIGNED[steer.what];
    const command = steer.signed ? await readSigned(activities, steer.signed, about) : undefined;
    const verified = command !== undefined && !nonces.includes(command.nonce);
    if (mustBe !== undefined && !(verified && command.name === mustBe)) {
      const reason = `it is not signed as ${mustBe}, or was used before`;
      reporter.tell({ event: 'noted', what: `refused ${steer.what} by ${from.by}: ${reason}` });
      await alert(steer.what, from.by, reason);
      return;
    }
    if (command) nonces.push(command.nonce);
    take(commands, desk, steer, from, verified ? command : undefined);
  });
  return commands;
}

function take(
  commands: DeploymentCommands,
  desk: IncidentDesk,
  steer: Steer,
  from: { by: string; reason: string },
  command: Command | undefined,
): void {
  switch (steer.what) {
    case 'rollback':
      commands.rollback = from;
      break;
    case 'park':
      commands.preempt = from;
      break;
    case 'incident':
      desk.hear({ what: 'incident', ...readIncident(steer, command) });
      break;
    case 'extend':
      commands.extendMs += steer.extendMs ?? 0;
      break;
    case 'end_monitoring':
      commands.endMonitoring = from;
      break;
    case 'dismiss':
      if (desk.isCalling) desk.hear({ what: 'dismiss', ...readDismissal(steer, command) });
      else commands.dismiss = from;
      break;
    case 'hold':
      commands.held = from;
      break;
    case 'resume':
      commands.held = undefined;
      break;
    case 'restore_database':
      commands.restoreDatabase = from;
      break;
    default:
      break;
  }
}

/** A report. Only an id that was signed is a person's word on that incident; any other is the id of a new one. */
function readIncident(steer: Steer, command: Command | undefined): IncidentReport {
  const { incidentId: id, incidentKey: key } = { ...steer, ...(command?.incidentId ? command : {}) };
  const severity = command?.severity ?? steer.severity;
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

function readDismissal({ by, reason, extendMs }: Steer, command: Command | undefined): Dismissal {
  const estimateMs = command?.extendMs ?? extendMs;
  return {
    by,
    reason,
    ...(command?.incidentId === undefined ? {} : { id: command.incidentId }),
    ...(estimateMs === undefined ? {} : { estimateMs }),
  };
}

async function readSigned(
  activities: RoleActivities,
  signed: SignedCommand,
  about: { product: string; releaseId: string },
): Promise<Command | undefined> {
  try {
    return (await activities.release('verify who steers').verifyCommand({ signed, ...about })).command;
  } catch {
    return undefined;
  }
}
