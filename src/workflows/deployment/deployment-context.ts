import { condition } from '@temporalio/workflow';
import type { EnvironmentScriptInput, ScriptOutcome } from '../../contracts/activities.ts';
import type { WorkerRole } from '../../contracts/task-queues.ts';
import type { DeploymentInput, RunningVersion } from '../../contracts/workflows.ts';
import type { DeploymentEvent, DeploymentState } from '../../release/record/deployment-state.ts';
import { storeRef } from '../../release/record/read-fields.ts';
import type { Phase } from '../../release/record/record.ts';
import { withLogs } from '../../release/record/step-logs.ts';
import type { EnvironmentScriptName } from '../../release/settings.ts';
import type { StoreRef } from '../../release/store-ref.ts';
import type { DeployedTo } from '../../release/values.ts';
import type { IncidentDesk } from '../incident/incident-desk.ts';
import { describeFailure } from '../shared/describe-failure.ts';
import type { EventBody } from '../shared/event-body.ts';
import type { RoleActivities } from '../shared/role-activities.ts';
import { rollbackRequired } from './rollback-required.ts';

/** What one call of a script adds to what every script of the deployment is told. */
export interface ScriptCall {
  script: EnvironmentScriptName;
  /** Tells effects of the same script apart; part of the effect's key. */
  target?: string;
  slot?: string;
  instance?: number;
  percent?: number;
  targetUrl?: string;
}

/** A deployment's hands: runs the environment's scripts under the lease and reports each step. */
export interface DeploymentContext {
  input: DeploymentInput;
  activities: RoleActivities;
  /** Where incidents about the version are responded to. */
  desk: IncidentDesk;
  generation: number;
  tell(event: EventBody): void;
  /** What the scripts of the stage that runs now wrote, in their order. */
  readonly logs: StoreRef[];
  /** What it has found and done, and what people asked of it; changed by `apply` only. */
  readonly state: DeploymentState;
  apply(event: DeploymentEvent): void;
}

/**
 * Runs a script as a step of the record; throws what the script threw, after having reported it. `step` is the
 * script's name unless the same script is another step of the checklist.
 */
export async function runScript(
  context: DeploymentContext,
  title: string,
  call: ScriptCall,
  step: string = call.script,
): Promise<ScriptOutcome> {
  const kind = context.input.environment.kind;
  const id = step.includes('.') ? step : `${kind}.${step}`;
  if (!context.input.environment.scripts[call.script]) {
    context.tell({
      event: 'step_not_configured',
      id,
      title,
      phase: kind,
      reason: `${context.input.environment.name} has no ${call.script} script`,
    });
    return { outcome: 'not_configured', output: {}, receipts: [] };
  }
  return await runStage(context, { id, title, phase: kind, role: roleOf(context, call.script) }, () =>
    callScript(context, call),
  );
}

/** Applies the version's migrations, and remembers whether it did: going back is another matter then. */
export async function migrateDatabase(context: DeploymentContext, slot: string | undefined): Promise<void> {
  context.apply({ event: 'migration_began' });
  const call: ScriptCall = { script: 'migrate', ...(slot === undefined ? {} : { slot }) };
  const { outcome, output } = await runScript(context, 'Migrate the database', call);
  const applied = output['applied'];
  const nothing = outcome === 'not_configured' || (Array.isArray(applied) && applied.length === 0);
  if (nothing) context.apply({ event: 'nothing_to_migrate' });
}

/** One reported stage of a deployment that may call several scripts. */
export async function runStage<T>(
  context: DeploymentContext,
  stage: { id: string; title: string; phase: Phase; role?: WorkerRole },
  work: () => Promise<T>,
  describe: (value: T) => string | undefined = () => undefined,
): Promise<T> {
  if (context.state.asked.hold) await waitWhileHeld(context);
  preemptRelease(context);
  context.tell({ event: 'step_started', ...stage });
  // A stage within a stage has logs of its own.
  const outer = context.logs.splice(0);
  const own = () => withLogs(context.logs.splice(0, Infinity, ...outer));
  try {
    const value = await work();
    const detail = describe(value);
    context.tell({ event: 'step_done', id: stage.id, ...(detail === undefined ? {} : { detail }), ...own() });
    return value;
  } catch (error) {
    context.tell({ event: 'step_failed', id: stage.id, failure: describeFailure(error), ...own() });
    throw error;
  }
}

