import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  allHandlersFinished,
  condition,
  defineQuery,
  defineSignal,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  patched,
  setHandler,
  startChild,
  uuid4,
} from '@temporalio/workflow';
import { STATUS_QUERY } from '../../contracts/commands.ts';
import { readCommand } from '../../contracts/inbound/read-command.ts';
import { readIncidents } from '../../contracts/inbound/read-report.ts';
import { INTERNAL_SIGNALS } from '../../contracts/internal-signals.ts';
import {
  environmentWorkflowId,
  incidentWorkflowId,
  rollBackProductWorkflowId,
  WORKFLOW_TYPES,
} from '../../contracts/workflow-ids.ts';
import type { IncidentInput, RollBackProductInput } from '../../contracts/workflows.ts';
import type { IncidentReport } from '../../release/incidents.ts';
import { listOpen, nameIncident, sayIncident } from '../../release/incidents.ts';
import type { IncidentRecord } from '../../release/record/record.ts';
import { makeReleaseId } from '../../release/record/release-id.ts';
import type { ProductSettings } from '../../release/settings.ts';
import { markdownText } from '../../release/views/markdown.ts';
import { alertOfForgeries } from '../commands/alert-forged.ts';
import { Inbox, type Taken } from '../commands/inbox.ts';
import type { RoleActivities } from '../shared/role-activities.ts';
import { proxyRoleActivities } from '../shared/role-activities.ts';
import { showDetails } from '../shared/show-details.ts';
import { IncidentDesk, type Said } from './incident-desk.ts';

/** The newest refusals stay among the current details; on-call is alerted once for each kind. */
const REFUSALS_SHOWN = 20;

/**
 * Where incidents are reported while no release is being watched: started together with the first report
 * (signal-with-start), ends when all are settled. A report about a version that a deployment is still watching goes
 * to that deployment; any other is handled by its severity, as after go-live.
 */
export async function incident(input: IncidentInput): Promise<IncidentRecord[]> {
  const { product } = input;
  let arrived = 0;
  const activities = proxyRoleActivities();
  const inbox = new Inbox(activities, { product, releaseId: incidentWorkflowId(product) });
  const refusals: string[] = [];
  let settings: ProductSettings | undefined;
  let rollback: Taken | undefined;
  const alert = alertOfForgeries(activities, {
    product,
    releaseId: incidentWorkflowId(product),
    title: `Incidents of ${product}`,
  });
  const note = (what: string) => {
    refusals.push(what);
    if (refusals.length > REFUSALS_SHOWN) refusals.shift();
    show();
  };
  const show = () => showDetails(describe(product, desk.incidents, refusals));
  const desk = new IncidentDesk(
    {
      activities,
      product,
      releaseId: incidentWorkflowId(product),
      title: product,
      rules: () => ({
        severity: settings?.severity ?? { highDeadlineMs: 0, quickHotfixMs: 0 },
        rollbackOnFailure: settings?.release.rollbackOnFailure ?? false,
      }),
      tell: show,
      ask: () => undefined,
      refuse: (what, by, reason) => note(`${what} by ${by}: ${reason}`),
      noteNoIssue: (why) => note(`the issue could not be opened: ${why}`),
      lookUp: async (report) => await lookUp(activities, settings, report),
      oneAtATime: !patched('incidents-by-id'),
    },
    readIncidents(input.incidents),
  );
  for (const what of ['incident', 'rollback', 'dismiss'] as const) {
    setHandler(defineSignal<[unknown]>(what), async (argument) => {
      const admission = await inbox.admit(readCommand(what, argument));
      if (admission === 'counted_before') return;
      if ('refused' in admission) {
        const { by, reason } = admission.refused;
        note(`${what} by ${by}: ${reason}`);
        await alert(what, by, reason);
        return;
      }
      const said = admission.taken;
      arrived += 1;
      // A rollback that was asked for before there was an incident is not about it.
      if (said.name === 'rollback') rollback = desk.isCalling ? said : undefined;
      else desk.hear(describeSaid(said));
    });
  }
  setHandler(defineQuery<IncidentRecord[]>(STATUS_QUERY), () => desk.incidents);
  await condition(() => arrived > 0 || desk.isCalling);
  settings = await activities.release(`configuration of ${product}`).loadProduct({ product });
  for (;;) {
    const end = await desk.respond(() => rollback && `rolled back by ${rollback.by}`);
    if (end.go === 'back') {
      const goesBack = listOpen(desk.incidents).map((one) => ({ ...one, goesBack: end.how }));
      await startRollback(settings, end.because, goesBack);
      // It has only begun: its own record has them too, and settles them by how it ends.
      desk.settle(`goes back: ${rollBackProductWorkflowId(product)} says how that ends`, end.because);
    }
    rollback = undefined;
    await condition(allHandlersFinished);
    if (!desk.isCalling) return desk.incidents;
  }
}

