import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  getExternalWorkflowHandle,
  ParentClosePolicy,
  patched,
  startChild,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import { INTERNAL_SIGNALS } from '../../contracts/internal-signals.ts';
import { releaseWorkflowId, WORKFLOW_TYPES } from '../../contracts/workflow-ids.ts';
import type { CalendarInput, ReleaseInput } from '../../contracts/workflows.ts';
import { NOT_KNOWN } from '../../release/approvals.ts';
import { compactDate, describeLocal, isFiredByHand, isSprintEnd } from '../../release/calendar/calendar.ts';
import { showDetails } from '../shared/show-details.ts';

export interface CalendarResult {
  outcome: 'release started' | 'release in flight' | 'not a sprint end';
  /** One sentence on what came of this firing of the schedule. */
  ending: string;
  releaseId?: string;
}

/**
 * One firing of a product's schedule. It exists because a schedule appends the time to the id of what it starts, while
 * a release must have the one id that is its lock. It looks whether this week ends a sprint, starts the release, and
 * ends at once; the release goes on alone. A release that is in flight already is no failure: the next firing will do.
 */
export async function calendar(input: CalendarInput): Promise<CalendarResult> {
  const at = readNominalTime();
  const when = `${describeLocal(at, input.timeZone)} (${input.timeZone})`;
  const result = await fire(input, at, when);
  showDetails(result.ending);
  // Whoever relies on the schedule must hear that it did not happen; an off week is as they planned it.
  if (result.outcome === 'release in flight' && patched('tell-of-skipped-runs')) {
    await tellSkipped(input.product, when);
  }
  return result;
}

async function fire(input: CalendarInput, at: number, when: string): Promise<CalendarResult> {
  if (!isSprintEnd(input, at)) {
    const ending = `No release: no sprint of ${input.product} ends in the week of ${when}.`;
    return { outcome: 'not a sprint end', ending };
  }
  const releaseId = `${input.product}-${compactDate(at, input.timeZone)}-${uuid4().slice(0, 6)}`;
  const request: ReleaseInput['request'] = {
    releaseId,
    product: input.product,
    bump: 'auto',
    requestedBy: 'schedule',
    requestedAt: new Date().toISOString(),
    via: 'schedule',
    // Temporal does not say who fired it in the Web UI, so it may have been whoever approves it.
    ...(isFiredByHand(input, at, workflowInfo().startTime.getTime()) ? { askedThrough: [NOT_KNOWN] } : {}),
  };
  try {
    await startChild(WORKFLOW_TYPES.release, {
      workflowId: releaseWorkflowId(input.product),
      args: [{ request } satisfies ReleaseInput],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `Release of ${input.product} at the end of its sprint`,
      staticDetails: `Started by the schedule for ${when}; release ${releaseId}.`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const ending = `No release: one of ${input.product} is in flight already (${releaseWorkflowId(input.product)}).`;
    return { outcome: 'release in flight', ending };
  }
  return { outcome: 'release started', ending: `Release ${releaseId} was started for ${when}.`, releaseId };
}

/** Through the release that is in the way, whose people are the same; it may have ended in between. */
async function tellSkipped(product: string, when: string): Promise<void> {
  await getExternalWorkflowHandle(releaseWorkflowId(product))
    .signal(INTERNAL_SIGNALS.skipped, when)
    .catch(() => undefined);
}

/**
 * The time for which the schedule fired, not the time at which a worker came to it: a firing on Sunday night that is
 * taken up on Monday morning belongs to Sunday's week.
 */
function readNominalTime(): number {
  const { searchAttributes, startTime } = workflowInfo();
  const nominal = searchAttributes['TemporalScheduledStartTime']?.[0];
  return nominal instanceof Date ? nominal.getTime() : startTime.getTime();
}
