import { defineSignal, setHandler } from '@temporalio/workflow';
import type { Steer } from '../contracts/workflows.ts';
import { INTERNAL_SIGNALS } from '../contracts/workflows.ts';
import type { Severity } from '../release/settings.ts';
import { SEVERITIES } from '../release/settings.ts';
import type { Crew } from './crew.ts';
import type { Reporter } from './reports.ts';

/** What operators want of a deployment, as far as it was allowed. Read and cleared by the deployment. */
export interface Steering {
  rollback: { by: string; reason: string } | undefined;
  incident: { by: string; reason: string; severity: Severity | undefined; verified: boolean } | undefined;
  endMonitoring: { by: string; reason: string } | undefined;
  dismiss: { by: string; reason: string } | undefined;
  restoreDatabase: { by: string; reason: string } | undefined;
  extendMs: number;
}

/** Steers in a safe direction count at once; the rest only when the API's signature holds, checked again here. */
const SIGNED: readonly Steer['what'][] = ['end_monitoring', 'dismiss', 'restore_database'];

/** Sets the handler; must be called before the first await. The handler is total. */
export function listenToSteers(
  crew: Crew,
  reporter: Reporter,
  about: { product: string; releaseId: string },
): Steering {
  const steering: Steering = {
    rollback: undefined,
    incident: undefined,
    endMonitoring: undefined,
    dismiss: undefined,
    restoreDatabase: undefined,
    extendMs: 0,
  };
  setHandler(defineSignal<[unknown]>(INTERNAL_SIGNALS.steer), async (argument) => {
    const steer = argument as Partial<Steer> | null;
    if (!steer || typeof steer.what !== 'string') return;
    const from = {
      by: String(steer.by ?? 'somebody').slice(0, 100),
      reason: String(steer.reason ?? '').slice(0, 1_000),
    };
    if (steer.what === 'attach') {
      if (typeof steer.reportTo === 'string') reporter.attach(steer.reportTo);
      return;
    }
    if (SIGNED.includes(steer.what) && !(await isSigned(crew, steer, about))) {
      reporter.tell({
        event: 'noted',
        what: `refused ${steer.what} by ${from.by}: its signature does not hold`,
      });
      return;
    }
    take(steering, steer, from);
  });
  return steering;
}

function take(steering: Steering, steer: Partial<Steer>, from: { by: string; reason: string }): void {
  switch (steer.what) {
    case 'rollback':
      steering.rollback = from;
      break;
    case 'incident':
      steering.incident = {
        ...from,
        severity: SEVERITIES.find((severity) => severity === steer.severity),
        verified: steer.signed !== undefined,
      };
      break;
    case 'extend':
      if (typeof steer.extendMs === 'number' && steer.extendMs > 0) steering.extendMs += steer.extendMs;
      break;
    case 'end_monitoring':
      steering.endMonitoring = from;
      break;
    case 'dismiss':
      steering.dismiss = from;
      break;
    case 'restore_database':
      steering.restoreDatabase = from;
      break;
    default:
      break;
  }
}

async function isSigned(
  crew: Crew,
  steer: Partial<Steer>,
  about: { product: string; releaseId: string },
): Promise<boolean> {
  if (!steer.signed) return false;
  try {
    const check = await crew
      .release(`verify who sent ${steer.what}`)
      .verifyCommand({ signed: steer.signed, ...about });
    return check.command !== undefined;
  } catch {
    return false;
  }
}
