import type { ReleaseRecord } from '../record/record.ts';
import { openGate } from '../record/record.ts';
import type { CommandName } from './command-table.ts';

/**
 * What the command would answer where the run stands: the try of a step, the hold, the plan, the window, the texts.
 * Signed together with the command, so that of two people who press at the same time the second never answers the next
 * question. `undefined` for commands that are about the run as a whole.
 */
export function nameQuestion(record: ReleaseRecord, name: CommandName): string | undefined {
  switch (name) {
    case 'retry':
    case 'skip':
      return nameFailure(record);
    case 'resume':
      return record.held && `hold of ${record.held.at}`;
    case 'replan':
      return `plan ${record.round}`;
    case 'rollback':
    case 'restore_database':
      return record.plan && `version ${record.plan.version}`;
    case 'end_monitoring':
      return record.monitoring && `window of ${record.monitoring.startedAt}`;
    case 'edit_notes':
      return openGate(record, 'changelog_review') && `texts ${openGate(record, 'changelog_review')?.subject}`;
    default:
      return undefined;
  }
}

/** What waits for an answer: the failed try of a step, else whatever began to wait then. */
function nameFailure(record: ReleaseRecord): string | undefined {
  const { asking, stuckRollback } = record.control ?? {};
  const step = stuckRollback === undefined ? record.steps.find(({ id }) => id === asking) : undefined;
  if (step) return `${step.id}, try ${step.attempts}`;
  return record.waiting && `what waits since ${record.waiting.since}`;
}
