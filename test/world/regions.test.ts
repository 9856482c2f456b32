import { afterEach, describe, expect, it } from 'vitest';
import { viewReleaseStatus } from '../../src/release/views/release-status.ts';
import { personWith } from '../support/fixture/demo.ts';
import { type RegionsWorld, startRegionsWorld } from '../support/fixture/regions-world.ts';

/** Two stages and two regions in two waves, each with its own processes, lease, canary and watch. */
describe('a release to several stages and regions', { timeout: 400_000 }, () => {
  let world: RegionsWorld | undefined;

  afterEach(async () => {
    await world?.stop();
    world = undefined;
  });

  it('goes through the stages in their order, then wave by wave, each watched by itself', async () => {
    world = await startRegionsWorld('roll_back');
    await world.start();
    const record = await world.approveEverything(250_000);
    expect(record.outcome, record.ending).toBe('released');
    expect(await world.running()).toEqual({
      dev: '1.3.0',
      staging: '1.3.0',
      production: '1.3.0',
      us: '1.3.0',
    });
    const ids = record.steps.map(({ id }) => id);
    const order = [
      'staging.deploy.dev',
      'staging.deploy.staging',
      'production.deploy.production',
      'monitoring.window.production',
      'production.deploy.us',
      'monitoring.window.us',
    ];
    expect(ids.filter((id) => order.includes(id))).toEqual(order);
    for (const name of ['production', 'us']) {
      expect(record.environments.find((one) => one.name === name)).toMatchObject({
        version: '1.3.0',
        share: 100,
        monitoring: { status: 'passed' },
      });
    }
    expect(viewReleaseStatus(record)).toMatchObject({
      status: 'deployed',
      deployment: { environment: 'production, us', status: 'success' },
    });
  });

  it('takes the first wave back when the second fails, where policy says so', async () => {
    world = await startRegionsWorld('roll_back');
    world.breakSecondRegion(true);
    await world.start();
    const record = await world.approveEverything(250_000);
    expect(record.outcome, record.ending).toBe('rolled_back');
    expect(record.ending).toMatch(/^us: .*; production went back too$/);
    expect(await world.running()).toMatchObject({ production: '1.2.0', us: '1.2.0' });
    expect(viewReleaseStatus(record).status).toBe('rolled_back');
  });

  it('stops where policy says so: the first wave stays, and what failed is tried again alone', async () => {
    world = await startRegionsWorld('stop');
    world.breakSecondRegion(true);
    await world.start();
    const ending = world.approveEverything(300_000);
    const asked = await world.until(
      'the question about the second wave',
      (now) => now.waiting?.actions.includes('rollback') === true,
      250_000,
    );
    expect(asked.waiting?.actions).toEqual(['retry', 'rollback', 'abort']);
    expect(await world.running()).toMatchObject({ production: '1.3.0', us: '1.2.0' });
    world.breakSecondRegion(false);
    await world.send('retry', personWith(world.fixture, 'operator'), { reason: 'mended' });
    const record = await ending;
    expect(record.outcome, record.ending).toBe('released');
    expect(await world.running()).toMatchObject({ production: '1.3.0', us: '1.3.0' });
    const attempts = (id: string) => record.steps.find((step) => step.id === id)?.attempts;
    expect(attempts('production.deployment.us')).toBe(2);
    expect(attempts('production.deployment.production')).toBe(1);
  });
});
