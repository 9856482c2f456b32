import {
  CancellationScope,
  condition,
  executeChild,
  ParentClosePolicy,
  patched,
  workflowInfo,
} from '@temporalio/workflow';
import type { SignedCommand } from '../../contracts/commands.ts';
import { calendarWatchWorkflowId, WORKFLOW_TYPES } from '../../contracts/workflow-ids.ts';
import { describeLocal } from '../../release/calendar/calendar.ts';
import { calendarOf } from '../../release/calendar/calendar-of.ts';
import { type DeployCalendar, findHold, type Hold, holdsEnd } from '../../release/calendar/deploy-windows.ts';
import { digestOf } from '../../release/digest.ts';
import { DAY_MS } from '../../release/duration.ts';
import { VERDICTS_OF_PEOPLE } from '../../release/names.ts';
import { FREEZE_OVERRIDE_ROLES } from '../../release/policy/policy.ts';
import type { EnvironmentSettings } from '../../release/settings.ts';
import type { ReleaseRun } from '../shared/release-run.ts';
import { runStep } from '../shared/run-step.ts';

/** A freeze without an end is looked at again after this long; configuration may have a gap that is far away. */
const LOOK_AGAIN_MS = DAY_MS;

/** What is held: the override is an approval of exactly this. */
export interface FrozenChange {
  version: string;
  subject: string;
  authors?: string[];
  /** Of the product's approvals. */
  solo?: boolean;
}

/**
 * Holds the production steps while a freeze of the environment lasts, no window of it is open, or the time that was
 * asked for has not come. It ends by the calendar, or by an approval of its own, with a reason; a rejected override goes
 * on waiting for the calendar. The calendar is the only thing that is read anew, also while something waits: a freeze that was declared today holds
 * what began yesterday.
 * @returns the signed overrides, for the activities that look at the calendar themselves; none when it is thawed
 */
export async function awaitThaw(
  run: ReleaseRun,
  environment: EnvironmentSettings,
  change: FrozenChange,
): Promise<SignedCommand[]> {
  const calendar = await readCalendar(run, environment);
  const hold = findHold(calendar, Date.now());
  if (!hold) return [];
  return await runStep(
    run,
    {
      id: 'production.freeze',
      title: STEP_TITLES[hold.kind](environment.name),
      phase: 'production',
      describe: () => describeThaw(run, hold),
    },
    async () => {
      openOverride(run, environment.name, { calendar, hold, change });
      await run.notify('ceo', { occasion: 'approval_wanted', gate: 'freeze_override' });
      try {
        return await waitForThaw(run, environment, { calendar, change });
      } finally {
        run.apply({ event: 'gate_voided', key: 'freeze_override', reason: 'the freeze holds no more' });
        run.apply({ event: 'waiting_over' });
      }
    },
  );
}

const STEP_TITLES: Readonly<Record<Hold['kind'], (environment: string) => string>> = {
  freeze: (environment) => `Freeze of ${environment}`,
  windows: (environment) => `Deploy window of ${environment}`,
  deploy_at: (environment) => `Time of the deployment to ${environment}`,
};

/** What may hold it, by the configuration as it is now and by what was asked for. */
async function readCalendar(run: ReleaseRun, environment: EnvironmentSettings): Promise<DeployCalendar> {
  const { product, request } = run.record;
  const asked = request.deployAt === undefined ? Number.NaN : Date.parse(request.deployAt);
  const notBefore = Number.isFinite(asked) ? asked : undefined;
  const of = (found: EnvironmentSettings) => ({ ...calendarOf(found), notBefore });
  try {
    const settings = await run.activities.release(`freezes of ${environment.name}`).loadProduct({ product });
    return of(settings.environments.find(({ name }) => name === environment.name) ?? environment);
  } catch {
    return of(environment);
  }
}

