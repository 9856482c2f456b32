import { workflowInfo } from '@temporalio/workflow';
import { renderForged } from '../../release/views/forged.ts';
import { callOnCall } from '../incident/call-on-call.ts';
import type { RoleActivities } from '../shared/role-activities.ts';

/**
 * Tells on-call of commands that did not come from the API, once for each kind, so that a flood of signals is no flood
 * of messages. Never throws: an alert that cannot be sent stops nothing.
 */
export function alertOfForgeries(
  activities: RoleActivities,
  about: { product: string; releaseId: string; title: string },
): (what: string, by: string, reason: string) => Promise<void> {
  const told = new Set<string>();
  return async (what, by, reason) => {
    if (told.has(what)) return;
    told.add(what);
    const { product, releaseId } = about;
    const notice = renderForged(about.title, what, { what, by, reason }, `windlass status ${product}`);
    await callOnCall(activities, {
      product,
      releaseId,
      // Told once is told once for an id: a workflow that runs again and again has new forgeries each time.
      id: `${releaseId}/${notice.id}/${workflowInfo().runId}`,
      about: `${what} did not come from the API`,
      subject: notice.subject,
      text: notice.lines.join('\n'),
    });
  };
}
