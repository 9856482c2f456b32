import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  allHandlersFinished,
  condition,
  defineQuery,
  defineSignal,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  setHandler,
  startChild,
  uuid4,
} from '@temporalio/workflow';
import { STATUS_QUERY } from '../../contracts/commands.ts';
import {
  environmentWorkflowId,
  incidentWorkflowId,
  rollBackProductWorkflowId,
  WORKFLOW_TYPES,
} from '../../contracts/workflow-ids.ts';
import type { IncidentInput, RollBackProductInput } from '../../contracts/workflows.ts';
import { INTERNAL_SIGNALS } from '../../contracts/workflows.ts';
import type { IncidentRecord } from '../../release/record/record.ts';
import type { ProductSettings } from '../../release/settings.ts';
import { judgeEstimate, mayRate, planIncident } from '../../release/severity.ts';
import { markdownText } from '../../release/views/markdown.ts';
import { alertOfForgeries } from '../commands/alert-forged.ts';
import { readReport, type Said } from '../commands/read-report.ts';
import type { RoleActivities } from '../shared/role-activities.ts';
import { proxyRoleActivities } from '../shared/role-activities.ts';
import { showDetails } from '../shared/show-details.ts';

/** The newest refusals stay among the current details; on-call is alerted once for each kind. */
const REFUSALS_SHOWN = 20;

/**
 * Where incidents are reported while no release is being watched: started together with the first report
 * (signal-with-start), ends when all are settled. A report about a version that a deployment is still watching goes
 * to that deployment; any other is handled by its severity, as after go-live.
 */
export async function incident(input: IncidentInput): Promise<IncidentRecord[]> {
  const inbox: Said[] = [];
  let incidents: IncidentRecord[] = input.incidents ?? [];
  const activities = proxyRoleActivities();
  const nonces: string[] = [];
  const refusals: string[] = [];
  const alert = alertOfForgeries(activities, {
    product: input.product,
    releaseId: incidentWorkflowId(input.product),
    title: `Incidents of ${input.product}`,
  });
  const show = () => showDetails(describe(input.product, incidents, refusals));
  const refuse = async (what: string, by: string, reason: string) => {
    refusals.push(`${what} by ${by}: ${reason}`);
    if (refusals.length > REFUSALS_SHOWN) refusals.shift();
    show();
    await alert(what, by, reason);
  };
  for (const what of ['incident', 'rollback', 'dismiss'] as const) {
    setHandler(defineSignal<[unknown]>(what), async (argument) => {
      const said = await readReport(activities, input.product, what, argument, nonces);
      if ('refused' in said) await refuse(what, said.by, said.refused);
      else inbox.push(said);
    });
  }
  setHandler(defineQuery<IncidentRecord[]>(STATUS_QUERY), () => incidents);
  const tell = (record: IncidentRecord) => {
    incidents = [...incidents.filter((other) => other.id !== record.id), record];
    show();
  };
  await condition(() => inbox.length > 0);
  const settings = await activities
    .release(`configuration of ${input.product}`)
    .loadProduct({ product: input.product });
  while (inbox.length > 0) {
    const said = inbox.shift();
    if (said?.what === 'incident') await handle(activities, settings, said, inbox, tell);
    await condition(allHandlersFinished);
  }
  return incidents;
}

async function handle(
  activities: RoleActivities,
  settings: ProductSettings,
  said: Said,
  inbox: Said[],
  tell: (record: IncidentRecord) => void,
): Promise<void> {
  const at = new Date().toISOString();
  const about = {
    id: `${settings.name}/${at}`,
    at,
    summary: said.reason,
    reportedBy: said.by,
    verified: said.verified,
  };
  if (await passOn(activities, settings, said)) {
    tell({
      ...about,
      severity: said.severity ?? 'high',
      resolution: 'passed on to the deployment in flight',
    });
    return;
  }
  const bad = await findRunning(activities, settings);
  let { severity } = said;
  for (;;) {
    const plan = planIncident(severity, settings.severity, settings.release.rollbackOnFailure);
    if (plan.act === 'open_issue') {
      await openIssue(activities, settings, about);
      tell({ ...about, severity: 'low', resolution: 'an issue for the next release' });
      return;
    }
    if (plan.act === 'roll_back') {
      await startRollback(settings, said, bad);
      tell({ ...about, severity: severity ?? 'critical', resolution: 'rolled back at once' });
      return;
    }
    const ends = plan.deadlineMs === undefined ? undefined : Date.parse(at) + plan.deadlineMs;
    const deadline = ends === undefined ? {} : { deadline: new Date(ends).toISOString() };
    tell({ ...about, severity: plan.severity, ...deadline });
    await callOnCall(activities, settings, { ...about, severity: plan.severity, ...deadline });
    const known = severity;
    const answers = (next: Said) =>
      next.what !== 'incident' ||
      (next.severity !== undefined && mayRate(known, next.severity, next.verified));
    const found = () => inbox.findIndex(answers);
    if (ends === undefined) await condition(() => found() >= 0);
    else {
      await condition(() => found() >= 0, Math.max(1, ends - Date.now()), {
        summary: `${plan.severity} incident: roll back then`,
      });
    }
    const [answer] = found() >= 0 ? inbox.splice(found(), 1) : [];
    if (answer?.what === 'incident') {
      severity = answer.severity;
      continue;
    }
    const dismissed = answer?.what === 'dismiss';
    const judged =
      plan.severity === 'medium' ? judgeEstimate(answer?.estimateMs, settings.severity) : 'dismissed';
    if (dismissed && judged !== 'roll_back') {
      const how =
        judged === 'hotfix'
          ? `${answer.by} hotfixes it: windlass hotfix ${settings.name} --commit SHA`
          : `dismissed by ${answer.by}: ${answer.reason}`;
      tell({ ...about, severity: plan.severity, resolution: how });
      return;
    }
    await startRollback(settings, said, bad);
    tell({
      ...about,
      severity: plan.severity,
      resolution: `rolled back ${answer ? `by ${answer.by}` : 'by deadline'}`,
    });
    return;
  }
}

