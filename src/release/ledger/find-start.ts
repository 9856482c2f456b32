import { DAY_MS } from '../duration.ts';
import type { LedgerEntry } from './entry.ts';
import type { FactOf } from './facts.ts';
import { factsOf } from './questions.ts';

/** How long a signed report of an incident lets its rollback begin, in milliseconds. */
const INCIDENT_MS = DAY_MS;

/**
 * What began a release, as of `now` (ms). An incident that was reported through the API may roll back at once
 * (`mayBeRollback`): nobody has to start that as well.
 */
export function findStart(
  entries: readonly LedgerEntry[],
  releaseId: string,
  mayBeRollback: boolean,
  now: number,
): FactOf<'started'> | undefined {
  const { started } = factsOf(entries, releaseId);
  if (started !== undefined || !mayBeRollback) return started;
  const reported = entries.findLast(
    ({ fact, at }) =>
      fact.fact === 'started' && fact.kind === 'incident' && Date.parse(at) > now - INCIDENT_MS,
  )?.fact as FactOf<'started'> | undefined;
  return reported && { ...reported, kind: 'rollback', releaseId };
}
