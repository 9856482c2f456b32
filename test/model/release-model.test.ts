import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { WorkflowBundle } from '@temporalio/worker';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWorkflowBundle } from '../support/fixture/made-once.ts';
import { connectTestClient, makeUniqueName, readSharedTemporal } from '../support/server/temporal-server.ts';
import { type ModelWorkers, startModelWorkers } from './support/model-workers.ts';
import { ModelWorld } from './support/model-world.ts';
import { type Step, schedule } from './support/moves.ts';
import { play } from './support/play.ts';
import { type ReplayHistory, replayAll } from './support/replay-all.ts';

const option = (name: string, otherwise: number) =>
  Number(process.env[`WINDLASS_MODEL_${name}`] ?? otherwise);

/** `npm run test:model -- --schedules 5000 --seed 7`; `--only 17` plays the seed's 17th alone. */
const SCHEDULES = option('SCHEDULES', 60);
const SEED = option('SEED', 20_261_127);
const ONLY = option('ONLY', -1);
/** Histories are replayed in so large heaps: a worker for it costs a second. */
const REPLAYED_TOGETHER = 300;
/** Most of a schedule is waiting: so many are played at the same time, each in a world of its own. */
const AT_ONCE = option('AT_ONCE', 8);

/**
 * Random people, alerts, edits, terminations, expiries and deaths of workers against the real workflows on the real
 * server. What lies outside of Windlass is a model with a memory, behind the real policy point.
 */
describe('releases, whatever people and machines do', { timeout: 24 * 3_600_000 }, () => {
  const worlds = new Map<string, ModelWorld>();
  const queue = makeUniqueName('model');
  const folder = mkdtempSync(join(tmpdir(), 'windlass-model-'));
  let connected: { client: Client; close(): Promise<void> };
  let bundle: WorkflowBundle;
  let workers: ModelWorkers;

  beforeAll(async () => {
    connected = await connectTestClient();
    bundle = await readWorkflowBundle();
    const { address } = readSharedTemporal();
    workers = await startModelWorkers({ address, client: connected.client, bundle, queue, worlds });
  });

  afterAll(async () => {
    await workers?.stop();
    await connected?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('hold what must hold, and always have a way on', async () => {
    const schedules = fc.sample(schedule, { seed: SEED, numRuns: SCHEDULES });
    const waiting = schedules.map((steps, at) => ({ steps, at })).filter(({ at }) => ONLY < 0 || at === ONLY);
    const sum = { played: 0, steps: 0, checked: 0, skewed: 0, violations: 0 };
    const failed: string[] = [];
    const say = () =>
      console.log(
        `model: seed ${SEED}, ${sum.played} schedules, ${sum.steps} steps, ${sum.checked} invariants checked, ${sum.violations} violations`,
      );
    const tell = (at: number, violations: readonly string[]) => {
      if (violations.length === 0) return;
      sum.violations += violations.length;
      failed.push(describeFailed(at, schedules[at] ?? [], violations));
      console.log(failed.at(-1));
    };
    const playNext = async (histories: Played[]): Promise<void> => {
      const next = waiting.shift();
      if (!next) return;
      const world = new ModelWorld(`${queue}-${next.at}`, folder);
      worlds.set(world.product, world);
      try {
        const left = await play(world, next.steps, { client: connected.client, queue, workers });
        histories.push(...left.map((one) => ({ ...one, at: next.at, skipped: world.skipped })));
      } catch (error) {
        world.violations.push(`it could not be played: ${String(error)}`);
      }
      worlds.delete(world.product);
      sum.played += 1;
      sum.steps += next.steps.length;
      sum.checked += world.checked;
      tell(next.at, world.violations);
      if (histories.length < REPLAYED_TOGETHER) await playNext(histories);
    };
    while (waiting.length > 0) {
      const histories: Played[] = [];
      await Promise.all(Array.from({ length: AT_ONCE }, async () => await playNext(histories)));
      const differed = await replayAll(bundle, histories);
      sum.checked += histories.length;
      for (const { workflowId, at, skipped } of histories) {
        const why = differed.get(workflowId);
        if (why === undefined) continue;
        // The server tells a task that follows a skip, and also carries a signal, another time than its replay.
        if (skipped.has(workflowId)) sum.skewed += 1;
        else tell(at, [`${workflowId}: its replay differs: ${why}`]);
      }
      say();
    }
    if (sum.skewed > 0)
      console.log(`model: ${sum.skewed} replays differed by the server's skipped time only`);
    expect(failed.join('\n\n')).toBe('');
    expect(sum.checked).toBeGreaterThan(sum.steps);
  });
});

/** The history of one workflow of a schedule. */
interface Played extends ReplayHistory {
  /** The schedule's number. */
  at: number;
  /** Workflows of it whose time was skipped. */
  skipped: ReadonlySet<string>;
}

function describeFailed(at: number, steps: readonly Step[], violations: readonly string[]): string {
  const again = `npm run test:model -- --seed ${SEED} --schedules ${SCHEDULES} --only ${at}`;
  const lines = [...new Set(violations)].map((one) => `  ${one}`);
  return [`schedule ${at} (${again}):`, ...lines, ...steps.map((step) => `    ${JSON.stringify(step)}`)].join(
    '\n',
  );
}
