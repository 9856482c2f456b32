import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandName } from '../../src/contracts/commands.ts';
import { INTERNAL_SIGNALS } from '../../src/contracts/internal-signals.ts';
import { deploymentWorkflowId, environmentWorkflowId } from '../../src/contracts/workflow-ids.ts';
import type { DeploymentInput, Steer } from '../../src/contracts/workflows.ts';
import type { RecordEvent } from '../../src/release/record/record-event.ts';
import { startTraffic } from '../examples/shop-environment.ts';
import { personWith } from '../support/fixture/demo.ts';
import { signAs } from '../support/fixture/requests.ts';
import { type ShippingWorld, startShippingWorld } from '../support/fixture/shipping-world.ts';

/** Each version brings a migration of its own along; whether 1.2.0 can live with it is what configuration says. */
describe('going back after a migration', () => {
  let world: ShippingWorld;

  beforeAll(async () => {
    world = await startShippingWorld();
  });

  afterAll(async () => {
    await world?.stop();
  });

  /** Good in production; `BREAKS` fails its smoke test there, before it has any traffic. */
  const GOOD = 'breaks-after-migration@staging';
  const BREAKS = 'breaks-after-migration';
  const incompatible: Partial<DeploymentInput> = { migrationsBackwardCompatible: false };
  const packWithMigration = async (version: string, fault: string) =>
    await world.pack(version, fault, `${version.replaceAll('.', '')}_more`);
  const describeBlueGreen = async (version: string, fault: string, more: Partial<DeploymentInput>) =>
    await world.describe(version, await packWithMigration(version, fault), {
      strategy: 'blue-green',
      monitoring: { level: 'standard', windowMs: 600_000, intervalMs: 1_000 },
      ...more,
    });
  const handleOf = (input: DeploymentInput) =>
    world.client.workflow.getHandle(
      deploymentWorkflowId(input.product, input.environment.name, input.releaseId, input.round),
    );
  const steer = async (input: DeploymentInput, what: Steer['what'], signed = true) => {
    const { name: person } = personWith(world.fixture, 'on_call');
    const reason = 'a test says so';
    const command = { name: what as CommandName, releaseId: input.releaseId, reason };
    await handleOf(input).signal(INTERNAL_SIGNALS.steer, {
      what,
      by: person,
      reason,
      verified: true,
      ...(signed ? { signed: signAs(world.fixture, 'on_call', command) } : {}),
    } satisfies Steer);
  };
  const untilWatched = async (input: DeploymentInput) =>
    await world.untilTold(
      input,
      'the window',
      (event) => event.event === 'step_started' && event.id === 'monitoring.window',
      90_000,
    );
  const untilAsked = async (input: DeploymentInput) => {
    const asks = (event: RecordEvent) =>
      event.event === 'waiting' && event.waiting.reason.includes('not backward compatible');
    const event = await world.untilTold(input, 'the question about the database', asks, 300_000);
    return event.event === 'waiting' ? event.waiting : undefined;
  };
  /** The scripts that changed production for this release, in order. */
  const changes = async (input: DeploymentInput) =>
    (await world.effects())
      .filter((key) => key.startsWith(`${input.releaseId}/`))
      .map((key) => key.split('/')[1]);
  const putCart = async (): Promise<string> => {
    const response = await fetch(`${world.productionUrl}/carts`, { method: 'POST' });
    return ((await response.json()) as { id: string }).id;
  };
  const hasCart = async (id: string) => (await fetch(`${world.productionUrl}/carts/${id}`)).status === 200;
  const shareOf = async (version: string) =>
    Object.values((await world.production()).slots).find((slot) => slot.version === version)?.percent;

  it('is one switch of the traffic where the version before can live with it, and loses nothing', async () => {
    const input = await describeBlueGreen('1.3.0', GOOD, {});
    const traffic = startTraffic(world.productionUrl, 2);
    await world.deploy(input);
    await untilWatched(input);
    const cart = await putCart();
    await steer(input, 'rollback');
    expect((await world.finished(input)).outcome).toBe('rolled_back');
    await world.untilWhole('1.2.0');
    expect((await traffic.stop()).failures).toEqual([]);
    expect(await changes(input)).toEqual(['backup', 'deploy', 'migrate', 'traffic', 'rollback']);
    expect(await hasCart(cart)).toBe(true);
  });

  it('waits for a signed word where it cannot; a restore loses what was written since, and says so before', async () => {
    const early = await putCart();
    const input = await describeBlueGreen('1.3.1', GOOD, incompatible);
    await world.deploy(input);
    await untilWatched(input);
    const late = await putCart();
    await steer(input, 'rollback');
    const asked = await untilAsked(input);
    expect(asked?.actions).toEqual(['restore_database', 'rollback', 'dismiss']);
    expect(asked?.reason).toMatch(/Restoring backup backup-\w+ loses every write since 20\d\d-/);
    await steer(input, 'restore_database', false);
    await world.untilTold(
      input,
      'the refusal',
      (event) => event.event === 'deployment_refused' && event.command === 'restore_database',
    );
    // Nothing was switched while people think.
    expect(await shareOf('1.3.1')).toBe(100);
    await steer(input, 'restore_database');
    expect((await world.finished(input)).outcome).toBe('rolled_back');
    await world.untilWhole('1.2.0');
    expect(await changes(input)).toEqual(['backup', 'deploy', 'migrate', 'traffic', 'rollback', 'restore']);
    expect([await hasCart(early), await hasCart(late)]).toEqual([true, false]);
  });

  it('asks before anything served, too; a person may go back without the restore', async () => {
    const input = await describeBlueGreen('1.3.2', BREAKS, incompatible);
    await world.deploy(input);
    const asked = await untilAsked(input);
    expect(asked?.actions).toEqual(['restore_database', 'rollback']);
    await steer(input, 'rollback');
    expect((await world.finished(input)).outcome).toBe('put_back');
    await world.untilWhole('1.2.0');
    expect(await changes(input)).toEqual(['backup', 'deploy', 'migrate', 'rollback']);
  });

  it('restores without asking where policy says always', async () => {
    const asking = await describeBlueGreen('1.3.3', BREAKS, incompatible);
    const input = { ...asking, environment: { ...asking.environment, restoreDatabase: 'always' as const } };
    await world.deploy(input);
    expect((await world.finished(input)).outcome).toBe('put_back');
    expect((await changes(input)).slice(-2)).toEqual(['rollback', 'restore']);
    await world.untilWhole('1.2.0');
  });

  it('does not happen when a person keeps the version', async () => {
    const input = await describeBlueGreen('1.3.4', GOOD, incompatible);
    await world.deploy(input);
    await untilWatched(input);
    await steer(input, 'rollback');
    await untilAsked(input);
    await steer(input, 'dismiss');
    const result = await world.finished(input);
    expect(result).toMatchObject({ outcome: 'deployed', monitoring: 'ended_early' });
    expect(result.reason).toContain('kept by ben: a test says so');
    await world.untilWhole('1.3.4');
  });

  it('waits for a person also when the deployment was terminated in the middle', async () => {
    const input = await world.describe('1.3.5', await packWithMigration('1.3.5', GOOD), {
      ...incompatible,
      strategy: 'canary',
      previous: { version: '1.3.4' },
    });
    const steps = [
      { percent: 10, soakMs: 600_000 },
      { percent: 100, soakMs: 0 },
    ];
    const slow = { ...input, environment: { ...input.environment, canary: { steps } } };
    await world.deploy(slow);
    await world.untilTold(
      slow,
      'the soak',
      (event) => event.event === 'step_started' && event.id === 'production.soak_10',
      90_000,
    );
    await handleOf(slow).terminate('a test presses Terminate');
    const environment = world.client.workflow.getHandle(environmentWorkflowId(world.product, 'production'));
    expect((await environment.describe()).status.name).toBe('RUNNING');
    const rollback = world.client.workflow.getHandle(`rollback/${world.product}/production`);
    const asks = async (): Promise<boolean> => {
      const progress = await rollback
        .query<{ failed?: string; waitsForRetry: boolean }>('status')
        .catch(() => undefined);
      return progress?.waitsForRetry === true && (progress.failed ?? '').includes('not backward compatible');
    };
    await expect.poll(asks, { timeout: 90_000 }).toBe(true);
    expect(await shareOf('1.3.5')).toBe(10);
    await rollback.signal('retry', {});
    await world.untilWhole('1.3.4');
  });
});
