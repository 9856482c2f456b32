import type { Installation } from '../config/installation.ts';
import { DEFAULT_QUEUE_PREFIX, workflowQueue } from '../contracts/task-queues.ts';
import { calendarWorkflowId, WORKFLOW_TYPES } from '../contracts/workflow-ids.ts';
import type { CalendarInput } from '../contracts/workflows.ts';
import type { WantedSchedule } from './schedules.ts';

/** All schedules of products have ids that begin so. */
export const CALENDAR_PREFIX = calendarWorkflowId('');

export const PAUSED_NOTE = 'Paused until someone enables it: windlass schedule enable PRODUCT.';

/** Says that it was the configuration that enabled a schedule, so that the configuration may pause it again. */
export const AUTO_TRIGGER_NOTE = 'Enabled by auto_trigger in windlass.yaml.';

/**
 * The schedules that the products of a configuration want. Each starts the short workflow `calendar/<product>` every
 * week; that one knows which weeks count, and starts the release.
 */
export function listWantedSchedules(
  installation: Pick<Installation, 'products'>,
  queuePrefix: string = DEFAULT_QUEUE_PREFIX,
): WantedSchedule[] {
  return Object.values(installation.products).flatMap(({ name, schedule }) => {
    if (schedule === undefined) return [];
    const [hour = 0, minute = 0] = schedule.time.split(':').map(Number);
    const input: CalendarInput = {
      product: name,
      everyWeeks: schedule.everyWeeks,
      anchor: schedule.anchor,
      timeZone: schedule.timeZone,
      fires: { day: schedule.day, time: schedule.time },
    };
    return [
      {
        id: calendarWorkflowId(name),
        calendar: { dayOfWeek: DAY_NAMES[schedule.day] ?? 'FRIDAY', hour, minute },
        timeZone: schedule.timeZone,
        workflowType: WORKFLOW_TYPES.calendar,
        workflowId: calendarWorkflowId(name),
        args: [input],
        taskQueue: workflowQueue(queuePrefix),
        note: PAUSED_NOTE.replace('PRODUCT', name),
      },
    ];
  });
}

/** Temporal's names for the days, by the names that configuration uses. */
const DAY_NAMES: Readonly<
  Record<string, 'MONDAY' | 'TUESDAY' | 'WEDNESDAY' | 'THURSDAY' | 'FRIDAY' | 'SATURDAY' | 'SUNDAY'>
> = {
  mon: 'MONDAY',
  tue: 'TUESDAY',
  wed: 'WEDNESDAY',
  thu: 'THURSDAY',
  fri: 'FRIDAY',
  sat: 'SATURDAY',
  sun: 'SUNDAY',
};
