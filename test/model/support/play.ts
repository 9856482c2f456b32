import type { Client } from '@temporalio/client';
import type { CommandName } from '../../../src/contracts/commands.ts';
import { STATUS_QUERY } from '../../../src/contracts/commands.ts';
import {
  environmentWorkflowId,
  incidentWorkflowId,
  releaseWorkflowId,
  rollBackProductWorkflowId,
  rollbackWorkflowId,
} from '../../../src/contracts/workflow-ids.ts';
import { signCommand } from '../../../src/integrations/signing/signing.ts';
import type { IncidentRecord } from '../../../src/release/record/record.ts';
import { setTimeSkipping } from '../../support/server/time-skipping.ts';
import { checkEnd, checkHistories, checkRecord } from './invariants.ts';
import type { ModelWorkers } from './model-workers.ts';
import { type ModelWorld, SIGNING } from './model-world.ts';
import type { Move, Step } from './moves.ts';
import { type Flow, People } from './people.ts';
import type { ReplayHistory } from './replay-all.ts';

const pause = async (ms: number) => await new Promise((resolve) => setTimeout(resolve, ms));

/** Kind people get somewhere with whatever the others left at least this often: a limit for what hangs. */
const PATIENCE_MS = 180_000;

/** Plays a schedule on one world, holds the invariants after each step, and brings what is left to an end. */
export async function play(
  world: ModelWorld,
  steps: readonly Step[],
  { client, queue, workers }: { client: Client; queue: string; workers: ModelWorkers },
): Promise<ReplayHistory[]> {
  const people = new People(world, client, queue);
  const skipper = skipLooks(world, client);
  try {
    await people.startRelease();
    const first = await untilThere(people);
    people.stale = first;
    for (const step of steps) {
      const now = await people.lookAtRelease();
      await Promise.all(step.map((move) => make(move, people, now, workers)));
      people.stale = now ?? people.stale;
      await checkNow(people);
    }
    await finish(people);
    return await checkHistories(world, client);
  } finally {
    skipper.stop();
    await sweep(world, client);
  }
}

async function untilThere(people: People): Promise<Flow | undefined> {
  for (let tries = 0; tries < 100; tries++) {
    const flow = await people.lookAtRelease();
    if (flow) return flow;
    await pause(50);
  }
  return undefined;
}

/**
 * An environment looks every ten seconds whether the holder of its lease is still there: that wait is skipped. Nothing
 * else is, since the server of today tells a task that follows a skip another time than a replay of it.
 */
function skipLooks(world: ModelWorld, client: Client) {
  const timer = setInterval(() => {
    if (!world.hasLostHolder) return;
    const id = environmentWorkflowId(world.product, 'production');
    world.skipped.add(id);
    void setTimeSkipping(client, id, true, 2).catch(() => undefined);
  }, 2_000);
  return { stop: () => clearInterval(timer) };
}

async function make(move: Move, people: People, now: Flow | undefined, workers: ModelWorkers): Promise<void> {
  const { world, client } = people;
  switch (move.move) {
    case 'press':
      return await pressOne(move, people, now);
    case 'approve_all':
      if (now) await people.approveAll(now, move.validMs);
      return;
    case 'alert':
      return await people.alert(move.severity, move.key);
    case 'roles':
      if (move.loses) world.person(move.person).roles = [];
      else world.giveBackRoles();
      return;
    case 'freeze':
      declareFreeze(world, move.declared);
      return;
    case 'fault':
      world.faults.set(move.at, move.kind);
      return;
    case 'sick':
      world.sick = move.sick;
      return;
    case 'terminate':
      return await terminate(world, client, move.what);
    case 'worker_dies':
      return await workers.dieAndRestart();
    case 'roll_back_product':
      return await people.rollBackProduct();
    case 'wait':
      await pause(move.ms);
  }
}

async function pressOne(
  { person, command, stale, twice, severity }: Extract<Move, { move: 'press' }>,
  people: People,
  now: Flow | undefined,
): Promise<void> {
  const flow = stale ? people.stale : now;
  if (!flow) return;
  if (command === 'approve' || command === 'reject') {
    await people.decide(flow, person, command);
    return;
  }
  const about = {
    ...(command === 'incident' ? { severity } : {}),
    ...(command === 'extend_monitoring' ? { extendMs: 2_000 } : {}),
  };
  const refused = await people.press(flow, person, command, { twice, ...about });
  people.world.check(refused !== '', `the API refuses ${command} without a word`);
}

function declareFreeze(world: ModelWorld, declared: boolean): void {
  const production = world.settings.environments[0]!;
  const day = 86_400_000;
  const local = (ms: number) => new Date(ms).toISOString().slice(0, 16);
  const freeze = {
    name: 'stocktaking',
    timeZone: 'UTC',
    from: local(Date.now() - day),
    until: local(Date.now() + day),
  };
  production.freezes = declared ? [freeze] : [];
}

async function terminate(
  world: ModelWorld,
  client: Client,
  what: Extract<Move, { move: 'terminate' }>['what'],
): Promise<void> {
  const ids = {
    release: [releaseWorkflowId(world.product)],
    rollback: [rollbackWorkflowId(world.product, 'production')],
    deployment: [...world.seen].filter((id) => id.startsWith('deployment/')).slice(-1),
    monitoring: [...world.seen]
      .filter((id) => id.startsWith('deployment/'))
      .slice(-1)
      .map((id) => `${id.replace('deployment/', 'monitoring/')}/window/1`),
  }[what];
  for (const id of ids) {
    await client.workflow
      .getHandle(id)
      .terminate('the model')
      .catch(() => undefined);
  }
  world.hasLostHolder ||= what === 'deployment' || what === 'rollback';
}

