import { listOpen } from '../../release/incidents.ts';
import type { ReleaseRun } from '../shared/release-run.ts';

/** The incidents because of which it went back, as that really ended. `left`: why it was left to people. */
export function settleIncidents(run: ReleaseRun, left: string | undefined, helped: boolean): void {
  const settledAt = new Date().toISOString();
  for (const incident of listOpen(run.record.incidents)) {
    const went = incident.goesBack ?? 'rolled back';
    const resolution = left ?? (helped ? went : `${went}; it did not help`);
    run.apply({ event: 'incident', incident: { ...incident, resolution, settledAt } });
  }
}
