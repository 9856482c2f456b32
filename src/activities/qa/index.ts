import type { QaActivities } from '../../contracts/activities.ts';
import type { ActivityDeps } from '../deps.ts';
import { runEnvironmentScript } from '../run-environment-script.ts';
import { runGate } from './run-gate.ts';

/** What QA does: the gates, and the walk through staging. */
export function createQaActivities(deps: ActivityDeps): QaActivities {
  return { runGate: runGate(deps), smokeEnvironment: runEnvironmentScript(deps) };
}
