import { missingRoles } from '../approvals.ts';
import type { ReleaseRecord } from '../record/record.ts';
import { cutBytes } from './markdown.ts';

/** Servers on SQL databases refuse a keyword of more than 255 bytes, and with it the whole workflow task. */
const LONGEST = 255;

/** The record as search attributes; each is a list, as Temporal takes them. Unset ones are left out. */
export function viewSearchAttributes(record: ReleaseRecord): Record<string, string[]> {
  const roles = record.approvals.filter(({ status }) => status === 'open').flatMap(missingRoles);
  const asked = roles.length > 0 ? roles : (record.waiting?.for ?? []);
  const workers = (record.missingWorkers ?? []).map(({ role }) => `${role} worker`);
  const waiting = record.held ? ['resume'] : [...asked, ...workers];
  const environment = record.environments.at(-1)?.name;
  const attributes: Record<string, string[]> = {
    WindlassProduct: [record.product],
    WindlassPhase: [record.endedAt === undefined ? record.phase : 'done'],
    WindlassRequestedBy: [record.request.requestedBy],
    WindlassWaitingFor: record.endedAt === undefined ? [...new Set(waiting)] : [],
    ...(record.plan === undefined
      ? {}
      : { WindlassVersion: [record.plan.version], WindlassType: [record.plan.type] }),
    ...(environment === undefined ? {} : { WindlassEnvironment: [environment] }),
    ...(record.outcome === undefined ? {} : { WindlassOutcome: [record.outcome] }),
  };
  return Object.fromEntries(
    Object.entries(attributes).map(([name, values]) => [
      name,
      values.map((value) => cutBytes(value, LONGEST)),
    ]),
  );
}
