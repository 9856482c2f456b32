import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  condition,
  defineSignal,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { readLeaseGrant } from '../../contracts/inbound/read-lease.ts';
import { INTERNAL_SIGNALS } from '../../contracts/internal-signals.ts';
import { environmentWorkflowId, WORKFLOW_TYPES } from '../../contracts/workflow-ids.ts';
import type { EnvironmentInput, LeaseGrant, LeaseRequest } from '../../contracts/workflows.ts';

/** The right to change an environment, until it is given back. */
export interface Lease {
  generation: number;
  /** Tells the environment what to put back should this holder vanish; `undefined`: it is whole as it is. */
  protect(onLoss: LeaseRequest['onLoss']): Promise<void>;
  giveBack(): Promise<void>;
}

/** Hears of grants. Must be set up before the first await of a workflow that will ask for a lease. */
export function listenForGrants(): { granted: LeaseGrant | undefined } {
  const grants: { granted: LeaseGrant | undefined } = { granted: undefined };
  setHandler(defineSignal<[unknown]>(INTERNAL_SIGNALS.leaseGranted), (argument) => {
    grants.granted = readLeaseGrant(argument) ?? grants.granted;
  });
  return grants;
}

/**
 * Asks the environment's own workflow for it, and waits until it is granted: rollbacks before hotfixes before
 * releases. Starts that workflow if it does not run yet.
 */
export async function acquireLease(
  grants: { granted: LeaseGrant | undefined },
  ask: { product: string; environment: string } & Pick<LeaseRequest, 'priority' | 'purpose' | 'takeOverFrom'>,
): Promise<Lease> {
  const workflowId = environmentWorkflowId(ask.product, ask.environment);
  const input: EnvironmentInput = { product: ask.product, environment: ask.environment };
  try {
    await startChild(WORKFLOW_TYPES.environment, {
      workflowId,
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `Who may change ${ask.environment} of ${ask.product}`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  const environment = getExternalWorkflowHandle(workflowId);
  const request: LeaseRequest = {
    holder: workflowInfo().workflowId,
    runId: workflowInfo().firstExecutionRunId,
    priority: ask.priority,
    purpose: ask.purpose,
    ...(ask.takeOverFrom === undefined ? {} : { takeOverFrom: ask.takeOverFrom }),
  };
  await environment.signal(INTERNAL_SIGNALS.leaseRequest, { ...request, asks: true });
  await condition(() => grants.granted !== undefined);
  const generation = grants.granted?.generation ?? 0;
  return {
    generation,
    protect: (onLoss) =>
      environment.signal(
        INTERNAL_SIGNALS.leaseRequest,
        onLoss === undefined ? request : { ...request, onLoss },
      ),
    giveBack: () => environment.signal(INTERNAL_SIGNALS.leaseRelease, { holder: request.holder }),
  };
}
