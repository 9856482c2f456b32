import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATUS_QUERY } from '../../../src/contracts/commands.ts';
import type { ReleaseRecord } from '../../../src/release/record/record.ts';
import { describeTimeline } from '../../../src/release/record/timeline/describe-event.ts';
import { commitToMain } from '../../support/fixture/greeter-world.ts';
import { startRollback } from '../../support/fixture/requests.ts';
import { type ShownWorld, startShownWorld } from '../../support/fixture/shown-world.ts';
import type { GitHubFake } from '../../support/host/github-fake.ts';

describe('a product whose deployments are shown on GitHub', { timeout: 300_000 }, () => {
  let github: GitHubFake;
  let world: ShownWorld;

  beforeAll(async () => {
    world = await startShownWorld();
    github = world.github;
  });

  afterAll(async () => {
    await world?.stop();
  });

  const shown = (environment: string) =>
    github.deployments
      .filter((one) => one.environment === environment)
      .map(({ description, statuses }) => [description, ...statuses.map(({ state }) => state)].join(' '));

  it('shows each deployment with its states and the address of the environment', async () => {
    await world.start();
    const record = await world.approveEverything();
    expect(record.outcome, record.ending).toBe('released');
    const version = record.plan?.version;
    for (const environment of ['staging', 'production']) {
      expect(shown(environment)).toEqual([`${world.product} ${version} queued in_progress success`]);
    }
    const [staging] = github.deployments;
    expect(staging).toMatchObject({ sha: record.commit, production_environment: false });
    expect(staging?.statuses.at(-1)?.environment_url).toBe('https://staging.example');
    expect(github.violations).toEqual([]);
  });

  it('releases all the same when GitHub refuses to show it, and says so in the record', async () => {
    const before = (await world.record()).plan?.version;
    commitToMain({ root: world.root, origin: github.repositoryPath }, ['feat: greet the whole world (#31)']);
    github.fail({
      on: /^POST .*\/deployments$/,
      answer: { status: 403, message: 'Resource not accessible' },
    });
    await world.start();
    const record = await world.approveEverything();
    expect(record.outcome, record.ending).toBe('released');
    const version = record.plan?.version;
    const notes = describeTimeline(record).filter(({ what }) => what.startsWith('the host does not show'));
    expect(notes.map(({ what }) => what)).toEqual([
      expect.stringContaining(`${version} is queued in staging`),
    ]);
    expect(shown('staging')).toEqual([
      `${world.product} ${before} queued in_progress success inactive`,
      `${world.product} ${version} in_progress success`,
    ]);
    expect(shown('production')[0]).toBe(`${world.product} ${before} queued in_progress success inactive`);
  });

  it('shows a rollback as a deployment of the version before, which ends the one that was taken back', async () => {
    const plan = (await world.record()).plan;
    const handle = await startRollback(world, { environment: 'production', reason: 'the greeting offends' });
    await handle.result();
    const record = await handle.query<ReleaseRecord>(STATUS_QUERY);
    expect(record.outcome, record.ending).toBe('rolled_back');
    expect(shown('production')).toEqual([
      `${world.product} ${plan?.previousVersion} queued in_progress success inactive`,
      `${world.product} ${plan?.version} queued in_progress success inactive`,
      `${world.product} ${plan?.previousVersion} in_progress success`,
    ]);
    expect(github.violations).toEqual([]);
  });
});
