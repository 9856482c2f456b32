import type { ReleaseRecord } from '../record.ts';

/** This release's entry of the mission's `release-status.yaml`. */
export function viewReleaseStatus(record: ReleaseRecord): { version: string; [field: string]: unknown } {
  return { version: record.plan?.version ?? '', type: record.plan?.type, status: record.outcome ?? 'deployed', created_at: record.startedAt };
}
