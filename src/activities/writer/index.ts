import type { WriterActivities } from '../../contracts/activities.ts';
import type { ActivityDeps } from '../deps.ts';
import { guardActivities } from '../policy/guard.ts';
import { preflight } from '../preflight/preflight.ts';
import { editNotes } from './edit-notes.ts';
import { planRelease } from './plan-release.ts';

/** What the technical writer does: version, changelog and notes. */
export function createWriterActivities(deps: ActivityDeps): WriterActivities {
  return guardActivities(deps, {
    preflight: preflight(deps),
    planRelease: planRelease(deps),
    editNotes: editNotes(deps),
  });
}
