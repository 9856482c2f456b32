import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  allHandlersFinished,
  condition,
  defineQuery,
  defineSignal,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  setCurrentDetails,
  setHandler,
  startChild,
  uuid4,
} from '@temporalio/workflow';
import type { SignedCommand } from '../contracts/commands.ts';
import { STATUS_QUERY } from '../contracts/commands.ts';
import {
  environmentWorkflowId,
  incidentWorkflowId,
  rollBackProductWorkflowId,
  WORKFLOW_TYPES,
} from '../contracts/workflow-ids.ts';
import type { IncidentInput, RollBackProductInput } from '../contracts/workflows.ts';
import { INTERNAL_SIGNALS } from '../contracts/workflows.ts';
import type { IncidentRecord } from '../release/record.ts';
import type { ProductSettings, Severity } from '../release/settings.ts';
import { judgeEstimate, mayRate, planIncident } from '../release/severity.ts';
import { markdownText } from '../release/views/markdown.ts';
import type { Crew } from './crew.ts';
import { assembleCrew } from './crew.ts';
import { readCommand } from './read-command.ts';

/** One report or answer, as far as it was verified. */
interface Said {
  what: 'incident' | 'rollback' | 'dismiss';
  by: string;
  reason: string;
  verified: boolean;
  severity?: Severity;
  estimateMs?: number;
  signed?: SignedCommand;
}

/**
 * Where incidents are reported while no release is being watched: started together with the first report
 * (signal-with-start), ends when all are settled. A report about a version that a deployment is still watching goes
 * to that deployment; any other is handled by its severity, as after go-live.
 */
export async function incident(input: IncidentInput): Promise<IncidentRecord[]> {
  const inbox: Said[] = [];
  let incidents: IncidentRecord[] = input.incidents ?? [];
  const crew = assembleCrew();
  const nonces: string[] = [];
  for (const what of ['incident', 'rollback', 'dismiss'] as const) {
    setHandler(defineSignal<[unknown]>(what), async (argument) => {
      const said = await listen(crew, input.product, what, argument, nonces);
      if (said) inbox.push(said);
    });
  }
  setHandler(defineQuery<IncidentRecord[]>(STATUS_QUERY), () => incidents);
  const tell = (record: IncidentRecord) => {
    incidents = [...incidents.filter((other) => other.id !== record.id), record];
    setCurrentDetails(describe(input.product, incidents));
  };
  await condition(() => inbox.length > 0);
  const settings = await crew
    .release(`configuration of ${input.product}`)
    .loadProduct({ product: input.product });
  while (inbox.length > 0) {
    const said = inbox.shift();
    if (said?.what === 'incident') await handle(crew, settings, said, inbox, tell);
    await condition(allHandlersFinished);
  }
  return incidents;
}

async function handle(
  crew: Crew,
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
  if (await passOn(crew, settings, said)) {
    tell({
      ...about,
      severity: said.severity ?? 'high',
      resolution: 'passed on to the deployment in flight',
    });
    return;
  }
  const bad = await findRunning(crew, settings);
  let { severity } = said;
  for (;;) {
    const plan = planIncident(severity, settings.severity, settings.release.rollbackOnFailure);
    if (plan.act === 'open_issue') {
      await openIssue(crew, settings, about);
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
    await callOnCall(crew, settings, { ...about, severity: plan.severity, ...deadline });
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

/** A deployment that still holds production decides itself. True when it was told. */
async function passOn(crew: Crew, settings: ProductSettings, said: Said): Promise<boolean> {
  for (const environment of settings.environments.filter((e) => e.kind === 'production')) {
    const { holder } = await crew
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
      return true;
    } catch {
      // It ended in between: the version is long live then.
    }
  }
  return false;
}

/** What production runs when the incident is reported: only that is rolled back because of it. */
async function findRunning(crew: Crew, settings: ProductSettings): Promise<string | undefined> {
  const environment = settings.environments.find((one) => one.kind === 'production');
  if (!environment?.scripts.status) return undefined;
  try {
    const { commit } = await crew
      .release(`the last version of ${settings.name}`)
      .findReleased({ product: settings.name });
    const status = await crew.devops(`what does ${environment.name} run?`).runEnvironmentScript({
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

/** What a signal says. A dismissal or a rollback counts only with the API's signature, each once. */
async function listen(
  crew: Crew,
  product: string,
  what: Said['what'],
  argument: unknown,
  nonces: string[],
): Promise<Said | undefined> {
  const incoming = readCommand(what, argument);
  if (incoming.form === 'malformed') return undefined;
  if (incoming.form === 'plain') {
    if (what !== 'incident') return undefined;
    const { plain } = incoming;
    return {
      what,
      by: plain.person ? `${plain.person} (unverified)` : 'somebody (unverified)',
      reason: plain.reason ?? 'no summary given',
      verified: false,
      ...(plain.severity === undefined ? {} : { severity: plain.severity }),
    };
  }
  try {
    const { command } = await crew
      .release(`verify who sent ${what}`)
      .verifyCommand({ signed: incoming.signed, product, releaseId: incidentWorkflowId(product) });
    if (!command || command.name !== what || nonces.includes(command.nonce)) return undefined;
    nonces.push(command.nonce);
    return {
      what,
      by: command.person,
      reason: command.reason ?? 'no reason given',
      verified: true,
      signed: incoming.signed,
      ...(command.severity === undefined ? {} : { severity: command.severity }),
      ...(command.extendMs === undefined ? {} : { estimateMs: command.extendMs }),
    };
  } catch {
    return undefined;
  }
}

async function openIssue(
  crew: Crew,
  settings: ProductSettings,
  about: { id: string; summary: string },
): Promise<void> {
  await crew
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
  crew: Crew,
  settings: ProductSettings,
  about: Pick<IncidentRecord, 'id' | 'summary' | 'severity' | 'deadline'>,
): Promise<void> {
  const until = about.deadline ? `It rolls back by itself at ${about.deadline}.` : 'It waits for you.';
  await crew
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

function describe(product: string, incidents: IncidentRecord[]): string {
  return [
    `# Incidents of ${markdownText(product)}`,
    ...incidents.map(
      (one) =>
        `- **${one.severity}** ${one.at}: ${markdownText(one.summary)} (${markdownText(one.reportedBy)}). ${markdownText(one.resolution ?? (one.deadline ? `Rolls back at ${one.deadline}` : 'Open'))}`,
    ),
  ].join('\n');
}
