import {
  ApplicationFailure,
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  startChild,
} from '@temporalio/workflow';
import { deploymentWorkflowId, monitoringWorkflowId, WORKFLOW_TYPES } from '../contracts/workflow-ids.ts';
import type { MonitoringInput, MonitoringResult } from '../contracts/workflows.ts';
import { INTERNAL_SIGNALS } from '../contracts/workflows.ts';
import type { FailureInfo } from '../release/record.ts';
import type { Severity } from '../release/settings.ts';
import type { Rig } from './deployment-rig.ts';
import { runScript } from './deployment-rig.ts';
import type { Steering } from './steering.ts';

/**
 * Smoke test and monitoring window after go-live. Returns when the window has passed or an operator ended it; throws
 * when the version has to go back, for whatever reason.
 */
export async function watchProduction(
  rig: Rig,
  steering: Steering,
): Promise<{ status?: 'passed' | 'ended_early'; reason: string }> {
  const { input } = rig;
  const window = input.monitoring;
  if (input.environment.kind === 'staging') {
    return { reason: `${input.version} runs in ${input.environment.name}` };
  }
  rig.tell({ event: 'noted', what: `live: ${input.environment.name} answers with ${input.version}` });
  await runScript(
    rig,
    `Smoke test ${input.environment.name}`,
    { script: 'smoke', target: 'public', targetUrl: input.environment.url },
    'monitoring.smoke',
  );
  if (!window || input.environment.checks.length === 0) {
    rig.tell({
      event: 'step_not_configured',
      id: 'monitoring.window',
      title: 'Monitor production',
      phase: 'monitoring',
      reason: 'no checks are configured',
    });
    return { reason: `${input.version} is live; no checks are configured to monitor it` };
  }
  rig.tell({
    event: 'step_started',
    id: 'monitoring.window',
    title: `Monitor for ${describeMs(window.windowMs)} (${window.level})`,
    phase: 'monitoring',
    role: 'support',
  });
  const result = await watch(rig, steering, { ...describeWindow(rig), ...window }, 'window');
  rig.tell({ event: 'step_done', id: 'monitoring.window', detail: result.reason });
  return { status: result.status === 'ended_early' ? 'ended_early' : 'passed', reason: result.reason };
}

/** A canary's soak: the new slot against the old one at the same time. Throws when the version has to go back. */
export async function soak(rig: Rig, steering: Steering, soakMs: number, percent: number): Promise<void> {
  const { input } = rig;
  const id = `production.soak_${percent}`;
  rig.tell({
    event: 'step_started',
    id,
    title: `Soak at ${percent} % for ${describeMs(soakMs)}`,
    phase: 'production',
    role: 'support',
  });
  const intervalMs = Math.min(input.monitoring?.intervalMs ?? soakMs / 5, soakMs / 5);
  const result = await watch(
    rig,
    steering,
    {
      ...describeWindow(rig),
      level: 'enhanced',
      windowMs: soakMs,
      intervalMs,
      ...(rig.previousSlot === undefined ? {} : { baselineSlot: rig.previousSlot }),
    },
    `soak-${percent}`,
  );
  rig.tell({ event: 'step_done', id, detail: result.reason });
}

function describeWindow(rig: Rig): Omit<MonitoringInput, 'level' | 'windowMs' | 'intervalMs'> {
  const { input } = rig;
  return {
    releaseId: input.releaseId,
    product: input.product,
    environment: input.environment.name,
    checks: input.environment.checks,
    ...(rig.slot === undefined ? {} : { slot: rig.slot }),
    deployedAt: new Date().toISOString(),
    ...(input.reportTo === undefined ? {} : { reportTo: input.reportTo }),
  };
}

/** Runs the monitoring child, and listens to operators meanwhile. */
async function watch(
  rig: Rig,
  steering: Steering,
  input: MonitoringInput,
  name: string,
): Promise<MonitoringResult> {
  const { releaseId, product, environment, round } = rig.input;
  const deploymentId = deploymentWorkflowId(product, environment.name, releaseId, round);
  for (let part = 1; ; part++) {
    const outcome = await watchOnce(
      rig,
      steering,
      input,
      `${monitoringWorkflowId(deploymentId)}/${name}/${part}`,
    );
    if ('result' in outcome) {
      if (outcome.result.status !== 'failed') return outcome.result;
      await decide(rig, steering, outcome.result.severity ?? 'high', outcome.result.reason);
      // Dismissed: the same regression is not reported again; what is left of the window is measured afresh.
      continue;
    }
    if (outcome.ended) return { status: 'ended_early', reason: outcome.ended };
    const incident = outcome.incident;
    if (incident) await decide(rig, steering, incident.severity ?? 'high', `incident: ${incident.reason}`);
  }
}

type Watched =
  | { result: MonitoringResult }
  | { ended?: string; incident?: NonNullable<Steering['incident']> };

