import type { ChecksOfCommit, FailingCheck } from './host.ts';

/** The state of a commit from what reported on it; `total` counts those that passed too. */
export function summariseChecks(failing: FailingCheck[], pending: string[], total: number): ChecksOfCommit {
  return { state: summarise(total, failing.length, pending.length), failing, pending, total };
}

function summarise(total: number, failing: number, pending: number): ChecksOfCommit['state'] {
  if (total === 0) return 'none';
  if (failing > 0) return 'failure';
  return pending > 0 ? 'pending' : 'success';
}
