import { condition, patched } from '@temporalio/workflow';
import type { SignedCommand } from '../../contracts/commands.ts';
import type { DeploymentResult, RollbackInput, RunningVersion } from '../../contracts/workflows.ts';
import { callOnCall } from '../incident/call-on-call.ts';
import { runRollback } from '../rollback/start-rollback.ts';
import { type DeploymentContext, describeDeployed, findPrevious } from './deployment-context.ts';

/** Why a deployment goes back, and from where. */
interface Failing {
  reason: string;
  /** Whether the version had all the traffic: then it is a rollback, before it a step undone. */
  serving: boolean;
  /** Not when it only made room for something more urgent. */
  isBad: boolean;
}

/** How it goes back: with a restored database or without, or, by a person's word, not at all. */
type Way =
  | { way: 'back'; by: string; restoreBackup?: string; restoreOrder?: SignedCommand }
  | { way: 'stay'; why: string };

/** How the deployment ended, and how that settles an incident that would be settled by `how` had all gone well. */
interface Undone {
  result: DeploymentResult;
  settles(how: string): string;
}

/**
 * Puts the version before back, if anything changed. After migrations that the version before cannot live with,
 * traffic is not switched by itself: policy restores the database, or a person decides.
 */
export async function undoDeployment(context: DeploymentContext, failing: Failing): Promise<Undone> {
  const { input } = context;
  const { reason } = failing;
  const { name } = input.environment;
  const previous = findPrevious(context);
  if (!context.state.changed) {
    const result: DeploymentResult = { outcome: 'failed_before_change', reason };
    return { result, settles: () => `nothing had changed in ${name}: ${reason}` };
  }
  if (!previous) {
    const none = `there is no earlier version in ${name} to go back to`;
    const result: DeploymentResult = { outcome: 'rollback_failed', reason: `${reason}; ${none}` };
    return { result, settles: () => `not rolled back: ${none}` };
  }
  const way = await chooseWay(context, failing);
  if (way.way === 'stay') {
    const why = `${reason}; ${way.why}`;
    const result: DeploymentResult = {
      outcome: 'deployed',
      reason: why,
      deployed: describeDeployed(context),
      monitoring: 'ended_early',
    };
    return { result, settles: () => `not rolled back: ${way.why}` };
  }
  const undone = describeRollback(context, reason, way);
  // What was not live yet, or only made room, may come again: it was not found to be bad.
  const isUndo = !failing.serving || !failing.isBad;
  const back = await runRollback(context, undone && isUndo ? { ...undone, undo: true } : undone);
  const isBack = back.outcome === 'back';
  if (isBack || !patched('settled-when-back')) tellRunsAgain(context, previous);
  if (!isBack) {
    const result: DeploymentResult = { outcome: 'rollback_failed', reason: `${reason}; ${back.reason}` };
    return { result, settles: () => `not rolled back by Windlass: ${back.reason}` };
  }
  const { deployed } = back;
  if (isUndo) return { result: { outcome: 'put_back', reason, deployed }, settles: (how) => how };
  const outcome = back.helped ? 'rolled_back' : 'rollback_failed';
  const settles = (how: string) => (back.helped ? how : `${how}; it did not help`);
  return { result: { outcome, reason, deployed }, settles };
}

function tellRunsAgain(context: DeploymentContext, previous: RunningVersion): void {
  const { name } = context.input.environment;
  context.tell({
    event: 'environment',
    environment: {
      name,
      version: previous.version,
      share: 0,
      ...(previous.slot === undefined ? {} : { slot: previous.slot }),
    },
    news: { is: 'runs_again' },
  });
}

/** What the environment does by itself should this deployment vanish; a person looks first where traffic is not enough. */
export function describeUndo(context: DeploymentContext): RollbackInput | undefined {
  const how = { by: 'windlass', ...restoreByPolicy(context) };
  const described = describeRollback(context, 'its deployment vanished', how);
  const undo: RollbackInput | undefined = described && { ...described, undo: true };
  const { version, environment, migrationsBackwardCompatible } = context.input;
  if (!undo || undo.restoreBackup !== undefined || migrationsBackwardCompatible) return undo;
  const confirmFirst = `the deployment of ${version} to ${environment.name} vanished, and its migrations are not backward compatible: see whether they were applied and restore the database if need be; then retry switches to ${undo.to.version}`;
  return { ...undo, confirmFirst };
}

