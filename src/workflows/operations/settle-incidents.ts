import { listOpen } from '../../release/incidents.ts';
import type { ReleaseRun } from '../shared/release-run.ts';

/** The incidents because of which it went back, as that really ended. `not`: why it did not go back, where it did not. */
export function settleIncidents(run: ReleaseRun, not: readonly string[], helped: boolean): void {
  const settledAt = new Date().toISOString();
  for (const incident of listOpen(run.record.incidents)) {
    const went = incident.goesBack ?? 'rolled back';
    const back = helped ? went : `${went}; it did not help`;
    const resolution = not.length === 0 ? back : `not rolled back by Windlass: ${not.join('; ')}`;
    run.apply({ event: 'incident', incident: { ...incident, resolution, settledAt } });
  }
}
