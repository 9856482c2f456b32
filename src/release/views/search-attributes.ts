import type { ReleaseRecord } from '../record.ts';
import { waitingRoles } from '../record.ts';

/** The record as search attributes; each is a list, as Temporal takes them. Unset ones are left out. */
export function viewSearchAttributes(record: ReleaseRecord): Record<string, string[]> {
  const waiting = record.held ? ['resume'] : (record.waiting?.for ?? waitingRoles(record));
  const environment = record.environments.at(-1)?.name;
  return {
    WindlassProduct: [record.product],
    WindlassPhase: [record.endedAt === undefined ? record.phase : 'done'],
    WindlassRequestedBy: [record.request.requestedBy],
    WindlassWaitingFor: waiting,
    ...(record.plan === undefined ? {} : { WindlassVersion: [record.plan.version], WindlassType: [record.plan.type] }),
    ...(environment === undefined ? {} : { WindlassEnvironment: [environment] }),
    ...(record.outcome === undefined ? {} : { WindlassOutcome: [record.outcome] }),
  };
}
