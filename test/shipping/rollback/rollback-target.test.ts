import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATUS_QUERY } from '../../../src/contracts/commands.ts';
import { environmentWorkflowId } from '../../../src/contracts/workflow-ids.ts';
import type { RollBackProductInput } from '../../../src/contracts/workflows.ts';
import type { ReleaseRecord } from '../../../src/release/record/record.ts';
import { startRollback } from '../../support/fixture/requests.ts';
import { type ShippingWorld, startShippingWorld } from '../../support/fixture/shipping-world.ts';
import { waitFor } from '../../support/server/temporal-server.ts';

/** A machine may be busy. */
const LIMIT_MS = 120_000;

/** Where production goes back to: what really ran there, one deployment after the other. */
describe('the version to go back to', { timeout: 300_000 }, () => {
  let world: ShippingWorld;

  beforeAll(async () => {
    world = await startShippingWorld();
  }, 300_000);

  afterAll(async () => {
    await world?.stop();
  });

  const ship = async (version: string, tag = true) => {
    const input = await world.describe(version, await world.pack(version), { strategy: 'blue-green' });
    const { monitoring: _none, ...bare } = input;
    await world.deploy(bare);
    const result = await world.finished(bare);
    expect(result.outcome, result.reason).toBe('deployed');
    if (tag) {
      execFileSync('git', ['--git-dir', world.folders.origin, 'tag', `v${version}`, world.commit]);
    }
  };
  const start = async (more: Partial<RollBackProductInput> = {}) =>
    await startRollback(world, { reason: 'orders are lost', ...more });
  const rollBack = async (more: Partial<RollBackProductInput> = {}) => {
    const handle = await start(more);
    const record = await waitFor(
      'the rollback',
      async () => {
        const now = await handle.query<ReleaseRecord>(STATUS_QUERY);
        if (now.waiting?.actions.includes('retry')) throw new Error(now.waiting.reason);
        return now.outcome === undefined ? undefined : now;
      },
      LIMIT_MS,
    );
    await handle.result();
    return record;
  };
  const production = async () => (await world.production()).version;

  it('is what ran before the first deployment', async () => {
    await ship('1.3.0');
    expect((await rollBack()).outcome).toBe('rolled_back');
    expect(await production()).toBe('1.2.0');
  });

  it('is not asked of a version that is gone already', async () => {
    const again = await rollBack({ bad: '1.3.0' });
    expect(again).toMatchObject({
      outcome: 'completed',
      ending: 'production runs 1.2.0, not 1.3.0: there is nothing to roll back',
    });
    expect(await production()).toBe('1.2.0');
  });

  it('is never one that was rolled back itself', async () => {
    await ship('1.3.1');
    await rollBack();
    // Not 1.3.0, the number below.
    expect(await production()).toBe('1.2.0');
  });

  it('is what ran before, not the number below', async () => {
    await ship('2.0.0');
    await ship('1.4.0');
    await rollBack();
    expect(await production()).toBe('2.0.0');
  });

  it('is found for a version that has no tag yet', async () => {
    await ship('2.1.0', false);
    const record = await rollBack();
    expect(record).toMatchObject({ outcome: 'rolled_back', plan: { version: '2.1.0', tag: 'v2.1.0' } });
    expect(await production()).toBe('2.0.0');
  });

  it('is asked for where nothing is known to have run before', async () => {
    await rollBack({ to: '1.2.0' });
    const handle = await start();
    const record = await waitFor(
      'the question',
      async () => {
        const now = await handle.query<ReleaseRecord>(STATUS_QUERY);
        return now.waiting?.actions.includes('retry') ? now : undefined;
      },
      LIMIT_MS,
    );
    expect(record.steps.find(({ id }) => id === 'readiness.target')?.failure).toMatchObject({
      what: expect.stringContaining('what ran in production'),
      changed: 'nothing',
      next: expect.stringContaining('--to'),
    });
    await handle.signal('abort', { person: 'ola', reason: 'enough' });
    expect(await handle.result()).toMatchObject({ outcome: 'aborted' });
    expect(await production()).toBe('1.2.0');
  });

  it('is reached as well when the lease was terminated: its generation goes on from where it was', async () => {
    const before = (await world.production()).generation;
    const lease = environmentWorkflowId(world.product, 'production');
    await world.client.workflow.getHandle(lease).terminate('tidying up');
    await ship('1.5.0');
    expect((await world.production()).generation).toBeGreaterThan(before);
  });

  it('may be further back, once a person has looked at the migrations in between', async () => {
    await ship('1.6.0');
    const handle = await start({ to: '1.2.0' });
    const record = await waitFor(
      'the question about the database',
      async () => {
        const now = await handle.query<ReleaseRecord>(STATUS_QUERY);
        return now.waiting?.actions.includes('retry') ? now : undefined;
      },
      LIMIT_MS,
    );
    const step = record.steps.find(({ id }) => id === 'production.database');
    expect(step?.failure?.what).toContain(
      'between 1.2.0 and 1.6.0 lie the migrations of 1.6.0, 1.5.0, 1.4.0, 1.3.1, 1.3.0',
    );
    expect(await production()).toBe('1.6.0');
    await handle.signal('retry', { person: 'ola' });
    expect(await handle.result()).toMatchObject({ outcome: 'rolled_back' });
    expect(await production()).toBe('1.2.0');
  });
});
