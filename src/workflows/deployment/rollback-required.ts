import { ApplicationFailure } from '@temporalio/workflow';
import type { FailureInfo } from '../../release/record/record.ts';

/** The failure that makes a deployment put the version before back. */
export function rollbackRequired(what: string): ApplicationFailure {
  const details: FailureInfo = {
    type: 'RollbackRequired',
    what,
    changed: 'the version had traffic; the one before is put back',
    next: 'wait for the rollback',
  };
  return ApplicationFailure.create({
    message: what,
    type: 'RollbackRequired',
    nonRetryable: true,
    details: [details],
  });
}

/** Whether it was decided that the version goes back, whatever a step says. */
export function isMustGoBack(error: unknown): boolean {
  return error instanceof ApplicationFailure && error.type === 'RollbackRequired';
}
