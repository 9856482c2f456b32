import { condition } from '@temporalio/workflow';
import type { SignedCommand } from '../../contracts/commands.ts';
import { activeFreeze, describeLocal, freezesEnd } from '../../release/calendar/calendar.ts';
import { DAY_MS } from '../../release/duration.ts';
import { FREEZE_OVERRIDE_ROLES } from '../../release/policy/policy.ts';
import type { EnvironmentSettings, FreezeWindow } from '../../release/settings.ts';
import type { ReleaseRun } from '../shared/release-run.ts';
import { runStep } from '../shared/run-step.ts';

/** A freeze without an end is looked at again after this long; configuration may have a gap that is far away. */
const LOOK_AGAIN_MS = DAY_MS;

/** What is held: the override is an approval of exactly this. */
export interface FrozenChange {
  version: string;
  subject: string;
  authors?: string[];
}

/**
 * Holds the production steps while a freeze of the environment lasts. It ends by the calendar, or by an approval of
 * its own, with a reason; a rejected override goes on waiting for the calendar. Freezes are the only thing that is
 * read anew: one that was declared today holds what began yesterday.
 * @returns the signed overrides, for the activities that look at the calendar themselves; none when it is thawed
 */
export async function awaitThaw(
  run: ReleaseRun,
  environment: EnvironmentSettings,
  change: FrozenChange,
): Promise<SignedCommand[]> {
  const freezes = await readFreezes(run, environment);
  if (!activeFreeze(freezes, Date.now())) return [];
  return await runStep(
    run,
    {
      id: 'production.freeze',
      title: `Freeze of ${environment.name}`,
      phase: 'production',
      describe: () => describeThaw(run),
    },
    async () => {
      openOverride(run, environment.name, freezes, change);
      await run.notify('ceo', { occasion: 'approval_wanted', gate: 'freeze_override' });
      try {
        return await waitForThaw(run, environment.name, freezes);
      } finally {
        run.apply({ event: 'gate_voided', key: 'freeze_override', reason: 'the freeze holds no more' });
        run.apply({ event: 'waiting_over' });
      }
    },
  );
}

async function readFreezes(run: ReleaseRun, environment: EnvironmentSettings): Promise<FreezeWindow[]> {
  const { product } = run.record;
  try {
    const settings = await run.activities.release(`freezes of ${environment.name}`).loadProduct({ product });
    const current = settings.environments.find((candidate) => candidate.name === environment.name);
    return current?.freezes ?? environment.freezes;
  } catch {
    return environment.freezes;
  }
}

function openOverride(
  run: ReleaseRun,
  environment: string,
  freezes: readonly FreezeWindow[],
  change: FrozenChange,
): void {
  const freeze = activeFreeze(freezes, Date.now());
  const ends = freezesEnd(freezes, Date.now());
  const until =
    ends === undefined ? 'without an end' : `until ${describeLocal(ends, freeze?.timeZone ?? 'UTC')}`;
  const title = `Freeze "${freeze?.name ?? ''}" of ${environment} holds ${change.version} ${until}. Go through it?`;
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
      onePersonManyRoles: false,
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
      actions: ['approve', 'reject'],
    },
  });
}

async function waitForThaw(
  run: ReleaseRun,
  environment: string,
  freezes: readonly FreezeWindow[],
): Promise<SignedCommand[]> {
  for (;;) {
    const now = Date.now();
    const ends = freezesEnd(freezes, now);
    if (ends === now) return [];
    const waitMs = ends === undefined ? LOOK_AGAIN_MS : ends - now;
    await condition(() => findOverride(run) !== undefined, waitMs, { summary: `freeze of ${environment}` });
    const override = findOverride(run);
    if (override) return [override.signed];
  }
}

/** The approval of the gate that was opened last, if it was given. */
function findOverride(run: ReleaseRun) {
  const gate = run.record.approvals.findLast((candidate) => candidate.key === 'freeze_override');
  return gate?.status === 'approved' ? gate.decisions.at(-1) : undefined;
}

function describeThaw(run: ReleaseRun): string {
  const override = findOverride(run);
  return override
    ? `overridden by ${override.person}: ${override.reason ?? 'no reason given'}`
    : 'the freeze is over';
}