/** A report or an answer as the desk takes it. Whoever names an incident means that one. */
function describeSaid({
  name,
  by,
  reason,
  verified,
  severity,
  extendMs,
  incidentId: id,
  command,
}: Taken): Said {
  if (name !== 'incident') {
    const dismissal = { what: 'dismiss', by, reason } as const;
    const named = id === undefined ? dismissal : { ...dismissal, id };
    return extendMs === undefined ? named : { ...named, estimateMs: extendMs };
  }
  const { incidentKey, over } = command ?? {};
  return {
    what: 'incident',
    summary: reason,
    by,
    verified,
    ...(id === undefined ? {} : { id, names: true }),
    ...(severity === undefined ? {} : { severity }),
    ...(incidentKey === undefined ? {} : { key: incidentKey }),
    ...(over ? { over } : {}),
  };
}

/** Whether a deployment in flight sees to it, and what production runs where none does. */
async function lookUp(
  activities: RoleActivities,
  settings: ProductSettings | undefined,
  report: IncidentReport,
): Promise<{ version?: string; resolution?: string }> {
  if (!settings) return {};
  if (await passOn(activities, settings, report)) {
    return { resolution: 'passed on to the deployment in flight' };
  }
  const version = await findRunning(activities, settings);
  return version === undefined ? {} : { version };
}

/** The deployments that still hold production, in whichever region, decide themselves. True when one was told. */
async function passOn(
  activities: RoleActivities,
  settings: ProductSettings,
  report: IncidentReport,
): Promise<boolean> {
  const id = nameIncident({ product: settings.name, at: new Date().toISOString(), summary: report.summary });
  let told = false;
  for (const environment of settings.environments.filter((e) => e.kind === 'production')) {
    const { holder } = await activities
      .support(`who holds ${environment.name}?`)
      .readHolder({ workflowId: environmentWorkflowId(settings.name, environment.name) });
    if (!holder?.startsWith('deployment/')) continue;
    try {
      await getExternalWorkflowHandle(holder).signal(INTERNAL_SIGNALS.steer, {
        what: 'incident',
        by: report.by,
        reason: report.summary,
        verified: report.verified,
        incidentId: id,
        ...(report.key === undefined ? {} : { incidentKey: report.key }),
        ...(report.severity === undefined ? {} : { severity: report.severity }),
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
    const { commit, bundle } = await activities
      .release(`the last version of ${settings.name}`)
      .findReleased({ product: settings.name, tagOnly: true });
    const status = await activities.devops(`what does ${environment.name} run?`).runEnvironmentScript({
      product: settings.name,
      releaseId: incidentWorkflowId(settings.name),
      environment: environment.name,
      script: 'status',
      target: 'incident',
      version: '',
      commit,
      ...(bundle === undefined ? {} : { bundle }),
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

/** Starts the rollback of what ran when it was reported; its record has all the incidents that are open. */
async function startRollback(
  settings: ProductSettings,
  because: IncidentRecord,
  incidents: IncidentRecord[],
): Promise<void> {
  const at = new Date().toISOString();
  const input: RollBackProductInput = {
    request: {
      releaseId: makeReleaseId(settings.name, at, uuid4().slice(0, 6)),
      product: settings.name,
      bump: 'patch',
      requestedBy: because.reportedBy,
      requestedAt: at,
      via: 'api',
    },
    reason: `incident: ${because.summary}`,
    incidents,
    ...(because.version === undefined ? {} : { bad: because.version }),
  };
  try {
    await startChild(WORKFLOW_TYPES.rollBackProduct, {
      workflowId: rollBackProductWorkflowId(settings.name),
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `Rollback of ${settings.name}: ${because.summary}`.slice(0, 200),
    });
  } catch (error) {
    // One that runs already does the same.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

function describe(product: string, incidents: IncidentRecord[], refusals: string[]): string {
  return [
    `# Incidents of ${markdownText(product)}`,
    ...incidents.map(
      (one) =>
        `- **${one.severity}** ${one.at}: ${markdownText(sayIncident(one))} (${markdownText(one.reportedBy)}). ${markdownText(one.resolution ?? (one.deadline ? `Rolls back at ${one.deadline}` : 'Open'))}`,
    ),
    ...(refusals.length === 0 ? [] : ['', '## Refused']),
    ...refusals.map((refusal) => `- ${markdownText(refusal, 300)}`),
  ].join('\n');
}
