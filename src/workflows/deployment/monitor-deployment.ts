import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  sleep,
  startChild,
} from '@temporalio/workflow';
import { INTERNAL_SIGNALS } from '../../contracts/internal-signals.ts';
import { deploymentWorkflowId, monitoringWorkflowId, WORKFLOW_TYPES } from '../../contracts/workflow-ids.ts';
import type { MonitoringInput, MonitoringResult } from '../../contracts/workflows.ts';
import { nameDuration } from '../../release/duration.ts';
import { FLOW_MS } from '../../release/policy/inner-times.ts';
import { describeFailure } from '../shared/describe-failure.ts';
import type { DeploymentContext } from './deployment-context.ts';
import { runScript, runStage } from './deployment-context.ts';
import { keyOfWindow, respondToIncidents } from './deployment-incidents.ts';
import { isMustGoBack, rollbackRequired } from './rollback-required.ts';

/**
 * Smoke test and monitoring window after go-live. Returns when the window has passed or an operator ended it; throws
 * when the version has to go back, for whatever reason.
 */
export async function monitorDeployment(
  context: DeploymentContext,
): Promise<{ status?: 'passed' | 'ended_early'; reason: string }> {
  const { input } = context;
  const window = input.monitoring;
  if (input.environment.kind === 'staging') {
    return { reason: `${input.version} runs in ${input.environment.name}` };
  }
  context.tell({ event: 'went_live', environment: input.environment.name, version: input.version });
  await smokePublic(context);
  if (!window || input.environment.checks.length === 0) {
    context.tell({
      event: 'step_not_configured',
      id: 'monitoring.window',
      title: 'Monitor production',
      phase: 'monitoring',
      reason: 'no checks are configured',
    });
    await respondToIncidents(context);
    return { reason: `${input.version} is live; no checks are configured to monitor it` };
  }
  const result = await runStage(
    context,
    {
      id: 'monitoring.window',
      title: `Monitor for ${nameDuration(window.windowMs)} (${window.level})`,
      phase: 'monitoring',
      role: 'support',
    },
    () => watch(context, { ...describeWindow(context), ...window }, 'window'),
    ({ reason }) => reason,
  );
  return { status: result.status === 'ended_early' ? 'ended_early' : 'passed', reason: result.reason };
}

/** Journeys of a customer that may fail before the version has failed. */
const SMOKES = 3;

/**
 * The public address from a customer's side. A version that passed the same journey in its slot is not taken back for
 * one that stumbled: what is really broken fails again.
 */
async function smokePublic(context: DeploymentContext): Promise<void> {
  const { name, url } = context.input.environment;
  for (let look = 1; ; look++) {
    try {
      const target = look === 1 ? 'public' : `public/${look}`;
      const call = { script: 'smoke', target, targetUrl: url } as const;
      await runScript(context, `Smoke test ${name}`, call, 'monitoring.smoke');
      return;
    } catch (error) {
      if (look === SMOKES || isMustGoBack(error)) throw error;
      await sleep(FLOW_MS.smokeAgain, {
        summary: `smoke ${name} again: ${describeFailure(error).what}`.slice(0, 200),
      });
    }
  }
}

/** A canary's soak: the new slot against the old one at the same time. Throws when the version has to go back. */
export async function soak(context: DeploymentContext, soakMs: number, percent: number): Promise<void> {
  const { input } = context;
  const intervalMs = Math.min(input.monitoring?.intervalMs ?? soakMs / 5, soakMs / 5);
  const window: MonitoringInput = {
    ...describeWindow(context),
    level: 'enhanced',
    windowMs: soakMs,
    intervalMs,
    ...(context.state.previousSlot === undefined ? {} : { baselineSlot: context.state.previousSlot }),
  };
  await runStage(
    context,
    {
      id: `production.soak_${percent}`,
      title: `Soak at ${percent} % for ${nameDuration(soakMs)}`,
      phase: 'production',
      role: 'support',
    },
    () => watch(context, window, `soak-${percent}`),
    ({ reason }) => reason,
  );
}