async function watchOnce(
  rig: Rig,
  steering: Steering,
  input: MonitoringInput,
  workflowId: string,
): Promise<Watched> {
  const scope = new CancellationScope({ cancellable: true });
  let finished: MonitoringResult | undefined;
  let crashed: unknown;
  const running = scope.run(async () => {
    const child = await startChild(WORKFLOW_TYPES.monitoring, {
      workflowId,
      args: [input],
      parentClosePolicy: ParentClosePolicy.TERMINATE,
      staticSummary: `Watch ${rig.input.version} in ${input.environment}`,
    });
    finished = (await child.result()) as MonitoringResult;
  });
  const settled = running.catch((error: unknown) => {
    if (!isCancellation(error)) crashed = error;
  });
  for (;;) {
    await condition(
      () =>
        finished !== undefined ||
        crashed !== undefined ||
        steering.rollback !== undefined ||
        steering.incident !== undefined ||
        steering.endMonitoring !== undefined ||
        steering.extendMs > 0,
    );
    if (steering.extendMs > 0) {
      const extendMs = steering.extendMs;
      steering.extendMs = 0;
      await getExternalWorkflowHandle(workflowId)
        .signal(INTERNAL_SIGNALS.steer, {
          what: 'extend',
          by: 'deployment',
          reason: '',
          verified: true,
          extendMs,
        })
        .catch(() => undefined);
      continue;
    }
    if (finished) return { result: finished };
    if (crashed) throw crashed;
    scope.cancel();
    await settled;
    if (steering.rollback)
      throw mustGoBack(`${steering.rollback.by} asked for it: ${steering.rollback.reason}`);
    if (steering.incident) {
      const incident = steering.incident;
      steering.incident = undefined;
      return { incident };
    }
    const end = steering.endMonitoring;
    steering.endMonitoring = undefined;
    return { ended: `ended early by ${end?.by ?? 'an operator'}: ${end?.reason ?? ''}` };
  }
}

/**
 * What a regression or an incident means, by its severity. Returns when the release may go on; throws when it goes
 * back. Critical goes back at once; high within a durable deadline that a person may beat or dismiss; medium asks
 * for a decision under the hotfix limit; low becomes an issue.
 */
async function decide(rig: Rig, steering: Steering, severity: Severity, what: string): Promise<void> {
  const { input } = rig;
  const id = `${input.releaseId}/${rig.input.round}/${new Date().toISOString()}`;
  const incident = {
    id,
    at: new Date().toISOString(),
    severity,
    summary: what,
    reportedBy: 'windlass',
    verified: true,
  };
  if (severity === 'low') {
    rig.tell({ event: 'incident', incident: { ...incident, resolution: 'an issue for the next release' } });
    await openIncidentIssue(rig, what);
    return;
  }
  const deadlineMs =
    severity === 'critical'
      ? 0
      : severity === 'high'
        ? input.severity.highDeadlineMs
        : input.severity.quickHotfixMs;
  if (severity === 'critical' && input.rollbackOnFailure) {
    rig.tell({ event: 'incident', incident: { ...incident, resolution: 'rolled back at once' } });
    throw mustGoBack(what);
  }
  const deadline = new Date(Date.now() + deadlineMs).toISOString();
  rig.tell({
    event: 'incident',
    incident: { ...incident, ...(input.rollbackOnFailure ? { deadline } : {}) },
  });
  rig.tell({
    event: 'waiting',
    waiting: {
      for: ['on_call', 'operator'],
      reason: input.rollbackOnFailure
        ? `${severity}: ${what}. Rolls back at ${deadline} unless it is dismissed`
        : `${severity}: ${what}. It is not rolled back by itself`,
      actions: ['rollback', 'dismiss'],
    },
  });
  await callOnCall(rig, severity, what, input.rollbackOnFailure ? deadline : undefined);
  const decided = () => steering.rollback !== undefined || steering.dismiss !== undefined;
  if (input.rollbackOnFailure)
    await condition(decided, deadlineMs, { summary: `${severity} incident: roll back then` });
  else await condition(decided);
  rig.tell({ event: 'waiting_over' });
  if (steering.dismiss && !steering.rollback) {
    const { by, reason } = steering.dismiss;
    steering.dismiss = undefined;
    rig.tell({ event: 'incident', incident: { ...incident, resolution: `dismissed by ${by}: ${reason}` } });
    return;
  }
  rig.tell({ event: 'incident', incident: { ...incident, resolution: 'rolled back' } });
  throw mustGoBack(what);
}

async function callOnCall(
  rig: Rig,
  severity: Severity,
  what: string,
  deadline: string | undefined,
): Promise<void> {
  const { input } = rig;
  const until = deadline ? ` It rolls back by itself at ${deadline}.` : '';
  await rig.crew
    .support(`call on-call: ${severity}`)
    .notify({
      product: input.product,
      releaseId: input.releaseId,
      id: `${input.releaseId}/incident/${input.round}/${deadline ?? what}`.slice(0, 200),
      channel: 'on_call',
      subject: `${input.product} ${input.version} in ${input.environment.name}: ${severity}`,
      text: `${what}.${until}\n\nwindlass rollback ${input.product}, or: windlass dismiss ${input.product} --comment WHY`,
    })
    .catch(() => undefined);
}

async function openIncidentIssue(rig: Rig, what: string): Promise<void> {
  const { input } = rig;
  await rig.crew
    .release('open an issue for the next release')
    .openIssue({
      product: input.product,
      releaseId: input.releaseId,
      key: `${input.releaseId}/issue/${input.round}/${what}`.slice(0, 200),
      title: `${input.product} ${input.version}: ${what}`.slice(0, 200),
      body: `Reported while ${input.version} was watched in ${input.environment.name}: ${what}`,
      labels: ['incident'],
    })
    .catch(() => undefined);
}

function mustGoBack(what: string): ApplicationFailure {
  const details: FailureInfo = {
    type: 'MustGoBack',
    what,
    changed: 'the version had traffic; the one before is put back',
    next: 'wait for the rollback',
  };
  return ApplicationFailure.create({
    message: what,
    type: 'MustGoBack',
    nonRetryable: true,
    details: [details],
  });
}

function describeMs(ms: number): string {
  if (ms >= 3_600_000) return `${Math.round(ms / 360_000) / 10} h`;
  return ms >= 60_000 ? `${Math.round(ms / 6_000) / 10} min` : `${Math.round(ms / 1_000)} s`;
}
