import type { DevopsActivities } from '../../contracts/activities.ts';
import type { ActivityDeps } from '../deps.ts';
import { guardActivities } from '../policy/guard.ts';
import { preflight } from '../preflight/preflight.ts';
import { runEnvironmentScript } from '../run-environment-script.ts';
import { buildRelease } from './build-release.ts';

/** What DevOps does: the build, and the scripts that change environments. */
export function createDevopsActivities(deps: ActivityDeps): DevopsActivities {
  return guardActivities(deps, {
    preflight: preflight(deps),
    buildRelease: buildRelease(deps),
    runEnvironmentScript: runEnvironmentScript(deps),
  });
}
