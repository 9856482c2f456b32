import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { BARRIERS, type BarrierName, EFFECTS, type EffectName } from '../../../src/activities/effects.ts';
import { roleQueue, workflowQueue } from '../../../src/contracts/task-queues.ts';
import { type CrashRun, makeRun, type SharedServers } from '../crash-run.ts';
import { CASES, type EffectCase } from '../effect-cases.ts';
import { findLeftovers } from '../finding/leftovers.ts';
import { compareWorlds, note, type Tally } from '../finding/tally.ts';
import { HOST_CASES } from '../host-cases.ts';
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

/** An effect by its name, or as another host makes it: `gitlab/issue`. */
type CaseName = string;

const ALL_CASES = new Map<CaseName, EffectCase & { effect: EffectName }>([
  ...EFFECTS.map((effect) => [effect, { ...CASES[effect], effect }] as const),
  ...Object.entries(HOST_CASES).flatMap(([host, cases]) =>
    Object.entries(cases).map(
      ([effect, one]) => [`${host}/${effect}`, { ...one, effect: effect as EffectName }] as const,
    ),
  ),
]);

interface Trial {
  of: CaseName;
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
): Promise<Map<CaseName, unknown>> {
  const expected = new Map<CaseName, unknown>();
  for (const group of groupsOf(namesWith(only), 11)) {
    const trials = group.map((of) => ({ of, barrier: undefined, ending: 'kill' as const }));
    await runGroup(shared, trials, expected);
  }
  return expected;
}

/** Every effect at every barrier, compared with the same effect undisturbed. `only` narrows it to names with a text. */
export async function testBarriers(
  shared: SharedEnvironment,
  expected: Map<CaseName, unknown>,
  only: string | undefined,
): Promise<void> {
  const endings: Ending[] = ['kill', 'stop'];
  const trials = namesWith(only).flatMap((of) =>
    BARRIERS.flatMap((barrier) => endings.map((ending) => ({ of, barrier, ending }))),
  );
  for (const group of groupsOf(trials, AT_ONCE)) await runGroup(shared, group, expected);
}

function namesWith(only: string | undefined): CaseName[] {
  return [...ALL_CASES.keys()].filter((name) => only === undefined || name.includes(only));
}

async function runGroup(
  shared: SharedEnvironment,
  trials: Trial[],
  expected: Map<CaseName, unknown>,
): Promise<void> {
  const startedAt = performance.now();
  const runs = await Promise.all(
    trials.map(async ({ of, barrier, ending }) => {
      const { parts, branched, arrange } = caseOf(of);
      const name = of.replace('/', '-');
      const id = barrier === undefined ? `${name}-undisturbed` : `${name}-${barrier}-${ending}`;
      const run = await makeRun({ ...shared, id, parts, branched });
      await arrange?.(run);
      return run;
    }),
  );
  const environment = { temporary: join(shared.root, 'tmp') };
  const options = {
    address: shared.address,
    parts: ['release', 'support', 'devops'] as never,
  };
  const hostOf = (run: CrashRun) => ({ config: run.config, prefix: run.id });
  const disturbed = trials.some(({ barrier }) => barrier !== undefined);
  const killables = disturbed
    ? await Promise.all(
        runs.map((run, index) => {
          const { of, barrier, ending } = trials[index] as Trial;
          const { effect, role } = caseOf(of);
          const crashAt = [`${effect}:${barrier}:${ending}`];
          const parts = [role];
          // Of its own: the same effect dies again as another host makes it.
          const marks = run.folder;
          return startWorkerProcess({ ...options, parts, marks, hosts: [hostOf(run)], crashAt }, environment);
        }),
      )
    : [];
  const handles = await Promise.all(
    runs.map((run, index) => performCase(shared, run, caseOf(trials[index]!.of))),
  );
  const deaths = await Promise.all(
    killables.map((killable, index) => awaitDeath(killable, (trials[index] as Trial).ending)),
  );
  const successor = await startWorkerProcess(
    { ...options, marks: shared.root, hosts: runs.map(hostOf), crashAt: [] },
    environment,
  );
  for (const [index, run] of runs.entries()) {
    const { of, barrier, ending } = trials[index] as Trial;
    const name = barrier === undefined ? `${of} undisturbed` : `${of} ${barrier} ${ending}`;
    let problem: string | undefined = deaths[index];
    try {
      await within(LIMIT_MS, handles[index]!.result());
      const world = rename(run, await caseOf(of).look(run));
      if (barrier === undefined) expected.set(of, world);
      else problem ??= compareWorlds(shared.tally, name, expected.get(of), world);
    } catch (error) {
      shared.tally.losses.push(name);
      problem ??= describe(error);
      await handles[index]!.terminate().catch(() => undefined);
    }
    if (barrier !== undefined && problem === undefined) shared.tally.barriers.add(name);
    if (problem === undefined) shared.tally.effects.add(of);
    note(shared.tally, name, startedAt, problem);
  }
  await successor.stop();
  const left = await findLeftovers(runs.map(({ folder }) => folder));
  shared.tally.leftovers.push(...left);
  await Promise.all(runs.map((run) => run.stop()));
}

/** Starts the workflow that does nothing but this effect. */
export async function perform(shared: SharedEnvironment, run: CrashRun, effect: EffectName) {
  return await performCase(shared, run, CASES[effect]);
}

async function performCase(shared: SharedEnvironment, run: CrashRun, { role, activity, input }: EffectCase) {
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
  const origin = run.host ? new URL(run.host.apiUrl).origin : undefined;
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

function caseOf(name: CaseName): EffectCase & { effect: EffectName } {
  const found = ALL_CASES.get(name);
  if (!found) throw new Error(`there is no case ${name}`);
  return found;
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