/** The deployments that still hold production, in whichever region, decide themselves. True when one was told. */
async function passOn(activities: RoleActivities, settings: ProductSettings, said: Said): Promise<boolean> {
  let told = false;
  for (const environment of settings.environments.filter((e) => e.kind === 'production')) {
    const { holder } = await activities
      .support(`who holds ${environment.name}?`)
      .readHolder({ workflowId: environmentWorkflowId(settings.name, environment.name) });
    if (!holder?.startsWith('deployment/')) continue;
    try {
      await getExternalWorkflowHandle(holder).signal(INTERNAL_SIGNALS.steer, {
        what: 'incident',
        by: said.by,
        reason: said.reason,
        verified: said.verified,
        ...(said.severity === undefined ? {} : { severity: said.severity }),
      });
      told = true;
    } catch {
      // It ended in between: the version is long live then.
    }
  }
  return told;
}

/** What production runs when the incident is reported: only that is rolled back because of it. */
async function findRunning(
  activities: RoleActivities,
  settings: ProductSettings,
): Promise<string | undefined> {
  const environment = settings.environments.find((one) => one.kind === 'production');
  if (!environment?.scripts.status) return undefined;
  try {
    const { commit } = await activities
      .release(`the last version of ${settings.name}`)
      .findReleased({ product: settings.name });
    const status = await activities.devops(`what does ${environment.name} run?`).runEnvironmentScript({
      product: settings.name,
      releaseId: incidentWorkflowId(settings.name),
      environment: environment.name,
      script: 'status',
      target: 'incident',
      version: '',
      commit,
      strategy: 'immediate',
      generation: 0,
    });
    const { version } = status.output;
    return typeof version === 'string' && version !== '' ? version : undefined;
  } catch {
    // Production may be down altogether: that is no reason not to answer the incident.
    return undefined;
  }
}

async function startRollback(settings: ProductSettings, said: Said, bad: string | undefined): Promise<void> {
  const at = new Date().toISOString();
  const input: RollBackProductInput = {
    request: {
      releaseId: `${settings.name}-${at.slice(0, 10).replaceAll('-', '')}-${uuid4().slice(0, 6)}`,
      product: settings.name,
      bump: 'patch',
      requestedBy: said.by,
      requestedAt: at,
      via: 'api',
    },
    reason: `incident: ${said.reason}`,
    ...(bad === undefined ? {} : { bad }),
  };
  try {
    await startChild(WORKFLOW_TYPES.rollBackProduct, {
      workflowId: rollBackProductWorkflowId(settings.name),
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `Rollback of ${settings.name}: ${said.reason}`.slice(0, 200),
    });
  } catch (error) {
    // One that runs already does the same.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

async function openIssue(
  activities: RoleActivities,
  settings: ProductSettings,
  about: { id: string; summary: string },
): Promise<void> {
  await activities
    .release('open an issue for the next release')
    .openIssue({
      product: settings.name,
      releaseId: incidentWorkflowId(settings.name),
      key: `${about.id}/issue`,
      title: `${settings.title}: ${about.summary}`.slice(0, 200),
      body: about.summary,
      labels: ['incident'],
    })
    .catch(() => undefined);
}

async function callOnCall(
  activities: RoleActivities,
  settings: ProductSettings,
  about: Pick<IncidentRecord, 'id' | 'summary' | 'severity' | 'deadline'>,
): Promise<void> {
  const until = about.deadline ? `It rolls back by itself at ${about.deadline}.` : 'It waits for you.';
  await activities
    .support(`call on-call: ${about.severity}`)
    .notify({
      product: settings.name,
      releaseId: incidentWorkflowId(settings.name),
      id: `${about.id}/${about.severity}`,
      channel: 'on_call',
      subject: `${settings.title}: ${about.severity} incident`,
      text: `${about.summary}\n\n${until} windlass rollback ${settings.name}, or: windlass dismiss ${settings.name} --comment WHY${about.severity === 'medium' ? ' --hotfix-in 20m' : ''}`,
    })
    .catch(() => undefined);
}

function describe(product: string, incidents: IncidentRecord[], refusals: string[]): string {
  return [
    `# Incidents of ${markdownText(product)}`,
    ...incidents.map(
      (one) =>
        `- **${one.severity}** ${one.at}: ${markdownText(one.summary)} (${markdownText(one.reportedBy)}). ${markdownText(one.resolution ?? (one.deadline ? `Rolls back at ${one.deadline}` : 'Open'))}`,
    ),
    ...(refusals.length === 0 ? [] : ['', '## Refused']),
    ...refusals.map((refusal) => `- ${markdownText(refusal, 300)}`),
  ].join('\n');
}
