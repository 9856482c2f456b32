import {
  type CalendarSpec,
  type Client,
  type ScheduleDescription,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
  type ScheduleUpdateOptions,
} from '@temporalio/client';
import { TemporalProblem } from './temporal-problem.ts';

/** A schedule as configuration wants it. It starts paused: somebody must enable it. */
export interface WantedSchedule {
  id: string;
  calendar: CalendarSpec;
  /** IANA name, such as `Europe/Berlin`. */
  timeZone: string;
  workflowType: string;
  /** Id of the started workflows; the server appends the time to it. */
  workflowId: string;
  args: readonly unknown[];
  taskQueue: string;
  /** Shown while nobody has paused or enabled it yet. */
  note: string;
}

/** What the server holds of a schedule. Times are ISO 8601 in UTC. */
export interface ScheduleState {
  id: string;
  paused: boolean;
  note: string;
  nextTimes: string[];
  /** The latest starts, oldest first. */
  recent: { workflowId: string; takenAt: string }[];
}

export interface AppliedSchedules {
  created: string[];
  updated: string[];
  removed: string[];
}

/** Marks the schedules that Windlass made: others in the namespace are not ours to remove. */
const OWNER_MEMO = { windlass: 'schedule' } as const;

/** Missed by more than this, a start is left out: a release hours late must not surprise anybody. */
const CATCHUP_WINDOW = '1 hour';

/**
 * Makes the namespace's schedules of the owner (the ids that begin with `idPrefix` and carry our memo) what
 * `wanted` says: creates (paused), updates, removes those no longer wanted. A schedule that exists keeps its
 * state: whoever enabled or paused it by hand is not overruled.
 */
export async function applySchedules(
  client: Client,
  wanted: readonly WantedSchedule[],
  idPrefix: string,
): Promise<AppliedSchedules> {
  const applied: AppliedSchedules = { created: [], updated: [], removed: [] };
  const foreign = wanted.filter(({ id }) => !id.startsWith(idPrefix));
  if (foreign.length > 0) throw new Error(`Schedule ids must begin with "${idPrefix}": ${foreign[0]?.id}`);
  for (const schedule of wanted) {
    applied[(await applyOne(client, schedule)) ? 'created' : 'updated'].push(schedule.id);
  }
  const wantedIds = new Set(wanted.map(({ id }) => id));
  for (const id of await listOwnIds(client, idPrefix)) {
    if (wantedIds.has(id)) continue;
    await deleteSchedule(client, id);
    applied.removed.push(id);
  }
  return applied;
}

/** The state of every schedule of Windlass whose id begins with `idPrefix`, by id. */
export async function listSchedules(client: Client, idPrefix: string): Promise<ScheduleState[]> {
  const states: ScheduleState[] = [];
  for (const id of (await listOwnIds(client, idPrefix)).sort()) {
    const description = await describe(client, id);
    if (description !== undefined) states.push(summarize(description));
  }
  return states;
}

/**
 * Starts the schedule's workflow now, as its own time would, also while it is paused.
 * @throws TemporalProblem when there is no schedule of that id.
 */
export async function triggerSchedule(client: Client, id: string): Promise<void> {
  try {
    await client.schedule.getHandle(id).trigger(ScheduleOverlapPolicy.SKIP);
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    throw new TemporalProblem(
      `There is no schedule "${id}" in namespace "${client.options.namespace}". Nothing was started. ` +
        '"windlass schedule list" shows those that exist; "windlass schedule apply" makes those of the configuration.',
      { cause: error },
    );
  }
}

/** @returns whether it had to be created. */
async function applyOne(client: Client, wanted: WantedSchedule): Promise<boolean> {
  const existing = await describe(client, wanted.id);
  if (existing === undefined) {
    const options: ScheduleOptions = {
      scheduleId: wanted.id,
      memo: OWNER_MEMO,
      ...buildContent(wanted),
      state: { paused: true, note: wanted.note },
    };
    await client.schedule.create(options);
    return true;
  }
  if (!isOurs(existing.memo)) {
    throw new TemporalProblem(
      `A schedule "${wanted.id}" exists that Windlass did not make. It was left as it is. ` +
        'Remove or rename it, then apply again.',
    );
  }
  await client.schedule.getHandle(wanted.id).update((previous) => {
    const { paused, note } = previous.state;
    const update: ScheduleUpdateOptions = {
      ...buildContent(wanted),
      state: { paused, ...(note === undefined ? {} : { note }) },
    };
    return update;
  });
  return false;
}

function buildContent(wanted: WantedSchedule) {
  return {
    spec: { calendars: [wanted.calendar], timezone: wanted.timeZone },
    action: {
      type: 'startWorkflow' as const,
      workflowType: wanted.workflowType,
      workflowId: wanted.workflowId,
      args: [...wanted.args],
      taskQueue: wanted.taskQueue,
    },
    policies: {
      overlap: ScheduleOverlapPolicy.SKIP,
      catchupWindow: CATCHUP_WINDOW,
      pauseOnFailure: true,
    },
  };
}

async function describe(client: Client, id: string): Promise<ScheduleDescription | undefined> {
  try {
    return await client.schedule.getHandle(id).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

async function deleteSchedule(client: Client, id: string): Promise<void> {
  try {
    await client.schedule.getHandle(id).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}

/** The list follows changes with a delay: it finds names, and what they are is asked of each. */
async function listOwnIds(client: Client, idPrefix: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { scheduleId, memo } of client.schedule.list()) {
    if (scheduleId.startsWith(idPrefix) && isOurs(memo)) ids.push(scheduleId);
  }
  return ids;
}

function isOurs(memo: Record<string, unknown> | undefined): boolean {
  return memo?.['windlass'] === OWNER_MEMO.windlass;
}

function summarize({ scheduleId, state, info }: ScheduleDescription): ScheduleState {
  return {
    id: scheduleId,
    paused: state.paused,
    note: state.note ?? '',
    nextTimes: info.nextActionTimes.map((time) => time.toISOString()),
    recent: info.recentActions.map(({ action, takenAt }) => ({
      workflowId: action.workflow.workflowId,
      takenAt: takenAt.toISOString(),
    })),
  };
}
