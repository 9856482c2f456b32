import {
  allHandlersFinished,
  CancellationScope,
  condition,
  defineQuery,
  patched,
  setHandler,
} from '@temporalio/workflow';
import { STATUS_QUERY } from '../../contracts/commands.ts';
import type { DeploymentInput, DeploymentResult } from '../../contracts/workflows.ts';
import { usesSlots } from '../../release/policy/strategies.ts';
import type { DeploymentEvent, DeploymentState } from '../../release/record/deployment-state.ts';
import { changeDeployment, openDeploymentState } from '../../release/record/deployment-state.ts';
import type { RecordEvent } from '../../release/record/record-event.ts';
import { markdownText } from '../../release/views/markdown.ts';
import { noteWentLive } from '../environment/history.ts';
import type { Lease } from '../environment/lease.ts';
import { acquireLease, listenForGrants } from '../environment/lease.ts';
import { describeFailure } from '../shared/describe-failure.ts';
import type { EventBody } from '../shared/event-body.ts';
import { Reporter } from '../shared/reports.ts';
import { proxyRoleActivities } from '../shared/role-activities.ts';
import { showDetails } from '../shared/show-details.ts';
import { tellOnce } from '../shared/workers/until-taken-up.ts';
import { receiveDeploymentCommands } from './deployment-commands.ts';
import type { DeploymentContext } from './deployment-context.ts';
import { callScript, describeDeployed, runScript } from './deployment-context.ts';
import { openDeploymentDesk } from './deployment-incidents.ts';
import { monitorDeployment, soak } from './monitor-deployment.ts';
import { type ShownOnHost, showOnHost } from './show-deployment.ts';
import { STRATEGIES } from './strategies/strategy.ts';
import { describeUndo, undoDeployment } from './undo-deployment.ts';

/**
 * Brings one version into one environment and, in production, watches it there. It outlives the release that
 * started it, holds the environment's lease until it is sure, and leaves the environment whole: either the new
 * version or the one before has all the traffic.
 */
export async function deployment(input: DeploymentInput): Promise<DeploymentResult> {
  const grants = listenForGrants();
  const reporter = new Reporter(input.reportTo);
  const activities = proxyRoleActivities(tellOnce((event) => tell(event)));
  const tell = (event: EventBody) => {
    reporter.tell(input.named ? nameStep(event, input.environment.name) : event);
    showDetails(describeDeployment(input, reporter));
  };
  const desk = openDeploymentDesk(activities, input, tell, !patched('incidents-by-id'));
  let state = openDeploymentState();
  const apply = (event: DeploymentEvent) => {
    state = changeDeployment(state, event);
  };
  receiveDeploymentCommands(activities, reporter, desk, apply, {
    product: input.product,
    releaseId: input.releaseId,
  });
  setHandler(defineQuery<DeploymentState>('state'), () => state, {
    description: 'what it has found and done, and what people asked of it',
  });
  setHandler(defineQuery<RecordEvent[]>(STATUS_QUERY), () => reporter.events, {
    description: 'everything that this deployment has told so far',
  });
  const { environment } = input;
  const shown = showOnHost(activities, environment, nameDeployment(input), tell);
  shown.show('queued');
  tell({
    event: 'waiting',
    waiting: {
      for: [`lease of ${environment.name}`],
      reason: 'one change of an environment at a time',
      actions: [],
    },
  });
  const lease = await acquireLease(grants, {
    product: input.product,
    environment: environment.name,
    priority: input.priority,
    purpose: `${input.version} by ${input.releaseId}`,
  });
  shown.show('in_progress');
  tell({ event: 'waiting_over' });
  tell({ event: 'environment', environment: { name: environment.name, generation: lease.generation } });
  const context: DeploymentContext = {
    input,
    activities,
    desk,
    generation: lease.generation,
    tell,
    logs: [],
    get state() {
      return state;
    },
    apply,
  };
  // Cancelling a deployment would leave an environment in the middle of a change: it ends by itself.
  const result = await CancellationScope.nonCancellable(async () => {
    const deployed = await deploy(context, lease, shown);
    await lease.giveBack();
    desk.settle(
      `not responded to: the deployment ended meanwhile (${deployed.outcome.replaceAll('_', ' ')})`,
    );
    await shown.settle();
    return deployed;
  });
  await reporter.settle();
  await condition(allHandlersFinished);
  return result;
}

