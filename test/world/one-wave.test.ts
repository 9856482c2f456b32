import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATUS_QUERY } from '../../src/contracts/commands.ts';
import { environmentWorkflowId } from '../../src/contracts/workflow-ids.ts';
import type { EnvironmentState } from '../../src/contracts/workflows.ts';
import type { ReleaseRecord } from '../../src/release/record/record.ts';
import { describeTimeline } from '../../src/release/record/timeline/describe-event.ts';
import { createFileEnvironments, type FileEnvironments } from '../support/environment/file-environments.ts';
import { personWith } from '../support/fixture/demo.ts';
import { commitToMain, type GreeterWorld, startGreeterWorld } from '../support/fixture/greeter-world.ts';
import { startRollback } from '../support/fixture/requests.ts';
import { waitFor } from '../support/server/temporal-server.ts';

const REGIONS = ['eu', 'us'] as const;

/** Two regions that are reached at the same time, and what becomes of one alone. Each test goes on where the last ended. */
describe('a product with two regions in one wave', () => {
  let world: GreeterWorld;
  let regions: FileEnvironments;

  beforeAll(async () => {
    world = await startGreeterWorld((product) => {
      regions = createFileEnvironments(String(product['repository']), ['staging', ...REGIONS]);
      product['release'] = { deployment_strategy: 'rolling' };
      product['environments'] = regions.describe((name) =>
        name === 'staging' ? {} : { kind: 'production', wave: 1 },
      );
    });
    for (const name of ['staging', ...REGIONS]) regions.put(name, '1.0.0');
  });

  afterAll(async () => {
    await world?.stop();
  });

  const running = () => Object.fromEntries(REGIONS.map((name) => [name, regions.running(name)]));
  const holders = async () =>
    await Promise.all(
      REGIONS.map(async (name) => {
        const handle = world.client.workflow.getHandle(environmentWorkflowId(world.product, name));
        return (await handle.query<EnvironmentState>(STATUS_QUERY)).holder?.holder ?? '';
      }),
    );
  const latest = async () => {
    const document = (await (await fetch(`${world.npm.url}@windlass-example%2fgreeter`)).json()) as {
      'dist-tags': Record<string, string>;
    };
    return document['dist-tags']['latest'];
  };
  /** Holds both regions, and says when each has begun. */
  const begin = async (version: string) => {
    for (const name of REGIONS) regions.hold(name);
    await world.start();
    const ending = world.approveEverything(200_000);
    await waitFor('both regions to be changing', async () =>
      REGIONS.every((name) => regions.began(name, 'deploy', version)),
    );
    return { ending };
  };
  const release = async (version: string, paragraphs: string[]) => {
    commitToMain(world, paragraphs);
    await world.start();
    const record = await world.approveEverything(200_000);
    expect(record.outcome, record.ending).toBe('released');
    expect(running()).toEqual({ eu: version, us: version });
  };
  const rollBack = async (wanted: { environment?: string; bad?: string } = {}) => {
    const handle = await startRollback(world, { reason: 'orders are slow', ...wanted });
    await handle.result();
    return await handle.query<ReleaseRecord>(STATUS_QUERY);
  };

  it('changes both at the same time, each under a lease of its own', async () => {
    const { ending } = await begin('1.1.0');
    expect(running()).toEqual({ eu: '1.0.0', us: '1.0.0' });
    const held = await holders();
    expect(held).toEqual(REGIONS.map((name) => expect.stringMatching(new RegExp(`deployment/.*${name}`))));
    expect(new Set(held).size).toBe(2);
    for (const name of REGIONS) regions.letGo(name);
    const record = await ending;
    expect(record.outcome, record.ending).toBe('released');
    expect(running()).toEqual({ eu: '1.1.0', us: '1.1.0' });
    expect(await latest()).toBe('1.1.0');
    expect(await holders()).toEqual(['', '']);
  });

  it('puts the one back that is on its way when the other fails, and does both again on retry', async () => {
    commitToMain(world, ['feat: greet the moon']);
    regions.breakVersion('us', '1.2.0');
    const { ending } = await begin('1.2.0');
    // The one that fails ends first, so that the other is caught in the middle of its change.
    regions.letGo('us');
    await world.until('us to have failed', (now) =>
      now.steps.some(({ id, status }) => id === 'production.deployment.us' && status === 'failed'),
    );
    regions.letGo('eu');
    const asked = await world.until(
      'the question',
      (now) => now.waiting?.actions.includes('retry') === true && now.waiting.reason.includes('us'),
    );
    expect(running()).toEqual({ eu: '1.1.0', us: '1.1.0' });
    expect(asked.waiting?.actions).toEqual(['retry', 'abort']);
    regions.breakVersion('us');
    await world.send('retry', personWith(world.fixture, 'operator'), { reason: 'mended' });
    const record = await ending;
    expect(record.outcome, record.ending).toBe('released');
    expect(running()).toEqual({ eu: '1.2.0', us: '1.2.0' });
  });

  it('takes one region back alone: the other, and what is published, stay', async () => {
    const record = await rollBack({ environment: 'us' });
    expect(record.outcome, record.ending).toBe('completed');
    expect(record.ending).toBe('orders are slow; us runs 1.1.0 again');
    expect(record.remains).toEqual(['not touched: eu; 1.2.0 stays published']);
    expect(running()).toEqual({ eu: '1.2.0', us: '1.1.0' });
    expect(await latest()).toBe('1.2.0');
    expect(await holders()).toEqual(['', '']);
  });

  it('takes back what still runs it when one region went back by itself before', async () => {
    // The first that is looked at runs the version before already: that one is not the one that is to go.
    const record = await rollBack();
    expect(record.outcome, record.ending).toBe('rolled_back');
    expect(record.plan?.version).toBe('1.2.0');
    expect(running()).toEqual({ eu: '1.1.0', us: '1.1.0' });
    expect(describeTimeline(record).map(({ what }) => what)).toContain('us runs 1.1.0: it is left as it is');
    expect(await latest()).toBe('1.1.0');
  });

  it('takes each region back to what ran there before, and offers the newest of these', async () => {
    await release('1.3.0', ['feat: greet the sun']);
    expect((await rollBack({ environment: 'us' })).ending).toBe('orders are slow; us runs 1.1.0 again');
    await release('1.4.0', ['feat: greet the stars']);
    const record = await rollBack();
    expect(record.outcome, record.ending).toBe('rolled_back');
    expect(record.ending).toBe('orders are slow; us runs 1.1.0 again, eu runs 1.3.0 again');
    expect(running()).toEqual({ eu: '1.3.0', us: '1.1.0' });
    expect(await latest()).toBe('1.3.0');
  });
});
