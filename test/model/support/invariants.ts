import type { Client } from '@temporalio/client';
import {
  environmentWorkflowId,
  incidentWorkflowId,
  releaseWorkflowId,
  rollBackProductWorkflowId,
  rollbackWorkflowId,
} from '../../../src/contracts/workflow-ids.ts';
import type { ReleaseRecord } from '../../../src/release/record/record.ts';
import type { ModelWorld } from './model-world.ts';
import type { ReplayHistory } from './replay-all.ts';

/** Half of what Temporal takes of one run: 51,200 events and 50 MiB, 10,000 signals. */
const HALF_EVENTS = 25_600;
const HALF_BYTES = 25 * 1_024 * 1_024;
const RECORD_BYTES = 256 * 1_024;

/** What must hold of a record wherever it stands. */
export function checkRecord(world: ModelWorld, record: ReleaseRecord): void {
  const id = record.releaseId;
  const silent = record.refusals.filter(({ reason }) => reason.trim() === '');
  world.check(silent.length === 0, `${id}: a refusal without a reason: ${JSON.stringify(silent)}`);
  world.check(record.refusalCount >= record.refusals.length, `${id}: refusals are lost`);
  world.check(JSON.stringify(record).length < RECORD_BYTES, `${id}: the record is larger than 256 KiB`);
  const { waiting } = record;
  const stuck = waiting?.for.includes('operator') === true && waiting.actions.length === 0;
  world.check(!stuck, `${id}: waits for people who can do nothing: ${JSON.stringify(waiting)}`);
  const failed = record.steps.filter(({ failure }) => failure !== undefined && failure.what.trim() === '');
  world.check(failed.length === 0, `${id}: a failure that says nothing`);
  if (record.endedAt === undefined) return;
  world.check(record.waiting === undefined, `${id}: it has ended and waits`);
  world.check((record.ending ?? '').trim() !== '', `${id}: it has ended without a word`);
}

/** What must hold when nothing changes any more. */
export function checkEnd(world: ModelWorld, record: ReleaseRecord, isLast: boolean): void {
  const { outcome, plan, releaseId } = record;
  const version = plan?.version;
  if (version === undefined) return;
  const where = `${releaseId} (${outcome}): production runs ${world.runs}`;
  const production = record.environments.find(({ name }) => name === 'production');
  if (isLast && production?.share === 100) {
    world.check(world.runs === production.version, `${where}, the record says ${production.version}`);
  }
  if (outcome === 'released') {
    world.check(world.tags.get(version) === record.commit, `${where}: ${version} has no tag of its commit`);
    if (isLast) world.check(world.runs === version, `${where}, and ${version} was released`);
    if (isLast) world.check(world.latest === version, `${where}: latest is ${world.latest}`);
    world.check(world.published.get(version) === releaseId, `${where}: ${version} is not published by it`);
  }
  if (outcome === 'aborted' || outcome === 'rolled_back') {
    world.check(world.runs !== version, `${where}, and ${version} was ${outcome}`);
    if (outcome === 'aborted') world.check(!world.tags.has(version), `${where}: it was aborted and tagged`);
    world.check(world.latest !== version, `${where}: everybody is offered ${version}`);
  }
}

/** No history comes near a limit, and no workflow fails as one. @returns them, to be replayed */
export async function checkHistories(world: ModelWorld, client: Client): Promise<ReplayHistory[]> {
  const { product } = world;
  const ids = new Set([
    ...[releaseWorkflowId, rollBackProductWorkflowId, incidentWorkflowId].map((nameOf) => nameOf(product)),
    environmentWorkflowId(product, 'production'),
    rollbackWorkflowId(product, 'production'),
    ...world.seen,
  ]);
  const histories: ReplayHistory[] = [];
  for (const workflowId of ids) {
    const handle = client.workflow.getHandle(workflowId);
    const about = await handle.describe().catch(() => undefined);
    if (!about) continue;
    world.check(about.historyLength < HALF_EVENTS, `${workflowId}: ${about.historyLength} events`);
    world.check((about.historySize ?? 0) < HALF_BYTES, `${workflowId}: ${about.historySize} bytes`);
    world.check(about.status.name !== 'FAILED', `${workflowId} has failed as a workflow`);
    histories.push({ workflowId, history: await handle.fetchHistory() });
  }
  return histories;
}
