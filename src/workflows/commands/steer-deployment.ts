import { getExternalWorkflowHandle } from '@temporalio/workflow';
import { INTERNAL_SIGNALS } from '../../contracts/internal-signals.ts';
import type { Steer } from '../../contracts/workflows.ts';
import type { RunControl } from '../../release/record/control.ts';

/**
 * Hands on what an operator decided to the deployment that runs for this run; nothing happens where none does. Rejects
 * when that has ended meanwhile.
 */
export async function steerDeployment(run: { readonly control: RunControl }, steer: Steer): Promise<void> {
  const { deployment } = run.control;
  // A window that is watched alone can only be lengthened.
  if (!deployment || (deployment.watchOnly && steer.what !== 'extend')) return;
  const tell = (workflowId: string) =>
    getExternalWorkflowHandle(workflowId).signal(INTERNAL_SIGNALS.steer, steer);
  const { workflowId, beside } = deployment;
  if (!beside) return await tell(workflowId);
  const told = await Promise.allSettled([workflowId, ...beside].map(tell));
  const [first] = told;
  if (first?.status === 'rejected' && told.every(({ status }) => status === 'rejected')) throw first.reason;
}