async function checkNow(people: People): Promise<void> {
  for (const id of [releaseWorkflowId, rollBackProductWorkflowId]) {
    const flow = await people.look(id(people.world.product));
    if (flow) checkRecord(people.world, flow.record);
  }
}

/** Kind people mend what is broken, answer what is asked, and everything comes to its end: there is always a way on. */
async function finish(people: People): Promise<void> {
  const { world, client } = people;
  world.giveBackRoles();
  world.faults.clear();
  world.sick = false;
  declareFreeze(world, false);
  let open = await listOpen(world, client);
  let stood = '';
  let movedAt = Date.now();
  while (open.length > 0 && Date.now() - movedAt < PATIENCE_MS) {
    for (const id of open) await answer(people, id);
    await pause(200);
    open = await listOpen(world, client);
    const stands = await describeProgress(people, open);
    if (stands !== stood) movedAt = Date.now();
    stood = stands;
  }
  const said = await Promise.all(open.map((id) => describe(people, id)));
  world.check(open.length === 0, `there is no way on: ${said.join('; ')}`);
  const release = await people.lookAtRelease();
  const rollback = await people.look(rollBackProductWorkflowId(world.product));
  if (release && open.length === 0) {
    checkRecord(world, release.record);
    const tookBack = rollback?.record.plan?.version === release.record.plan?.version;
    if (release.record.outcome !== undefined) checkEnd(world, release.record, !(rollback && tookBack));
  }
  if (rollback && open.length === 0) checkRecord(world, rollback.record);
}

/** What changes when a flow gets on; what people press and are refused is no part of it. */
async function describeProgress(people: People, open: readonly string[]): Promise<string> {
  const records = await Promise.all(open.map(async (id) => (await people.look(id))?.record));
  const parts = records.map((record) => {
    if (!Array.isArray(record?.steps)) return undefined;
    const { phase, round, waiting, steps, approvals, incidents, monitoring } = record;
    return [phase, round, waiting?.since, steps, approvals, incidents, monitoring?.observedMs];
  });
  return JSON.stringify([open, parts]);
}

/** Where a flow stands, for whoever looks for the reason. */
async function describe(people: People, id: string): Promise<string> {
  const record = (await people.look(id))?.record;
  if (!Array.isArray(record?.steps)) return id;
  const { phase, waiting, held, steps, monitoring, timeline } = record;
  const running = steps.filter(({ status }) => status === 'running').map((step) => step.id);
  const last = timeline.slice(-6).map(({ event, data }) => `${event} ${JSON.stringify(data).slice(0, 200)}`);
  return `${id} ${JSON.stringify({ phase, waiting, held, running, monitoring: monitoring?.reason, last })}`;
}

async function listOpen(world: ModelWorld, client: Client): Promise<string[]> {
  const ids = [
    releaseWorkflowId(world.product),
    rollBackProductWorkflowId(world.product),
    incidentWorkflowId(world.product),
    rollbackWorkflowId(world.product, 'production'),
    ...[...world.seen].filter((id) => id.startsWith('deployment/')),
  ];
  const open: string[] = [];
  for (const id of ids) {
    const about = await client.workflow
      .getHandle(id)
      .describe()
      .catch(() => undefined);
    if (about?.status.name === 'RUNNING') open.push(id);
  }
  return open;
}

/** What a kind person does about something that is still open. */
async function answer(people: People, id: string): Promise<void> {
  const { world, client } = people;
  if (id.startsWith('incident/')) return await dismissAll(people, id);
  if (id === rollbackWorkflowId(world.product, 'production')) {
    await client.workflow
      .getHandle(id)
      .signal('retry', { person: 'ben' })
      .catch(() => undefined);
    return;
  }
  const flow = id.startsWith('deployment/') ? undefined : await people.look(id);
  if (!flow) return;
  const { record } = flow;
  if (record.held) {
    await people.press(flow, 'cleo', 'resume');
    return;
  }
  await people.approveAll(flow);
  const actions = record.waiting?.actions ?? [];
  const kind = (['retry', 'dismiss', 'skip', 'rollback', 'abort'] as CommandName[]).find((one) =>
    actions.includes(one),
  );
  if (kind === undefined || actions.includes('approve')) return;
  const incidentId = record.incidents.find(({ resolution }) => resolution === undefined)?.id;
  const about = kind === 'dismiss' && incidentId !== undefined ? { incidentId } : {};
  await people.press(flow, 'ben', kind, about);
}

async function dismissAll({ world, client }: People, id: string): Promise<void> {
  const handle = client.workflow.getHandle(id);
  const incidents = await handle.query<IncidentRecord[]>(STATUS_QUERY).catch(() => []);
  for (const { id: incidentId, resolution } of incidents) {
    if (resolution !== undefined) continue;
    const now = Date.now();
    const signed = signCommand(
      {
        nonce: `${incidentId}/${now}`,
        name: 'dismiss',
        product: world.product,
        releaseId: id,
        person: 'ben',
        reason: 'harmless',
        incidentId,
        issuedAt: new Date(now).toISOString(),
        validUntil: new Date(now + 60_000).toISOString(),
      },
      SIGNING,
    );
    await handle.signal('dismiss', signed).catch(() => undefined);
  }
}

/** Ends what lives on for good: the environment's lock, post-mortems. */
async function sweep(world: ModelWorld, client: Client): Promise<void> {
  const query = `ExecutionStatus = 'Running' AND WorkflowId STARTS_WITH 'post-mortem/${world.product}'`;
  const ids = [environmentWorkflowId(world.product, 'production'), incidentWorkflowId(world.product)];
  for await (const one of client.workflow.list({ query })) ids.push(one.workflowId);
  for (const id of ids) {
    await client.workflow
      .getHandle(id)
      .terminate('the schedule is over')
      .catch(() => undefined);
  }
}
