import { patched } from '@temporalio/workflow';
import type { DeploymentInput } from '../../contracts/workflows.ts';
import { IncidentDesk } from '../incident/incident-desk.ts';
import type { EventBody } from '../shared/event-body.ts';
import type { RoleActivities } from '../shared/role-activities.ts';
import type { DeploymentContext } from './deployment-context.ts';
import { rollbackRequired } from './rollback-required.ts';

/** The desk for incidents of what a deployment brought into production. */
export function openDeploymentDesk(
  activities: RoleActivities,
  input: DeploymentInput,
  tell: (event: EventBody) => void,
  oneAtATime: boolean,
): IncidentDesk {
  const { product, releaseId, version, environment, severity, rollbackOnFailure } = input;
  return new IncidentDesk({
    activities,
    product,
    releaseId,
    title: `${product} ${version} in ${environment.name}`,
    rules: () => ({ severity, rollbackOnFailure }),
    tell: (incident) => tell({ event: 'incident', incident }),
    ask: (waiting) => tell(waiting ? { event: 'waiting', waiting } : { event: 'waiting_over' }),
    refuse: (command, by, reason) => tell({ event: 'deployment_refused', command, by, reason }),
    noteReceipts: (receipts) => {
      for (const receipt of receipts) tell({ event: 'receipt', receipt });
    },
    noteNoIssue: (why) => tell({ event: 'issue_not_opened', why }),
    oneAtATime,
  });
}

/** What the verdict on a window says, as an incident: a key that nobody else can give. */
export function keyOfWindow(environment: string): string {
  return `monitoring/${environment}`;
}

/**
 * Does what the incidents demand that are open. Returns when the version may stay; throws when it goes back. While any
 * waits, a person may roll back at once, dismiss one, estimate a hotfix, or rate one anew.
 */
export async function respondToIncidents(context: DeploymentContext): Promise<void> {
  const { desk } = context;
  const end = await desk.respond(() => {
    const { rollback, preempt } = context.state.asked;
    if (rollback) return `rolled back by ${rollback.by}`;
    return preempt ? `rolled back: ${preempt.by} has right of way` : undefined;
  });
  if (end.go === 'on') return;
  // Runs that began before it said so before the rollback had begun.
  if (patched('settled-when-back')) desk.go(end.how, end.because);
  else desk.settle(end.how, end.because);
  const { summary, key } = end.because;
  throw rollbackRequired(
    key === keyOfWindow(context.input.environment.name) ? summary : `incident: ${summary}`,
  );
}
