import { defineSignal, setHandler } from '@temporalio/workflow';
import type { Command, CommandName, SignedCommand } from '../../contracts/commands.ts';
import { readSteer } from '../../contracts/inbound/read-steer.ts';
import type { Steer } from '../../contracts/workflows.ts';
import { INTERNAL_SIGNALS } from '../../contracts/workflows.ts';
import type { Severity } from '../../release/settings.ts';
import { alertOfForgeries } from '../commands/alert-forged.ts';
import type { Reporter } from '../shared/reports.ts';
import type { RoleActivities } from '../shared/role-activities.ts';

/** What operators want of a deployment, as far as it was allowed. Read and cleared by the deployment. */
export interface DeploymentCommands {
  rollback: { by: string; reason: string } | undefined;
  /** A hotfix needs the environment. */
  preempt: { by: string; reason: string } | undefined;
  incident: { by: string; reason: string; severity: Severity | undefined; verified: boolean } | undefined;
  endMonitoring: { by: string; reason: string } | undefined;
  /** `estimateMs`: the answer to a medium incident, how long a hotfix will take. */
  dismiss: { by: string; reason: string; estimateMs?: number } | undefined;
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
  about: { product: string; releaseId: string },
): DeploymentCommands {
  const commands: DeploymentCommands = {
    rollback: undefined,
    preempt: undefined,
    incident: undefined,
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
    take(commands, steer, from, verified);
  });
  return commands;
}

function take(
  commands: DeploymentCommands,
  steer: Steer,
  from: { by: string; reason: string },
  verified: boolean,
): void {
  switch (steer.what) {
    case 'rollback':
      commands.rollback = from;
      break;
    case 'park':
      commands.preempt = from;
      break;
    case 'incident':
      commands.incident = {
        ...from,
        severity: steer.severity,
        verified,
      };
      break;
    case 'extend':
      commands.extendMs += steer.extendMs ?? 0;
      break;
    case 'end_monitoring':
      commands.endMonitoring = from;
      break;
    case 'dismiss':
      commands.dismiss = {
        ...from,
        ...(steer.extendMs === undefined ? {} : { estimateMs: steer.extendMs }),
      };
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
