import type { QaActivities } from '../../contracts/activities.ts';
import type { ActivityDeps } from '../deps.ts';
import { guardActivities } from '../policy/guard.ts';
import { preflight } from '../preflight/preflight.ts';
import { smokeEnvironment } from '../run-environment-script.ts';
import { runGate } from './run-gate.ts';

/** What QA does: the gates, and the walk through staging. */
export function createQaActivities(deps: ActivityDeps): QaActivities {
  return guardActivities(deps, {
    preflight: preflight(deps),
    runGate: runGate(deps),
    smokeEnvironment: smokeEnvironment(deps),
  });
}