/** A hold takes effect between two steps: never in the middle of a migration or a shift of traffic. */
async function waitWhileHeld(context: DeploymentContext): Promise<void> {
  context.tell({ event: 'deployment_held', environment: context.input.environment.name });
  await condition(() => {
    const { hold, preempt } = context.state.asked;
    return hold === undefined || preempt !== undefined;
  });
}

/** Between two steps only: what is in the middle of a migration or of a shift of traffic finishes it first. */
function preemptRelease(context: DeploymentContext): void {
  const { preempt } = context.state.asked;
  if (preempt) throw rollbackRequired(`${preempt.by} has right of way`);
}

/** Calls the script on the role that owns it. Scripts that change the environment mark the context as changed. */
export async function callScript(context: DeploymentContext, call: ScriptCall): Promise<ScriptOutcome> {
  const { input } = context;
  const previous = findPrevious(context);
  const request: EnvironmentScriptInput = {
    product: input.product,
    releaseId: input.releaseId,
    environment: input.environment.name,
    script: call.script,
    target: `${input.environment.name}/${input.round}${call.target === undefined ? '' : `/${call.target}`}`,
    version: input.version,
    ...(previous === undefined ? {} : { previousVersion: previous.version }),
    commit: input.commit,
    ...(input.bundle === undefined ? {} : { bundle: input.bundle }),
    ...(input.artifact === undefined ? {} : { artifact: input.artifact }),
    ...(input.image === undefined ? {} : { image: input.image }),
    strategy: input.strategy,
    generation: context.generation,
    ...(call.slot === undefined ? {} : { slot: call.slot }),
    ...(call.instance === undefined ? {} : { instance: call.instance }),
    ...(call.percent === undefined ? {} : { percent: call.percent }),
    ...(call.targetUrl === undefined ? {} : { targetUrl: call.targetUrl }),
    ...(input.authorization === undefined ? {} : { authorization: input.authorization }),
  };
  if (CHANGES.includes(call.script)) context.apply({ event: 'change_began' });
  const summary = `${call.script} ${input.version} in ${input.environment.name}`;
  const outcome = await askForScript(context, call.script, summary, request);
  const log = storeRef(outcome.log);
  if (log) context.logs.push(log);
  for (const receipt of outcome.receipts) context.tell({ event: 'receipt', receipt });
  return outcome;
}

const CHANGES: readonly EnvironmentScriptName[] = ['deploy', 'migrate', 'traffic', 'rollback', 'restore'];

function askForScript(
  context: DeploymentContext,
  script: EnvironmentScriptName,
  summary: string,
  request: EnvironmentScriptInput,
): Promise<ScriptOutcome> {
  const role = roleOf(context, script);
  if (role === 'qa') return context.activities.qa(summary).smokeEnvironment(request);
  if (role === 'support') return context.activities.support(summary).smokeEnvironment(request);
  return context.activities.devops(summary).runEnvironmentScript(request);
}

/** QA walks through staging, support looks after production, DevOps does the rest. */
function roleOf(context: DeploymentContext, script: EnvironmentScriptName): WorkerRole {
  if (script !== 'smoke') return 'devops';
  return context.input.environment.kind === 'staging' ? 'qa' : 'support';
}

/** What can be put back: what the environment said that it runs, else what the release knows of. */
export function findPrevious({ input, state }: DeploymentContext): RunningVersion | undefined {
  return state.found ?? input.previous;
}

/** What the deployment brought where, for the release. */
export function describeDeployed(context: DeploymentContext): DeployedTo {
  const { input, state } = context;
  const previous = findPrevious(context);
  return {
    environment: input.environment.name,
    url: input.environment.url,
    version: input.version,
    ...(previous === undefined ? {} : { previousVersion: previous.version }),
    strategy: input.strategy,
    deployedAt: new Date().toISOString(),
    ...(state.slot === undefined ? {} : { slot: state.slot }),
    ...(state.backup === undefined ? {} : { backup: state.backup.id }),
  };
}