function describeWindow(
  context: DeploymentContext,
): Omit<MonitoringInput, 'level' | 'windowMs' | 'intervalMs'> {
  const { input } = context;
  return {
    releaseId: input.releaseId,
    product: input.product,
    environment: input.environment.name,
    checks: input.environment.checks,
    commit: input.commit,
    ...(input.bundle === undefined ? {} : { bundle: input.bundle }),
    ...(context.state.slot === undefined ? {} : { slot: context.state.slot }),
    deployedAt: new Date().toISOString(),
    ...(input.reportTo === undefined ? {} : { reportTo: input.reportTo }),
  };
}

/** Runs the monitoring child, and listens to operators meanwhile. */
async function watch(
  context: DeploymentContext,
  input: MonitoringInput,
  name: string,
): Promise<MonitoringResult> {
  const { releaseId, product, environment, round } = context.input;
  const deploymentId = deploymentWorkflowId(product, environment.name, releaseId, round);
  for (let part = 1; ; part++) {
    const outcome = await watchOnce(context, input, `${monitoringWorkflowId(deploymentId)}/${name}/${part}`);
    if ('result' in outcome) {
      const { status, severity, reason } = outcome.result;
      if (status === 'failed') {
        context.desk.hear({
          what: 'incident',
          key: keyOfWindow(environment.name),
          summary: reason,
          by: 'windlass',
          verified: true,
          ...(severity === undefined ? {} : { severity }),
        });
      }
      await respondToIncidents(context);
      if (status !== 'failed') return outcome.result;
      // Dismissed: the window is measured afresh.
      continue;
    }
    if (outcome.ended !== undefined) {
      await respondToIncidents(context);
      return { status: 'ended_early', reason: outcome.ended };
    }
    if (outcome.vanished) {
      context.tell({ event: 'monitoring_restarted', why: outcome.vanished });
    }
    if (outcome.called) await respondToIncidents(context);
  }
}

type Watched = { result: MonitoringResult } | { ended?: string; vanished?: string; called?: true };

async function watchOnce(
  context: DeploymentContext,
  input: MonitoringInput,
  workflowId: string,
): Promise<Watched> {
  const { desk } = context;
  const scope = new CancellationScope({ cancellable: true });
  let finished: MonitoringResult | undefined;
  let vanished: string | undefined;
  const running = scope.run(async () => {
    const child = await startChild(WORKFLOW_TYPES.monitoring, {
      workflowId,
      args: [input],
      parentClosePolicy: ParentClosePolicy.TERMINATE,
      staticSummary: `Watch ${context.input.version} in ${input.environment}`,
    });
    finished = (await child.result()) as MonitoringResult;
  });
  const settled = running.catch((error: unknown) => {
    // Terminated in the Web UI, or left over by a run that was reset: nothing was found to be wrong.
    if (!isCancellation(error)) vanished = describeFailure(error).what;
  });
  for (;;) {
    await condition(
      () =>
        finished !== undefined ||
        vanished !== undefined ||
        context.state.asked.rollback !== undefined ||
        context.state.asked.preempt !== undefined ||
        desk.isCalling ||
        desk.hasErrands ||
        context.state.asked.end_monitoring !== undefined ||
        context.state.extendMs > 0,
    );
    const { extendMs } = context.state;
    if (extendMs > 0) {
      context.apply({ event: 'extension_told' });
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
    if (desk.hasErrands) {
      // What waits for the next release is no reason to measure the window afresh.
      await desk.runErrands();
      continue;
    }
    if (finished) return { result: finished };
    if (vanished !== undefined) {
      context.tell({ event: 'waiting_over' });
      return { vanished };
    }
    scope.cancel();
    await settled;
    // Monitoring may have been waiting for a person.
    context.tell({ event: 'waiting_over' });
    const { asked } = context.state;
    if (asked.preempt) throw rollbackRequired(`${asked.preempt.by} has right of way`);
    if (asked.rollback) throw rollbackRequired(`${asked.rollback.by} asked for it: ${asked.rollback.reason}`);
    if (desk.isCalling) return { called: true };
    const end = asked.end_monitoring;
    context.apply({ event: 'answered', what: 'end_monitoring' });
    return { ended: `ended early by ${end?.by ?? 'an operator'}: ${end?.reason ?? ''}` };
  }
}
