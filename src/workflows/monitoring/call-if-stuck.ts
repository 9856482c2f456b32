import type { Sample } from '../../contracts/activities.ts';
import type { MonitoringInput, MonitoringState } from '../../contracts/workflows.ts';
import { nameDuration } from '../../release/duration.ts';
import { withoutControls } from '../../release/plan/printable.ts';
import type { Verdict } from '../../release/verdict/verdict.ts';
import { cutText } from '../../release/views/markdown.ts';
import { callOnCall } from '../incident/call-on-call.ts';
import type { Reporter } from '../shared/reports.ts';
import type { RoleActivities } from '../shared/role-activities.ts';
import type { WindowEvent } from './window-state.ts';

/** A single look without data is a hiccup of the source; so many in a row are a hold that somebody must look at. */
const LOOKS_UNTIL_CALLED = 3;
/** A window that is not over after so many times its length will not end by itself. */
const OVERDUE_FACTOR = 3;

/**
 * Calls on-call when monitoring cannot go on by itself: a critical check has no data, or the window does not end. Once
 * a hold, with what to do; the release's record shows it until data are there again.
 */
export async function callIfStuck(
  activities: RoleActivities,
  reporter: Reporter,
  window: { input: MonitoringInput; state: MonitoringState; apply(event: WindowEvent): void },
  look: { verdict: Verdict; samples: Sample[] },
): Promise<void> {
  const { input, state, apply } = window;
  const heldLooks = look.verdict.held ? (state.heldLooks ?? 0) + 1 : 0;
  const stuck = explainHold(state, heldLooks, look) ?? explainDelay(state);
  if (stuck === undefined) {
    if (state.called) reporter.tell({ event: 'waiting_over' });
    apply({ event: 'not_called', heldLooks, called: false });
    return;
  }
  if (state.called) {
    apply({ event: 'not_called', heldLooks, called: true });
    return;
  }
  const holds = (state.holds ?? 0) + 1;
  const reason = `monitoring of ${input.environment} is held: ${stuck}`;
  reporter.tell({
    event: 'waiting',
    waiting: { for: ['on_call', 'operator'], reason, actions: ['rollback', 'end_monitoring'] },
  });
  await notifyOnCall(activities, input, `${input.releaseId}/held/${state.record.startedAt}/${holds}`, reason);
  apply({ event: 'called', heldLooks });
}

function explainHold(
  state: MonitoringState,
  heldLooks: number,
  { verdict, samples }: { verdict: Verdict; samples: Sample[] },
): string | undefined {
  // Once called, the hold lasts until the judge has data again.
  if (!verdict.held || (heldLooks < LOOKS_UNTIL_CALLED && !state.called)) return undefined;
  const sources = samples.flatMap((sample) =>
    sample.missing === undefined ? [] : [`${sample.check}: ${cutText(withoutControls(sample.missing), 200)}`],
  );
  return [verdict.reason, ...new Set(sources)].join('; ').slice(0, 1_000);
}

function explainDelay(state: MonitoringState): string | undefined {
  const { startedAt, reason } = state.record;
  const takes = Date.now() - Date.parse(startedAt);
  if (takes < OVERDUE_FACTOR * state.windowMs) return undefined;
  return `the window of ${nameDuration(state.windowMs)} is not over after ${nameDuration(takes)}, of which ${nameDuration(state.record.observedMs)} could be observed (${reason})`;
}

async function notifyOnCall(
  activities: RoleActivities,
  input: MonitoringInput,
  id: string,
  reason: string,
): Promise<void> {
  const { product, releaseId, environment } = input;
  await callOnCall(activities, {
    product,
    releaseId,
    id,
    about: reason,
    subject: `${product}: ${environment} cannot be judged`,
    text: [
      reason,
      '',
      'No data is no pass: the version stays where it is, and so does its share of the traffic.',
      `Mend the source: monitoring goes on by itself. Or go back: windlass rollback ${product}`,
      `Or answer for it yourself: windlass monitoring end ${product} --comment WHY`,
    ].join('\n'),
  });
}
