import type { ReleaseRecord } from '../record/record.ts';
import { findProduction } from './words.ts';

/** The product's entry of the mission's `state.yml`. */
export interface ProductState {
  phase: string;
  version: string;
  last_release: string;
  last_activity: string;
}

/** What is released now: after a rollback the version before, with the time at which the release was taken back. */
export function viewProductState(record: ReleaseRecord): ProductState {
  const production = findProduction(record);
  const back = record.outcome === 'rolled_back' || record.kind === 'rollback';
  const version = back ? (production?.previousVersion ?? record.plan?.previousVersion) : record.plan?.version;
  const tagged = record.steps.find((step) => step.id === 'finalize.tag')?.endedAt;
  return {
    phase: 'production',
    version: version ?? '',
    last_release: production?.deployedAt ?? tagged ?? record.startedAt,
    last_activity: record.endedAt ?? record.timeline.at(-1)?.at ?? record.startedAt,
  };
}
