import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  patched,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { STATUS_QUERY } from '../../contracts/commands.ts';
import { readSteer } from '../../contracts/inbound/read-steer.ts';
import { INTERNAL_SIGNALS } from '../../contracts/internal-signals.ts';
import type { MonitoringInput, MonitoringResult, MonitoringState } from '../../contracts/workflows.ts';
import { nameDuration } from '../../release/duration.ts';
import { isWorthTelling, noteTold } from '../../release/record/pace-reports.ts';
import type { MonitoringRecord } from '../../release/record/record.ts';
import { SEVERITIES, type Severity } from '../../release/settings.ts';
import type { Verdict } from '../../release/verdict/verdict.ts';
import { currentVerdict } from '../../release/verdict/verdict.ts';
import { markdownText } from '../../release/views/markdown.ts';
import { Reporter } from '../shared/reports.ts';
import { proxyRoleActivities } from '../shared/role-activities.ts';
import { showDetails } from '../shared/show-details.ts';
import { tellOnce } from '../shared/workers/until-taken-up.ts';
import { callIfStuck } from './call-if-stuck.ts';
import { changeWindow, openWindow, pauseAfter, type WindowEvent } from './window-state.ts';

/** A day's window must stay below 2,000 events a run; one look takes about a dozen. */
const EVENTS_PER_RUN = 1_500;

/**
 * Watches an environment by durable timers until the window has really been observed and the verdict is a pass, or
 * the verdict is a fail. Time in which nothing could be measured does not count; it is made up.
 */
export async function monitoring(input: MonitoringInput): Promise<MonitoringResult> {
  let state: MonitoringState =
    input.state ?? openWindow(input, new Date().toISOString(), patched('needs-traffic'));
  const reporter = new Reporter(input.reportTo, state.reported);
  let told = state.told;
  const apply = (event: WindowEvent) => {
    state = changeWindow(input, state, event);
  };
  setHandler(defineSignal<[unknown]>(INTERNAL_SIGNALS.steer), (argument) => {
    const steer = readSteer(argument);
    if (steer?.what === 'extend') apply({ event: 'extended', ms: steer.extendMs ?? 0 });
  });
  setHandler(defineQuery<MonitoringRecord>(STATUS_QUERY), () => state.record);
  const activities = proxyRoleActivities(tellOnce((event) => reporter.tell(event)));

  for (;;) {
    await sleep(pauseAfter(input, state), { summary: 'until the next look' });
    const looked = await activities
      .support(`sample ${input.checks.length} checks in ${input.environment}`)
      .sampleChecks({
        product: input.product,
        releaseId: input.releaseId,
        environment: input.environment,
        ...(input.slot === undefined ? {} : { slot: input.slot }),
        ...(input.baselineSlot === undefined ? {} : { baselineSlot: input.baselineSlot }),
        since: state.observedUntil,
        deployedAt: input.deployedAt,
        ...(input.commit === undefined ? {} : { commit: input.commit }),
        ...(input.bundle === undefined ? {} : { bundle: input.bundle }),
      })
      // A worker that is away is time not observed, never a reason to fail or to pass.
      .catch(() => ({ samples: [] }));
    const now = Date.now();
    apply({ event: 'looked', at: new Date(now).toISOString(), samples: looked.samples });
    if (isWorthTelling(told, state.record, now) || !patched('reports-in-measure')) {
      reporter.tell({ event: 'monitoring', monitoring: state.record });
      told = noteTold(state.record, now);
    }
    showDetails(describeMonitoring(input, state.record));
    const verdict = currentVerdict(state.judge);
    const result = conclude(input, state, verdict);
    if (result) {
      apply({ event: 'concluded', status: result.status });
      if (state.called) reporter.tell({ event: 'waiting_over' });
      reporter.tell({ event: 'monitoring', monitoring: state.record, concluded: result.reason });
      await reporter.settle();
      await condition(allHandlersFinished);
      return result;
    }
    await callIfStuck(activities, reporter, { input, state, apply }, { verdict, samples: looked.samples });
    if (workflowInfo().historyLength > EVENTS_PER_RUN || workflowInfo().continueAsNewSuggested) {
      await reporter.settle();
      await condition(allHandlersFinished);
      await continueAsNew<typeof monitoring>({
        ...input,
        state: { ...state, reported: reporter.told, ...(told === undefined ? {} : { told }) },
      });
    }
  }
}

/** A fail acts at once; a pass needs the whole window observed; anything else goes on measuring. */
function conclude(
  input: MonitoringInput,
  state: MonitoringState,
  verdict: Verdict,
): MonitoringResult | undefined {
  if (verdict.verdict === 'fail') {
    return { status: 'failed', severity: severityOf(input, verdict), reason: verdict.reason };
  }
  if (verdict.verdict !== 'pass' || state.record.observedMs < state.windowMs) return undefined;
  return { status: 'passed', reason: verdict.reason };
}

/** The worst severity that configuration gives to a check that failed. */
function severityOf(input: MonitoringInput, verdict: Verdict): Severity {
  const failed = verdict.checks.filter((check) => check.verdict === 'fail').map((check) => check.name);
  const severities = input.checks.filter((c) => failed.includes(c.check.name)).map((c) => c.severity);
  return SEVERITIES.find((severity) => severities.includes(severity)) ?? 'high';
}

function describeMonitoring(input: MonitoringInput, record: MonitoringRecord): string {
  return [
    `# ${markdownText(input.product)} in ${markdownText(input.environment)}`,
    `Observed ${nameDuration(record.observedMs)} of ${nameDuration(record.windowMs)}: ${markdownText(record.reason)}`,
    ...record.checks.map((c) => `- **${markdownText(c.name)}**: ${c.verdict}. ${markdownText(c.reason)}`),
  ].join('\n');
}
