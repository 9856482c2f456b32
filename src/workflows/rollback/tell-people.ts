import { workflowInfo } from '@temporalio/workflow';
import type { RollbackInput } from '../../contracts/workflows.ts';
import { callOnCall } from '../incident/call-on-call.ts';
import type { Reporter } from '../shared/reports.ts';
import type { RoleActivities } from '../shared/role-activities.ts';

/** A part of the rollback failed: somebody has to look, and the environment waits. */
export async function callPerson(
  activities: RoleActivities,
  input: RollbackInput,
  problem: string,
  times: number,
): Promise<void> {
  const { workflowId, runId } = workflowInfo();
  await callOnCall(activities, {
    product: input.product,
    releaseId: input.releaseId,
    // Each failure is told, also the same one again after a retry.
    id: `${input.releaseId}/rollback/${input.round}/${runId}/failed/${times}`,
    about: 'the rollback failed',
    subject: `${input.product}: the rollback in ${input.environment.name} needs you`,
    text: `${problem}\n\nMend the cause, then: windlass retry ${input.product} (or send the signal \`retry\` to ${workflowId}). The environment stays as it is until then.`,
  });
}

/** Going back was not the cure: what is wrong is wrong in the version before as well. */
export async function proposeHotfix(
  activities: RoleActivities,
  reporter: Reporter,
  input: RollbackInput,
  problem: string,
): Promise<void> {
  const command = `windlass hotfix ${input.product} --commit SHA`;
  const { name } = input.environment;
  reporter.tell({
    event: 'rollback_did_not_help',
    product: input.product,
    environment: name,
    why: problem,
  });
  await callOnCall(activities, {
    product: input.product,
    releaseId: input.releaseId,
    id: `${input.releaseId}/rollback/${input.round}/did-not-help`,
    about: 'going back did not help, a hotfix is proposed',
    subject: `${input.product}: going back to ${input.to.version} did not help`,
    text: `${name} runs ${input.to.version} again, and it is not well either: ${problem}\n\nA fix of what production runs: ${command}`,
  });
}
