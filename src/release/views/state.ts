import type { ReleaseRecord } from '../record.ts';

/** The product's entry of the mission's `state.yml`. */
export function viewProductState(record: ReleaseRecord): {
  phase: string;
  version: string;
  last_release: string;
  last_activity: string;
} {
  const at = record.environments.find((e) => e.kind === 'production')?.deployedAt ?? record.startedAt;
  return { phase: 'production', version: record.plan?.version ?? '', last_release: at, last_activity: at };
}