function openOverride(
  run: ReleaseRun,
  environment: string,
  held: { calendar: DeployCalendar; hold: Hold; change: FrozenChange },
): void {
  const { calendar, hold, change } = held;
  const ends = holdsEnd(calendar, Date.now());
  const title = askToPass(
    hold,
    { environment, version: change.version, ends },
    run.record.request.requestedBy,
  );
  run.apply({
    event: 'approval_opened',
    gate: {
      key: 'freeze_override',
      title,
      asks: ['Why can this not wait? The reason is part of the approval.'],
      subject: change.subject,
      required: [...FREEZE_OVERRIDE_ROLES],
      requestedBy: run.record.request.requestedBy,
      authors: [...(change.authors ?? []), ...(run.record.request.askedThrough ?? [])],
      onePersonManyRoles: change.solo ?? false,
      ...(change.solo ? { solo: true } : {}),
      openedAt: new Date().toISOString(),
      status: 'open',
      decisions: [],
      reminders: 0,
    },
  });
  run.apply({
    event: 'waiting',
    waiting: {
      for: ['calendar', ...FREEZE_OVERRIDE_ROLES],
      reason: title,
      actions: [...VERDICTS_OF_PEOPLE],
    },
  });
}

/** A calendar that is changed meanwhile holds from then on, and people are asked about it as it is now. */
async function waitForThaw(
  run: ReleaseRun,
  environment: EnvironmentSettings,
  held: { calendar: DeployCalendar; change: FrozenChange },
): Promise<SignedCommand[]> {
  const { name } = environment;
  let { calendar } = held;
  for (;;) {
    const now = Date.now();
    const ends = holdsEnd(calendar, now);
    if (ends === now) return [];
    const waitMs = ends === undefined ? LOOK_AGAIN_MS : ends - now;
    const watch = watchCalendar(run, name, calendar);
    const isOver = () => findOverride(run) !== undefined || watch.hasChanged();
    await condition(isOver, waitMs, { summary: `freeze of ${name}` });
    await watch.stop();
    const override = findOverride(run);
    if (override) return [override.signed];
    if (!watch.hasChanged()) continue;
    calendar = await readCalendar(run, environment);
    run.apply({ event: 'calendar_changed', environment: name });
    const hold = findHold(calendar, Date.now());
    if (hold) openOverride(run, name, { calendar, hold, change: held.change });
  }
}

/** Has a child look whether the configuration's calendar changes: a freeze that is lifted, lengthened or declared. */
function watchCalendar(run: ReleaseRun, environment: string, { freezes, windows }: DeployCalendar) {
  let changed = false;
  if (!patched('calendar-watched')) return { hasChanged: () => changed, stop: async () => undefined };
  const { product } = run.record;
  const scope = new CancellationScope();
  const watching = scope
    .run(async () => {
      await executeChild(WORKFLOW_TYPES.calendarWatch, {
        workflowId: calendarWatchWorkflowId(product, environment, workflowInfo().runId),
        args: [{ product, environment, known: digestOf({ freezes, windows }) }],
        parentClosePolicy: ParentClosePolicy.TERMINATE,
        staticSummary: `Watch the calendar of ${environment}`,
      });
      changed = true;
    })
    // Stopped here, or ended by somebody: the calendar that is known goes on to hold.
    .catch(() => undefined);
  const stop = async () => {
    scope.cancel();
    await watching;
  };
  return { hasChanged: () => changed, stop };
}

/** The approval of the gate that was opened last, if it was given. */
function findOverride(run: ReleaseRun) {
  const gate = run.record.approvals.findLast((candidate) => candidate.key === 'freeze_override');
  return gate?.status === 'approved' ? gate.decisions.at(-1) : undefined;
}

/** The question of the override: why it waits, until when, and whether it is to go now. */
function askToPass(
  { kind, name, timeZone }: Hold,
  { environment, version, ends }: { environment: string; version: string; ends: number | undefined },
  requestedBy: string,
): string {
  const when = ends === undefined ? undefined : describeLocal(ends, timeZone);
  const until = when === undefined ? 'without an end' : `until ${when}`;
  if (kind === 'freeze')
    return `Freeze "${name}" of ${environment} holds ${version} ${until}. Go through it?`;
  const zoned = when === undefined ? until : `${until} (${timeZone})`;
  if (kind === 'deploy_at')
    return `${requestedBy} asked for a time: ${version} waits for ${environment} ${zoned}. Go now?`;
  return `No deploy window of ${environment} is open: ${version} waits ${zoned}. Go now?`;
}

function describeThaw(run: ReleaseRun, { kind }: Hold): string {
  const override = findOverride(run);
  return override
    ? `overridden by ${override.person}: ${override.reason ?? 'no reason given'}`
    : kind === 'freeze'
      ? 'the freeze is over'
      : 'its time has come';
}
