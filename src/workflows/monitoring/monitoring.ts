import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { Sample } from '../../contracts/activities.ts';
import { STATUS_QUERY } from '../../contracts/commands.ts';
import { readSteer } from '../../contracts/inbound/read-steer.ts';
import type { MonitoringInput, MonitoringResult, MonitoringState } from '../../contracts/workflows.ts';
import { INTERNAL_SIGNALS } from '../../contracts/workflows.ts';
import { nameDuration } from '../../release/duration.ts';
import type { MonitoringRecord } from '../../release/record/record.ts';
import type { Severity } from '../../release/settings.ts';
import { observe } from '../../release/verdict/judge.ts';
import { startJudge } from '../../release/verdict/judge-state.ts';
import type { Verdict } from '../../release/verdict/verdict.ts';
import { currentVerdict } from '../../release/verdict/verdict.ts';
import { markdownText } from '../../release/views/markdown.ts';
import { Reporter } from '../shared/reports.ts';
import { proxyRoleActivities } from '../shared/role-activities.ts';
import { showDetails } from '../shared/show-details.ts';
import { callIfStuck } from './call-if-stuck.ts';

/** Points of each check that the record keeps for its chart. */
const POINTS_KEPT = 120;
/** A day's window must stay below 2,000 events a run; one look takes about a dozen. */
const EVENTS_PER_RUN = 1_500;

/**
 * Watches an environment by durable timers until the window has really been observed and the verdict is a pass, or
 * the verdict is a fail. Time in which nothing could be measured does not count; it is made up.
 */
export async function monitoring(input: MonitoringInput): Promise<MonitoringResult> {
  let state: MonitoringState = input.state ?? startMonitoring(input);
  const reporter = new Reporter(input.reportTo, state.reported);
  let extendedMs = 0;
  setHandler(defineSignal<[unknown]>(INTERNAL_SIGNALS.steer), (argument) => {
    const steer = readSteer(argument);
    if (steer?.what === 'extend') extendedMs += steer.extendMs ?? 0;
  });
  setHandler(defineQuery<MonitoringRecord>(STATUS_QUERY), () => state.record);
  const activities = proxyRoleActivities();

  for (;;) {
    await sleep(pause(input, state), { summary: 'until the next look' });
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
      })
      // A worker that is away is time not observed, never a reason to fail or to pass.
      .catch(() => ({ samples: [] }));
    state = takeSamples(state, looked.samples, input, extendedMs);
    extendedMs = 0;
    reporter.tell({ event: 'monitoring', monitoring: state.record });
    showDetails(describeMonitoring(input, state.record));
    const verdict = currentVerdict(state.judge);
    const result = conclude(input, state, verdict);
    if (result) {
      state = { ...state, record: { ...state.record, status: result.status } };
      if (state.called) reporter.tell({ event: 'waiting_over' });
      reporter.tell({ event: 'monitoring', monitoring: state.record, note: `monitoring: ${result.reason}` });
      await reporter.settle();
      await condition(allHandlersFinished);
      return result;
    }
    state = await callIfStuck(activities, reporter, input, state, { verdict, samples: looked.samples });
    if (workflowInfo().historyLength > EVENTS_PER_RUN || workflowInfo().continueAsNewSuggested) {
      await reporter.settle();
      await condition(allHandlersFinished);
      await continueAsNew<typeof monitoring>({
        ...input,
        state: { ...state, windowMs: state.windowMs + extendedMs, reported: reporter.told },
      });
    }
  }
}

function startMonitoring(input: MonitoringInput): MonitoringState {
  const now = new Date().toISOString();
  return {
    judge: startJudge(
      input.checks.map((c) => c.check),
      { intervalMs: input.intervalMs, horizonMs: input.windowMs },
    ),
    record: {
      level: input.level,
      windowMs: input.windowMs,
      observedMs: 0,
      startedAt: now,
      environment: input.environment,
      status: 'watching',
      samples: 0,
      reason: 'nothing measured yet',
      checks: input.checks.map((c) => ({
        name: c.check.name,
        verdict: 'missing',
        reason: 'not measured yet',
        points: [],
      })),
    },
    windowMs: input.windowMs,
    observedUntil: now,
    reported: 0,
  };
}

/** Dense while problems are most likely, in the window's first third; three times sparser after. */
function pause(input: MonitoringInput, state: MonitoringState): number {
  const young = state.record.observedMs < state.windowMs / 3;
  return young ? input.intervalMs : input.intervalMs * SPARSER;
}

const SPARSER = 3;

function takeSamples(
  before: MonitoringState,
  samples: Sample[],
  input: MonitoringInput,
  extendedMs: number,
): MonitoringState {
  const now = new Date().toISOString();
  let judge = before.judge;
  for (const sample of samples) judge = observe(judge, sample);
  const verdict = currentVerdict(judge);
  const seen = samples.some((sample) => sample.group === 'candidate' && sample.value !== null);
  const elapsed = Date.parse(now) - Date.parse(before.observedUntil);
  // A gap longer than two pauses was not observed, whatever its ends say; nor is time in which a critical check is blind.
  const observed = seen && !verdict.held ? Math.min(elapsed, 2 * pause(input, before)) : 0;
  const windowMs = before.windowMs + extendedMs;
  return {
    ...before,
    judge,
    windowMs,
    observedUntil: now,
    record: {
      ...before.record,
      windowMs,
      observedMs: before.record.observedMs + observed,
      samples: before.record.samples + samples.length,
      status: verdict.held ? 'held' : 'watching',
      reason: verdict.reason,
      checks: verdict.checks.map((check) => ({
        name: check.name,
        verdict: check.verdict,
        reason: check.reason,
        points: addPoints(before, check.name, samples),
      })),
    },
  };
}

function addPoints(before: MonitoringState, name: string, samples: Sample[]): number[] {
  const earlier = before.record.checks.find((check) => check.name === name)?.points ?? [];
  const fresh = samples.flatMap((s) =>
    s.check === name && s.group === 'candidate' && s.value !== null ? [Number(s.value.toPrecision(4))] : [],
  );
  return [...earlier, ...fresh].slice(-POINTS_KEPT);
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
  const order: Severity[] = ['critical', 'high', 'medium', 'low'];
  return order.find((severity) => severities.includes(severity)) ?? 'high';
}

function describeMonitoring(input: MonitoringInput, record: MonitoringRecord): string {
  return [
    `# ${markdownText(input.product)} in ${markdownText(input.environment)}`,
    `Observed ${nameDuration(record.observedMs)} of ${nameDuration(record.windowMs)}: ${markdownText(record.reason)}`,
    ...record.checks.map((c) => `- **${markdownText(c.name)}**: ${c.verdict}. ${markdownText(c.reason)}`),
  ].join('\n');
}
