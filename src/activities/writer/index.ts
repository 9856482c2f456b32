import type { WriterActivities } from '../../contracts/activities.ts';
import type { ActivityDeps } from '../deps.ts';
import { editNotes, planRelease } from './plan-release.ts';

/** What the technical writer does: version, changelog and notes. */
export function createWriterActivities(deps: ActivityDeps): WriterActivities {
  return { planRelease: planRelease(deps), editNotes: editNotes(deps) };
}
