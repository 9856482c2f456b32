import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeTimeline } from '../../src/release/record/timeline/describe-event.ts';
import { personWith } from '../support/fixture/demo.ts';
import {
  type ReleaseWorld,
  startReleaseWorld,
  versionInProduction,
} from '../support/fixture/release-world.ts';

describe('a release that is held while it deploys to production', () => {
  let world: ReleaseWorld;

  beforeAll(async () => {
    world = await startReleaseWorld({ keepsLedger: true });
  });

  afterAll(async () => {
    await world?.stop();
  });

  it('stops between two steps, with the old version in charge, and goes on when somebody resumes it', async () => {
    const operator = personWith(world.fixture, 'operator');
    await world.start();
    const ended = world.approveEverything(600_000);
    await world.until('production', (record) =>
      record.steps.some((step) => step.id.startsWith('production.')),
    );
    await world.send('hold', operator, { reason: 'a colleague saw something' });
    const held = await world.until('the deployment to stop', (record) =>
      describeTimeline(record).some((entry) => entry.what.includes('the deployment to production is held')),
    );
    expect(held.held).toMatchObject({ by: operator.name, reason: 'a colleague saw something' });
    const running = held.steps.filter((step) => step.phase === 'production' && step.status === 'running');
    expect(running.map((step) => step.id)).toEqual(['production.deployment']);
    expect(held.steps.filter((step) => step.phase === 'monitoring')).toEqual([]);
    expect(await versionInProduction(world)).toBe('1.2.0');

    // Nobody may let it go on by a bare signal: going on is not the safe direction.
    await world.handle().signal('resume', { person: 'mallory' });
    const refused = await world.until('the refusal', (record) => record.refusalCount > 0);
    expect(refused.refusals[0]?.reason).toContain('must come through the API');
    expect(refused.held).toBeDefined();

    await world.send('resume', operator);
    const record = await ended;
    expect(record.outcome).toBe('released');
    expect(record.held).toBeUndefined();
    expect(await versionInProduction(world)).toBe('1.3.0');
  });
});
