import { continueAsNew, sleep, workflowInfo } from '@temporalio/workflow';
import type { CalendarWatchInput } from '../../contracts/calendar-watch.ts';
import { FLOW_MS } from '../../release/policy/inner-times.ts';
import { proxyRoleActivities } from '../shared/role-activities.ts';

/** It may look for weeks: each of its runs stays short. */
const EVENTS_PER_RUN = 1_000;

/**
 * Ends once the configuration holds another calendar for the environment than the one that is known. A child of what
 * waits for that calendar, so that looking costs the one that waits nothing.
 */
export async function calendarWatch(input: CalendarWatchInput): Promise<void> {
  const { product, environment, known } = input;
  const activities = proxyRoleActivities();
  for (;;) {
    await sleep(FLOW_MS.calendar, { summary: 'until the next look' });
    const seen = await activities
      .release(`calendar of ${environment}`)
      .lookAtCalendar({ product, environment })
      // Nobody can look now: what is known goes on to hold.
      .catch(() => ({ digest: known }));
    if (seen.digest !== known) return;
    if (workflowInfo().historyLength > EVENTS_PER_RUN) await continueAsNew<typeof calendarWatch>(input);
  }
}
