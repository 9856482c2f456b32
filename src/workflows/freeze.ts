import { condition } from '@temporalio/workflow';
import { activeFreeze, describeLocal, freezesEnd } from '../release/calendar.ts';
import type { EnvironmentSettings, PersonRole } from '../release/settings.ts';
import type { TestedRelease } from '../release/values.ts';
import type { ReleaseDesk } from './desk.ts';
import { runStep } from './run-step.ts';

/** Who may let a release through a freeze. Never the person alone who asked for it: the gate is a protected one. */
const OVERRIDES: PersonRole[] = ['engineering_lead'];
/** A freeze without an end is looked at again after this long; configuration may have a gap that is far away. */
const LOOK_AGAIN_MS = 24 * 3_600_000;

/**
 * Holds the production steps while a freeze of the environment lasts. It ends by the calendar, or by an approval of
 * its own, with a reason; a rejected override goes on waiting for the calendar.
 */
export async function awaitThaw(
  desk: ReleaseDesk,
  environment: EnvironmentSettings,
  release: TestedRelease,
): Promise<void> {
  if (!activeFreeze(environment.freezes, Date.now())) return;
  await runStep(
    desk,
    {
      id: 'production.freeze',
      title: `Freeze of ${environment.name}`,
      phase: 'production',
      describe: (how: string) => how,
    },
    async () => {
      openOverride(desk, environment, release);
      await desk.notify('ceo', { occasion: 'approval_wanted', gate: 'freeze_override' });
      try {
        return await waitForThaw(desk, environment);
      } finally {
        desk.apply({ event: 'gate_voided', key: 'freeze_override', reason: 'the freeze holds no more' });
        desk.apply({ event: 'waiting_over' });
      }
    },
  );
}

function openOverride(desk: ReleaseDesk, environment: EnvironmentSettings, release: TestedRelease): void {
  const freeze = activeFreeze(environment.freezes, Date.now());
  const ends = freezesEnd(environment.freezes, Date.now());
  const until =
    ends === undefined ? 'without an end' : `until ${describeLocal(ends, freeze?.timeZone ?? 'UTC')}`;
  const title = `Freeze "${freeze?.name ?? ''}" of ${environment.name} holds ${release.version} ${until}. Go through it?`;
  desk.apply({
    event: 'approval_opened',
    gate: {
      key: 'freeze_override',
      title,
      subject: release.subject,
      required: OVERRIDES,
      requestedBy: release.request.requestedBy,
      authors: release.authors ?? [],
      onePersonManyRoles: false,
      openedAt: new Date().toISOString(),
      status: 'open',
      decisions: [],
      reminders: 0,
    },
  });
  desk.apply({
    event: 'waiting',
    waiting: { for: ['calendar', ...OVERRIDES], reason: title, actions: ['approve', 'reject'] },
  });
}

async function waitForThaw(desk: ReleaseDesk, environment: EnvironmentSettings): Promise<string> {
  const gate = () => desk.record.approvals.find((candidate) => candidate.key === 'freeze_override');
  for (;;) {
    const now = Date.now();
    const ends = freezesEnd(environment.freezes, now);
    if (ends === now) return 'the freeze is over';
    await condition(() => gate()?.status === 'approved', ends === undefined ? LOOK_AGAIN_MS : ends - now, {
      summary: `freeze of ${environment.name}`,
    });
    const approval = gate()?.status === 'approved' ? gate()?.decisions.at(-1) : undefined;
    if (approval) return `overridden by ${approval.person}: ${approval.reason ?? 'no reason given'}`;
  }
}
