import {
  allHandlersFinished,
  CancellationScope,
  condition,
  defineQuery,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import { STATUS_QUERY } from '../../contracts/commands.ts';
import type { DeploymentInput, DeploymentResult } from '../../contracts/workflows.ts';
import type { RecordEvent } from '../../release/transitions.ts';
import { markdownText } from '../../release/views/markdown.ts';
import type { Lease } from '../environment/lease.ts';
import { acquireLease, listenForGrants } from '../environment/lease.ts';
import { assembleCrew } from '../shared/crew.ts';
import { describeFailure } from '../shared/describe-failure.ts';
import type { EventBody } from '../shared/desk.ts';
import { Reporter } from '../shared/reports.ts';
import type { Rig } from './deployment-rig.ts';
import { callScript, describeDeployed, runScript } from './deployment-rig.ts';
import { describeUndo, goBack } from './go-back.ts';
import { listenToSteers } from './steering.ts';
import { STRATEGIES } from './strategies/strategy.ts';
import { soak, watchProduction } from './watch-production.ts';

/**
 * Brings one version into one environment and, in production, watches it there. It outlives the release that
 * started it, holds the environment's lease until it is sure, and leaves the environment whole: either the new
 * version or the one before has all the traffic.
 */
export async function deployment(input: DeploymentInput): Promise<DeploymentResult> {
  const ear = listenForGrants();
  const reporter = new Reporter(input.reportTo);
  const crew = assembleCrew();
  const steering = listenToSteers(crew, reporter, { product: input.product, releaseId: input.releaseId });
  const tell = (event: EventBody) => {
    reporter.tell(event);
    setCurrentDetails(describeDeployment(input, reporter));
  };
  setHandler(defineQuery<RecordEvent[]>(STATUS_QUERY), () => reporter.events, {
    description: 'everything that this deployment has told so far',
  });
  const { environment } = input;
  tell({
    event: 'waiting',
    waiting: {
      for: [`lease of ${environment.name}`],
      reason: 'one change of an environment at a time',
      actions: [],
    },
  });
  const lease = await acquireLease(ear, {
    product: input.product,
    environment: environment.name,
    priority: input.priority,
    purpose: `${input.version} by ${input.releaseId}`,
  });
  tell({ event: 'waiting_over' });
  tell({ event: 'environment', environment: { name: environment.name, generation: lease.generation } });
  const rig: Rig = {
    input,
    crew,
    generation: lease.generation,
    tell,
    changed: false,
    migrated: false,
    slot: undefined,
    previousSlot: undefined,
    backup: undefined,
    backedUpAt: undefined,
    held: () => steering.held,
    parked: () => steering.park,
  };
  // Cancelling a deployment would leave an environment in the middle of a change: it ends by itself.
  const result = await CancellationScope.nonCancellable(async () => {
    const deployed = await deploy(rig, lease, steering);
    await lease.giveBack();
    return deployed;
  });
  await reporter.settle();
  await condition(allHandlersFinished);
  return result;
}

async function deploy(
  rig: Rig,
  lease: Lease,
  steering: ReturnType<typeof listenToSteers>,
): Promise<DeploymentResult> {
  const { input } = rig;
  let serving = false;
  try {
    await lookAround(rig);
    await backUp(rig);
    await lease.protect(describeUndo(rig));
    await STRATEGIES[input.strategy](rig, {
      soak: (soakMs, percent) => soak(rig, steering, soakMs, percent),
    });
    await runScript(
      rig,
      `${input.environment.name} is healthy on ${input.version}`,
      { script: 'verify', target: 'public' },
      'health',
    );
    tellDeployed(rig);
    serving = true;
    await lease.protect(undefined);
    const watched = await watchProduction(rig, steering);
    return {
      outcome: 'deployed',
      reason: watched.reason,
      deployed: describeDeployed(rig),
      ...(watched.status === undefined ? {} : { monitoring: watched.status }),
    };
  } catch (error) {
    // What only made room for a hotfix is not bad: it is put back like a step undone, and may come again.
    return await goBack(rig, steering, {
      reason: describeFailure(error).what,
      serving,
      isBad: steering.park === undefined,
    });
  }
}

/** What runs there now, so that it can be put back, and which slot has the traffic. */
async function lookAround(rig: Rig): Promise<void> {
  const status = await callScript(rig, { script: 'status', target: 'before' }).catch(() => undefined);
  const active = status?.output['active'];
  const version = status?.output['version'];
  const resumed = version === rig.input.version && rig.input.previous !== undefined;
  // A deployment that was reset after its traffic moved finds itself there: what is to be put back is the other slot.
  if (active === 'blue' || active === 'green') {
    rig.previousSlot = resumed && hasSlots(rig) ? otherSlot(active) : active;
  }
  if (resumed) return;
  if (typeof version === 'string' && version !== '') {
    rig.input = {
      ...rig.input,
      previous: { version, ...(rig.previousSlot === undefined ? {} : { slot: rig.previousSlot }) },
    };
    rig.tell({
      event: 'environment',
      environment: { name: rig.input.environment.name, version, previousVersion: version },
    });
  }
}

function hasSlots(rig: Rig): boolean {
  return rig.input.strategy === 'blue-green' || rig.input.strategy === 'canary';
}

function otherSlot(slot: 'blue' | 'green'): 'blue' | 'green' {
  return slot === 'blue' ? 'green' : 'blue';
}

async function backUp(rig: Rig): Promise<void> {
  if (rig.input.environment.kind !== 'production') return;
  const saved = await runScript(rig, 'Back up the database', { script: 'backup' });
  if (typeof saved.output['backup'] === 'string') {
    rig.backup = saved.output['backup'];
    rig.backedUpAt = new Date().toISOString();
    rig.tell({
      event: 'environment',
      environment: { name: rig.input.environment.name, backup: rig.backup },
      note: `database backup ${rig.backup}`,
    });
  }
}

function tellDeployed(rig: Rig): void {
  const { input } = rig;
  rig.tell({
    event: 'environment',
    environment: {
      name: input.environment.name,
      kind: input.environment.kind,
      url: input.environment.url,
      version: input.version,
      share: 100,
      deployedAt: new Date().toISOString(),
      ...(rig.slot === undefined ? {} : { slot: rig.slot }),
    },
    note: `${input.environment.name} runs ${input.version}`,
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
