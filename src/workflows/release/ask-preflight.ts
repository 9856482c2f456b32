import {
  ActivityFailure,
  isCancellation,
  proxyActivities,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { readFindings } from '../../contracts/inbound/read-findings.ts';
import type {
  CodedFinding,
  PreflightActivities,
  PreflightInput,
  PreflightReport,
} from '../../contracts/preflight.ts';
import { roleQueue, WORKER_ROLES, type WorkerRole } from '../../contracts/task-queues.ts';
import { describeFailure } from '../shared/describe-failure.ts';

/**
 * Has every role's worker look whether its part of a release can be done, all at the same time. Total: a role that
 * nobody works for within `patienceMs`, or whose worker cannot look, is a finding.
 */
export async function askPreflight(input: PreflightInput, patienceMs: number): Promise<PreflightReport[]> {
  return await Promise.all(
    WORKER_ROLES.map(async (role) => ({ role, findings: await askRole(role, input, patienceMs) })),
  );
}

async function askRole(role: WorkerRole, input: PreflightInput, patienceMs: number): Promise<CodedFinding[]> {
  const { preflight } = proxyActivities<PreflightActivities>({
    taskQueue: roleQueue(workflowInfo().taskQueue, role),
    summary: `can ${role} do its part of ${input.product}?`,
    scheduleToStartTimeout: patienceMs,
    startToCloseTimeout: '5 minutes',
    heartbeatTimeout: '10 seconds',
    retry: { maximumAttempts: 2 },
  });
  const code = 'worker' as const;
  const subject = `worker of the role ${role}`;
  try {
    return [{ code, subject, state: 'ok', found: 'works' }, ...readFindings(await preflight(input))];
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    if (isNobodyThere(error)) {
      const found = `none asked for work within ${Math.round(patienceMs / 1_000)} s`;
      const advice = `start one: windlass worker --role ${role}`;
      return [{ code, subject, state: 'problem', found, advice }];
    }
    const { what, next } = describeFailure(error);
    return [{ code, subject, state: 'warning', found: `could not look: ${what}`, advice: next }];
  }
}

function isNobodyThere({ cause }: ActivityFailure): boolean {
  return cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START';
}
