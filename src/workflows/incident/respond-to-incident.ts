import { condition } from '@temporalio/workflow';
import { nameDuration } from '../../release/duration.ts';
import type { IncidentRecord } from '../../release/record/record.ts';
import type { Severity } from '../../release/settings.ts';
import { judgeEstimate, mayRate, planIncident } from '../../release/severity.ts';
import type { DeploymentCommands } from '../deployment/deployment-commands.ts';
import type { DeploymentContext } from '../deployment/deployment-context.ts';
import { rollbackRequired } from '../deployment/rollback-required.ts';

/** What happened in production, as a verdict or a person reported it. */
export interface Incident {
  /** Unknown until somebody says; treated as high meanwhile. */
  severity: Severity | undefined;
  what: string;
  reportedBy: string;
  verified: boolean;
}

/**
 * Does what the incident's severity demands. Returns when the version may stay; throws when it goes back. While it
 * waits, a person may roll back at once, dismiss it, estimate a hotfix, or rate it anew.
 */
export async function respondToIncident(
  context: DeploymentContext,
  commands: DeploymentCommands,
  incident: Incident,
): Promise<void> {
  const { input } = context;
  const at = new Date().toISOString();
  const about = {
    id: `${input.releaseId}/${input.round}/${at}`,
    at,
    summary: incident.what,
    reportedBy: incident.reportedBy,
    verified: incident.verified,
  };
  const tell = (severity: Severity, more: Partial<IncidentRecord> = {}) =>
    context.tell({ event: 'incident', incident: { ...about, severity, ...more } });
  // An answer to an earlier incident is no answer to this one.
  commands.dismiss = undefined;
  let { severity } = incident;
  for (;;) {
    const plan = planIncident(severity, input.severity, input.rollbackOnFailure);
    if (plan.act === 'open_issue') {
      tell('low', { resolution: 'an issue for the next release' });
      await openIncidentIssue(context, incident.what);
      return;
    }
    if (plan.act === 'roll_back') {
      tell(severity ?? 'critical', { resolution: 'rolled back at once' });
      throw rollbackRequired(incident.what);
    }
    const answer = await waitForPeople(context, commands, { ...incident, severity }, at, plan, tell);
    if (answer.kind === 'rated') {
      severity = answer.severity;
      continue;
    }
    if (answer.kind === 'stays') {
      tell(plan.severity, { resolution: answer.why });
      return;
    }
    tell(plan.severity, { resolution: `rolled back: ${answer.why}` });
    throw rollbackRequired(incident.what);
  }
}

type Answer =
  | { kind: 'rated'; severity: Severity }
  | { kind: 'stays'; why: string }
  | { kind: 'goes_back'; why: string };

/** Waits for people until the deadline that counts from the report, whatever it is rated as meanwhile. */
async function waitForPeople(
  context: DeploymentContext,
  commands: DeploymentCommands,
  incident: Incident,
  since: string,
  plan: { severity: Severity; deadlineMs?: number; asks: string[] },
  tell: (severity: Severity, more?: Partial<IncidentRecord>) => void,
): Promise<Answer> {
  const { severity } = plan;
  const ends = plan.deadlineMs === undefined ? undefined : Date.parse(since) + plan.deadlineMs;
  const deadline = ends === undefined ? undefined : new Date(ends).toISOString();
  const rated = incident.severity === undefined ? 'severity not known, treated as high' : severity;
  tell(severity, deadline === undefined ? {} : { deadline });
  const question =
    severity === 'medium'
      ? `is a hotfix quick (dismiss with an estimate of at most ${nameDuration(context.input.severity.quickHotfixMs)})?`
      : 'roll back or dismiss?';
  context.tell({
    event: 'waiting',
    waiting: {
      for: ['on_call', 'operator'],
      reason: `${rated}: ${incident.what}. ${question} ${deadline ? `It rolls back by itself at ${deadline}` : 'It is not rolled back by itself'}`,
      actions: plan.asks,
    },
  });
  await callOnCall(context, rated, incident.what, deadline);
  const rating = () => {
    const next = commands.incident;
    return next?.severity !== undefined && mayRate(incident.severity, next.severity, next.verified)
      ? next.severity
      : undefined;
  };
  const answered = () =>
    commands.rollback !== undefined ||
    commands.preempt !== undefined ||
    commands.dismiss !== undefined ||
    rating() !== undefined;
  if (ends === undefined) await condition(answered);
  else {
    await condition(answered, Math.max(1, ends - Date.now()), {
      summary: `${severity} incident: roll back then`,
    });
  }
  context.tell({ event: 'waiting_over' });
  if (commands.rollback) return { kind: 'goes_back', why: `${commands.rollback.by} decided so` };
  if (commands.preempt) return { kind: 'goes_back', why: `${commands.preempt.by} has right of way` };
  if (commands.dismiss) {
    const { by, reason, estimateMs } = commands.dismiss;
    commands.dismiss = undefined;
    const judged = severity === 'medium' ? judgeEstimate(estimateMs, context.input.severity) : 'dismissed';
    if (judged === 'roll_back') {
      return {
        kind: 'goes_back',
        why: `${by} estimates that a hotfix takes ${nameDuration(estimateMs ?? 0)}`,
      };
    }
    const why =
      judged === 'hotfix'
        ? `${by} hotfixes it instead: windlass hotfix ${context.input.product} --commit SHA`
        : `dismissed by ${by}: ${reason}`;
    return { kind: 'stays', why };
  }
  const next = rating();
  if (next !== undefined) {
    commands.incident = undefined;
    return { kind: 'rated', severity: next };
  }
  return {
    kind: 'goes_back',
    why: severity === 'medium' ? 'nobody said that a hotfix is quick' : 'the deadline passed',
  };
}

async function callOnCall(
  context: DeploymentContext,
  rated: string,
  what: string,
  deadline: string | undefined,
): Promise<void> {
  const { input } = context;
  const until = deadline ? ` It rolls back by itself at ${deadline}.` : '';
  await context.activities
    .support(`call on-call: ${rated}`)
    .notify({
      product: input.product,
      releaseId: input.releaseId,
      id: `${input.releaseId}/incident/${input.round}/${rated}/${deadline ?? what}`.slice(0, 200),
      channel: 'on_call',
      subject: `${input.product} ${input.version} in ${input.environment.name}: ${rated}`,
      text: `${what}.${until}\n\nwindlass rollback ${input.product}, or: windlass dismiss ${input.product} --comment WHY${rated === 'medium' ? ' --hotfix-in 20m' : ''}`,
    })
    .catch(() => undefined);
}

async function openIncidentIssue(context: DeploymentContext, what: string): Promise<void> {
  const { input } = context;
  try {
    const effect = await context.activities.release('open an issue for the next release').openIssue({
      product: input.product,
      releaseId: input.releaseId,
      key: `${input.releaseId}/issue/${input.round}/${what}`.slice(0, 200),
      title: `${input.product} ${input.version}: ${what}`.slice(0, 200),
      body: `Reported while ${input.version} was watched in ${input.environment.name}: ${what}`,
      labels: ['incident'],
    });
    for (const receipt of effect.receipts) context.tell({ event: 'receipt', receipt });
  } catch (error) {
    context.tell({ event: 'noted', what: `the issue could not be opened: ${String(error).slice(0, 200)}` });
  }
}
