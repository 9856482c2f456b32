import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { BARRIERS, type BarrierName, EFFECTS, type EffectName } from '../../../src/activities/effects.ts';
import { roleQueue, workflowQueue } from '../../../src/contracts/task-queues.ts';
import { type CrashRun, makeRun, type SharedServers } from '../crash-run.ts';
import { CASES } from '../effect-cases.ts';
import { findLeftovers } from '../finding/leftovers.ts';
import { compareWorlds, note, type Tally } from '../finding/tally.ts';
import { type KillableProcess, startWorkerProcess } from '../process/killable-process.ts';
import { waitUntil } from '../process/wait.ts';
import type { Template } from '../template.ts';

/** Where the workflows of single effects run: in this process, which nobody kills. */
export const CRASH_QUEUE = 'crash-workflows';

export interface SharedEnvironment {
  root: string;
  /** The `temporal` program, for servers that are killed. */
  binary: string;
  address: string;
  client: Client;
  template: Template;
  /** The file with the bundled workflow code. */
  workflows: string;
  servers: SharedServers;
  tally: Tally;
}

/** How the worker ends at a barrier: as by a power cut, or because somebody asks it to, as a new version does. */
type Ending = 'kill' | 'stop';

interface Trial {
  effect: EffectName;
  barrier: BarrierName | undefined;
  ending: Ending;
}

/** Effects at a time: each has a worker process of its own that dies. */
const AT_ONCE = 6;
/** Bounds that only a hang reaches: whole releases run beside. */
const LIMIT_MS = 300_000;

/** What each effect leaves when nothing disturbs it. */
export async function readUndisturbed(
  shared: SharedEnvironment,
  only: string | undefined,
): Promise<Map<EffectName, unknown>> {
  const expected = new Map<EffectName, unknown>();
  const effects = EFFECTS.filter((effect) => only === undefined || effect.includes(only));
  for (const group of groupsOf(effects, 11)) {
    const trials = group.map((effect) => ({ effect, barrier: undefined, ending: 'kill' as const }));
    await runGroup(shared, trials, expected);
  }
  return expected;
}

/** Every effect at every barrier, compared with the same effect undisturbed. `only` narrows it to names with a text. */
export async function testBarriers(
  shared: SharedEnvironment,
  expected: Map<EffectName, unknown>,
  only: string | undefined,
): Promise<void> {
  const effects = EFFECTS.filter((effect) => only === undefined || effect.includes(only));
  const endings: Ending[] = ['kill', 'stop'];
  const trials = effects.flatMap((effect) =>
    BARRIERS.flatMap((barrier) => endings.map((ending) => ({ effect, barrier, ending }))),
  );
  for (const group of groupsOf(trials, AT_ONCE)) await runGroup(shared, group, expected);
}

async function runGroup(
  shared: SharedEnvironment,
  trials: Trial[],
  expected: Map<EffectName, unknown>,
): Promise<void> {
  const startedAt = performance.now();
  const runs = await Promise.all(
    trials.map(async ({ effect, barrier, ending }) => {
      const { parts, branched } = CASES[effect];
      const id = barrier === undefined ? `${effect}-undisturbed` : `${effect}-${barrier}-${ending}`;
      const run = await makeRun({ ...shared, id, parts, branched });
      await CASES[effect].arrange?.(run);
      return run;
    }),
  );
  const environment = { temporary: join(shared.root, 'tmp') };
  const options = {
    address: shared.address,
    parts: ['release', 'support', 'devops'] as never,
    marks: shared.root,
  };
  const hostOf = (run: CrashRun) => ({ config: run.config, prefix: run.id });
  const disturbed = trials.some(({ barrier }) => barrier !== undefined);
  const killables = disturbed
    ? await Promise.all(
        runs.map((run, index) => {
          const { effect, barrier, ending } = trials[index] as Trial;
          const crashAt = [`${effect}:${barrier}:${ending}`];
          const parts = [CASES[effect].role];
          return startWorkerProcess({ ...options, parts, hosts: [hostOf(run)], crashAt }, environment);
        }),
      )
    : [];
  const handles = await Promise.all(runs.map((run, index) => perform(shared, run, trials[index]!.effect)));
  const deaths = await Promise.all(
    killables.map((killable, index) => awaitDeath(killable, (trials[index] as Trial).ending)),
  );
  const successor = await startWorkerProcess(
    { ...options, hosts: runs.map(hostOf), crashAt: [] },
    environment,
  );
  for (const [index, run] of runs.entries()) {
    const { effect, barrier, ending } = trials[index] as Trial;
    const name = barrier === undefined ? `${effect} undisturbed` : `${effect} ${barrier} ${ending}`;
    let problem: string | undefined = deaths[index];
    try {
      await within(LIMIT_MS, handles[index]!.result());
      const world = rename(run, await CASES[effect].look(run));
      if (barrier === undefined) expected.set(effect, world);
      else problem ??= compareWorlds(shared.tally, name, expected.get(effect), world);
    } catch (error) {
      shared.tally.losses.push(name);
      problem ??= describe(error);
      await handles[index]!.terminate().catch(() => undefined);
    }
    if (barrier !== undefined && problem === undefined) shared.tally.barriers.add(name);
    if (problem === undefined) shared.tally.effects.add(effect);
    note(shared.tally, name, startedAt, problem);
  }
  await successor.stop();
  const left = await findLeftovers(runs.map(({ folder }) => folder));
  shared.tally.leftovers.push(...left);
  await Promise.all(runs.map((run) => run.stop()));
}

/** Starts the workflow that does nothing but this effect. */
export async function perform(shared: SharedEnvironment, run: CrashRun, effect: EffectName) {
  const { role, activity, input } = CASES[effect];
  return await shared.client.workflow.start('performOne', {
    taskQueue: CRASH_QUEUE,
    workflowId: `crash/${run.id}`,
    args: [{ taskQueue: roleQueue(workflowQueue(run.id), role), activity, input: await input(run) }],
  });
}

async function awaitDeath(killable: KillableProcess, ending: Ending): Promise<string | undefined> {
  try {
    await waitUntil('the worker to end at its barrier', () => killable.isGone(), 600_000);
    const how = await killable.gone;
    // Who was asked to stop ends in order.
    return how === (ending === 'kill' ? 'SIGKILL' : '0')
      ? undefined
      : `the worker ended by ${how}, not at its barrier:\n${killable.output()}`;
  } catch (error) {
    killable.kill();
    return describe(error);
  }
}

/** The world with what differs from run to run by intention replaced. */
export function rename(run: CrashRun, world: unknown): unknown {
  const text = JSON.stringify(world) ?? 'null';
  const origin = run.github ? new URL(run.github.apiUrl).origin : undefined;
  return JSON.parse(
    [run.packageName, run.ociRepository, ...(origin ? [origin] : []), run.id].reduce(
      (renamed, name) => renamed.replaceAll(name, 'IT'),
      text,
    ),
  );
}

export function describe(error: unknown): string {
  const parts: string[] = [];
  for (let at: unknown = error; at instanceof Error && parts.length < 5; at = at.cause)
    parts.push(at.message);
  return parts.join(' <- ') || String(error);
}

export async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not end within ${limitMs / 1_000} s`)), limitMs);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function groupsOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  );
}

/** The folder that becomes every child's TMPDIR. */
export async function makeTemporaryFolder(root: string): Promise<void> {
  await mkdir(join(root, 'tmp'), { recursive: true });
  await mkdir(join(root, 'tmp-home'), { recursive: true });
}