async function deploy(
  context: DeploymentContext,
  lease: Lease,
  shown: ShownOnHost,
): Promise<DeploymentResult> {
  const { input } = context;
  let serving = false;
  try {
    await lookAround(context);
    const runs = context.state.found?.version;
    const { replaces, version } = input;
    if (replaces !== undefined && runs !== undefined && runs !== replaces && runs !== version) {
      const reason = `${input.environment.name} runs ${runs} by now, and no longer ${replaces}`;
      return { outcome: 'replaced_meanwhile', reason, runs };
    }
    await backUp(context);
    await lease.protect(describeUndo(context));
    await STRATEGIES[input.strategy](context, {
      soak: (soakMs, percent) => soak(context, soakMs, percent),
    });
    await runScript(
      context,
      `${input.environment.name} is healthy on ${input.version}`,
      { script: 'verify', target: 'public' },
      'health',
    );
    await smokeStaging(context);
    tellDeployed(context);
    shown.show('success');
    serving = true;
    await lease.protect(undefined);
    await noteWentLive(context);
    const watched = await monitorDeployment(context);
    return {
      outcome: 'deployed',
      reason: watched.reason,
      deployed: describeDeployed(context),
      ...(watched.status === undefined ? {} : { monitoring: watched.status }),
    };
  } catch (error) {
    const { what: reason, type: failure } = describeFailure(error);
    const how = `rolled back: ${reason}`.slice(0, 1_000);
    const isSettledAfter = patched('settled-when-back');
    if (isSettledAfter) context.desk.go(how);
    else context.desk.settle(how);
    // What only made room for a hotfix is not bad: it is put back like a step undone, and may come again.
    const isBad = context.state.asked.preempt === undefined;
    // One that was live ends when its rollback has put the version before in its place.
    if (!serving) shown.show(isBad ? 'failure' : 'inactive');
    const undone = await undoDeployment(context, { reason, serving, isBad });
    if (isSettledAfter) context.desk.settleGone(undone.settles);
    return { failure, ...undone.result };
  }
}

/** What has no slot to be smoked in is smoked where it runs, before anybody signs it off. */
async function smokeStaging(context: DeploymentContext): Promise<void> {
  const { environment, strategy, version } = context.input;
  if (environment.kind !== 'staging' || usesSlots(strategy) || !patched('smoke-staging')) return;
  const call = { script: 'smoke', target: 'public', targetUrl: environment.url } as const;
  await runScript(context, `Smoke test ${version} in ${environment.name}`, call);
}

function nameDeployment({ product, releaseId, version, commit, round, type }: DeploymentInput) {
  const flow = type === 'hotfix' ? { flow: 'hotfix' } : {};
  return { product, releaseId, version, commit, round: String(round), ...flow };
}

/** A step's id and title with the environment, where a release has several of a kind. */
function nameStep(event: EventBody, environment: string): EventBody {
  if (!('id' in event)) return event;
  const id = `${event.id}.${environment}`;
  return 'title' in event ? { ...event, id, title: `${event.title} (${environment})` } : { ...event, id };
}

/** What runs there now, so that it can be put back, and which slot has the traffic. */
async function lookAround(context: DeploymentContext): Promise<void> {
  const status = await callScript(context, { script: 'status', target: 'before' }).catch(() => undefined);
  const active = status?.output['active'];
  const version = status?.output['version'];
  const { input } = context;
  const resumed = version === input.version && input.previous !== undefined;
  const serving = active === 'blue' || active === 'green' ? active : undefined;
  // A deployment that was reset after its traffic moved finds itself there: what is to be put back is the other slot.
  const isOwn = resumed && usesSlots(input.strategy);
  const previousSlot = serving && isOwn ? otherSlot(serving) : serving;
  const found = !resumed && typeof version === 'string' && version !== '' ? version : undefined;
  context.apply({
    event: 'looked_around',
    ...(previousSlot === undefined ? {} : { previousSlot }),
    ...(found === undefined ? {} : { version: found }),
  });
  if (found === undefined) return;
  context.tell({
    event: 'environment',
    environment: { name: input.environment.name, version: found, previousVersion: found },
  });
}

function otherSlot(slot: 'blue' | 'green'): 'blue' | 'green' {
  return slot === 'blue' ? 'green' : 'blue';
}

async function backUp(context: DeploymentContext): Promise<void> {
  if (context.input.environment.kind !== 'production') return;
  const saved = await runScript(context, 'Back up the database', { script: 'backup' });
  if (typeof saved.output['backup'] === 'string') {
    const id = saved.output['backup'];
    context.apply({ event: 'backed_up', id, at: new Date().toISOString() });
    context.tell({
      event: 'environment',
      environment: { name: context.input.environment.name, backup: id },
      news: { is: 'backed_up' },
    });
  }
}

function tellDeployed(context: DeploymentContext): void {
  const { input } = context;
  context.tell({
    event: 'environment',
    environment: {
      name: input.environment.name,
      kind: input.environment.kind,
      url: input.environment.url,
      version: input.version,
      share: 100,
      deployedAt: new Date().toISOString(),
      ...(context.state.slot === undefined ? {} : { slot: context.state.slot }),
    },
    news: { is: 'runs' },
  });
}

function describeDeployment(input: DeploymentInput, reporter: Reporter): string {
  const lines = reporter.events.flatMap((event) => {
    if (event.event === 'step_done') return [`- [x] ${event.id}`];
    if (event.event === 'step_failed')
      return [`- [ ] ${event.id} failed: ${markdownText(event.failure.what)}`];
    if (event.event === 'environment' && event.note) return [`- ${markdownText(event.note)}`];
    return [];
  });
  const head = `# ${markdownText(input.product)} ${markdownText(input.version)} to ${markdownText(input.environment.name)} (${input.strategy})`;
  return [head, `For ${input.reportTo ?? 'nobody in particular'}.`, ...lines.slice(-60)].join('\n');
}