function describeRollback(
  context: DeploymentContext,
  reason: string,
  how: { by: string; restoreBackup?: string; restoreOrder?: SignedCommand },
): RollbackInput | undefined {
  const { input, state } = context;
  const previous = findPrevious(context);
  if (!previous) return undefined;
  return {
    releaseId: input.releaseId,
    product: input.product,
    environment: input.environment,
    bad: {
      version: input.version,
      commit: input.commit,
      ...(input.artifact === undefined ? {} : { artifact: input.artifact }),
      ...(state.slot === undefined ? {} : { slot: state.slot }),
    },
    to: previous,
    strategy: input.strategy,
    reason,
    by: how.by,
    ...(how.restoreBackup === undefined ? {} : { restoreBackup: how.restoreBackup }),
    ...(how.restoreOrder === undefined ? {} : { restoreOrder: how.restoreOrder }),
    round: input.round,
    ...(input.bundle === undefined ? {} : { bundle: input.bundle }),
    ...(input.reportTo === undefined ? {} : { reportTo: input.reportTo }),
  };
}

function restoreByPolicy(context: DeploymentContext): { restoreBackup?: string } {
  const { backup, migrations } = context.state;
  const isWanted = context.input.environment.restoreDatabase === 'always' && migrations > 0;
  return isWanted && backup !== undefined ? { restoreBackup: backup.id } : {};
}

async function chooseWay(context: DeploymentContext, failing: Failing): Promise<Way> {
  const { backup, migrations, asked } = context.state;
  const restore = canRestore(context) && backup !== undefined ? { restoreBackup: backup.id } : undefined;
  if (restore && asked.restore_database) {
    return { way: 'back', by: asked.restore_database.by, ...restore, ...orderOf(asked.restore_database) };
  }
  const byPolicy = restoreByPolicy(context);
  const isSafe = context.input.migrationsBackwardCompatible || migrations === 0;
  if (isSafe || byPolicy.restoreBackup !== undefined) return { way: 'back', by: 'windlass', ...byPolicy };
  return await askPeople(context, failing, restore);
}

/** The signed order goes along: the worker that restores the database asks for it. */
function orderOf({ signed }: { signed?: SignedCommand }): { restoreOrder?: SignedCommand } {
  return signed === undefined ? {} : { restoreOrder: signed };
}

function canRestore(context: DeploymentContext): boolean {
  const { environment } = context.input;
  return environment.restoreDatabase !== 'never' && environment.scripts.restore !== undefined;
}

/** Waits, without limit, for a person who says what becomes of the database. */
async function askPeople(
  context: DeploymentContext,
  failing: Failing,
  restore: { restoreBackup: string } | undefined,
): Promise<Way> {
  const { version, environment } = context.input;
  const previous = findPrevious(context);
  // What was said before this was known is no answer to it.
  for (const what of ['rollback', 'dismiss'] as const) context.apply({ event: 'answered', what });
  const lost = restore
    ? ` Restoring backup ${restore.restoreBackup} loses every write since ${context.state.backup?.at ?? 'it was taken'}.`
    : ' There is no backup that may be restored.';
  const actions = [
    ...(restore ? ['restore_database'] : []),
    'rollback',
    ...(failing.serving ? ['dismiss'] : []),
  ];
  const reason = `${failing.reason}. The migrations of ${version} are not backward compatible, so ${previous?.version ?? 'the version before'} may not work on this database, and ${environment.name} is left as it is.${lost}`;
  context.tell({ event: 'waiting', waiting: { for: ['on_call', 'operator'], reason, actions } });
  await callAboutDatabase(context, reason, actions);
  await condition(() => {
    const { restore_database: wanted, rollback, dismiss } = context.state.asked;
    return (
      (restore !== undefined && wanted !== undefined) ||
      rollback !== undefined ||
      (failing.serving && dismiss !== undefined)
    );
  });
  context.tell({ event: 'waiting_over' });
  const { restore_database: wanted, rollback, dismiss } = context.state.asked;
  if (restore && wanted) return { way: 'back', by: wanted.by, ...restore, ...orderOf(wanted) };
  if (rollback) return { way: 'back', by: rollback.by };
  return {
    way: 'stay',
    why: `kept by ${dismiss?.by ?? 'somebody'}: ${dismiss?.reason ?? 'no reason given'}`,
  };
}

const HOW_TO: Record<string, string> = {
  restore_database: 'windlass restore PRODUCT --comment WHY   restores the backup and goes back',
  rollback: 'windlass rollback PRODUCT                 goes back without restoring it',
  dismiss: 'windlass dismiss PRODUCT --comment WHY    keeps the version',
};

async function callAboutDatabase(
  context: DeploymentContext,
  reason: string,
  actions: string[],
): Promise<void> {
  const { input } = context;
  const ways = actions.map((action) => HOW_TO[action]?.replace('PRODUCT', input.product) ?? action);
  await callOnCall(context.activities, {
    product: input.product,
    releaseId: input.releaseId,
    id: `${input.releaseId}/migrations/${input.round}`,
    about: 'what becomes of the database?',
    subject: `${input.product} ${input.version} in ${input.environment.name}: going back needs a decision on the database`,
    text: `${reason}\n\n${ways.join('\n')}`,
  });
}
