import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { STATUS_QUERY } from '../../src/contracts/commands.ts';
import { workflowQueue } from '../../src/contracts/task-queues.ts';
import { deployVersionWorkflowId, WORKFLOW_TYPES } from '../../src/contracts/workflow-ids.ts';
import type { DeployVersionInput, ReleaseResult } from '../../src/contracts/workflows.ts';
import type { ReleaseRecord } from '../../src/release/record/record.ts';
import type { EnvironmentSettings, PersonRole } from '../../src/release/settings.ts';
import { personWith } from '../support/fixture/demo.ts';
import { requestOf, signAs } from '../support/fixture/requests.ts';
import { type ShippingWorld, startShippingWorld } from '../support/fixture/shipping-world.ts';
import { noteStart } from '../support/note-start.ts';
import { waitFor } from '../support/server/temporal-server.ts';

/** 1.2.0, which is released, is to go to production again while the calendar says no. */
describe('a freeze of production', () => {
  let world: ShippingWorld;
  let production: EnvironmentSettings;

  beforeAll(async () => {
    world = await startShippingWorld(
      ({ products }, fixture) => {
        const found = products[fixture.product]?.environments.find((e) => e.kind === 'production');
        if (!found) throw new Error('the world has no production');
        production = found;
        // Nothing is watched afterwards: this is about how it begins.
        production.checks = [];
      },
      { keepsLedger: true },
    );
  });

  afterAll(async () => {
    await world?.stop();
  });

  afterEach(() => {
    production.freezes = [];
    production.windows = [];
  });

  /** As the calendar of a person in UTC has it; seconds are allowed where a test cannot wait for a minute. */
  const local = (at: number) => new Date(at).toISOString().slice(0, 19);
  const freezeFor = (ms: number) => {
    const now = Date.now();
    production.freezes = [
      { name: 'Christmas', timeZone: 'UTC', from: local(now - 7_200_000), until: local(now + ms) },
    ];
  };
  const handle = () => world.client.workflow.getHandle(deployVersionWorkflowId(world.product, 'production'));
  const record = async () => await handle().query<ReleaseRecord>(STATUS_QUERY);
  const start = async (deployAt?: string) => {
    const input: DeployVersionInput = {
      request: {
        ...requestOf(world.product, {
          bump: 'auto',
          requestedBy: personWith(world.fixture, 'release_manager').name,
          via: 'cli',
        }),
        ...(deployAt === undefined ? {} : { deployAt }),
        version: '1.2.0',
      },
      environment: 'production',
    };
    await noteStart(world.installation, world.fixture, 'deployment-production', input.request);
    await world.client.workflow.start(WORKFLOW_TYPES.deployVersion, {
      workflowId: deployVersionWorkflowId(world.product, 'production'),
      taskQueue: workflowQueue(world.product),
      args: [input],
    });
  };
  const untilHeld = async () =>
    await waitFor(
      'the deployment to wait for the calendar',
      async () => {
        const now = await record();
        return now.waiting?.for.includes('calendar') ? now : undefined;
      },
      90_000,
    );
  const override = async (role: PersonRole, reason?: string) => {
    const { releaseId, approvals } = await record();
    const signed = signAs(world.fixture, role, {
      name: 'approve',
      releaseId,
      role,
      gate: 'freeze_override',
      subject: approvals.find((gate) => gate.key === 'freeze_override')?.subject ?? '',
      ...(reason === undefined ? {} : { reason }),
    });
    await handle().signal('approve', signed);
  };
  const untilRefused = async (why: RegExp) =>
    await waitFor(`a refusal: ${why}`, async () =>
      (await record()).refusals.some((refusal) => why.test(refusal.reason)),
    );
  const ended = async () => {
    const result = (await handle().result()) as ReleaseResult;
    return { result, ended: await record() };
  };

  it('holds it visibly; the right person lets it through, with a reason and not without', async () => {
    freezeFor(3_600_000);
    const before = await world.effects();
    await start();
    const held = await untilHeld();
    expect(held.waiting?.reason).toMatch(
      /^Freeze "Christmas" of production holds 1\.2\.0 until \w{3} .*Go through it\?$/,
    );
    expect(held.waiting?.for).toEqual(['calendar', 'engineering_lead']);
    await handle().signal('approve', { person: 'mallory' });
    await untilRefused(/must come through the API/);
    await override('ceo', 'I say so');
    await untilRefused(/asks for engineering_lead/);
    await override('engineering_lead');
    await untilRefused(/needs a reason/);
    expect(await world.effects()).toEqual(before);
    await override('engineering_lead', 'the checkout is broken');
    const { result, ended: record } = await ended();
    expect(result.outcome).toBe('completed');
    const freeze = record.steps.find((step) => step.id === 'production.freeze');
    expect(freeze?.detail).toMatch(/^overridden by \w+: the checkout is broken$/);
  });

  it('that ends lets it go by itself', async () => {
    freezeFor(20_000);
    await start();
    const ends = Date.parse(`${production.freezes[0]?.until}Z`);
    await untilHeld();
    const { result, ended: record } = await ended();
    expect(result.outcome).toBe('completed');
    const freeze = record.steps.find((step) => step.id === 'production.freeze');
    expect(freeze?.detail).toBe('the freeze is over');
    expect(Date.parse(freeze?.endedAt ?? '')).toBeGreaterThanOrEqual(ends);
  });

  it('that is lengthened or lifted meanwhile is seen within a minute, and people are asked about it as it is', async () => {
    freezeFor(3_600_000);
    await start();
    const held = await untilHeld();
    const lengthened = Date.now();
    freezeFor(3 * 86_400_000);
    const asked = await waitFor(
      'the question about the longer freeze',
      async () => {
        const now = await record();
        return now.waiting?.reason === held.waiting?.reason ? undefined : now;
      },
      90_000,
    );
    expect(Date.now() - lengthened).toBeLessThan(60_000);
    expect(asked.waiting?.reason).toMatch(/^Freeze "Christmas" of production holds 1\.2\.0 until /);
    expect(asked.waiting?.actions).toEqual(['approve', 'reject']);
    expect(asked.approvals.filter(({ status }) => status === 'open')).toHaveLength(1);
    production.freezes = [];
    const { result, ended: at } = await ended();
    expect(result.outcome).toBe('completed');
    expect(at.timeline.filter(({ event }) => event === 'calendar_changed')).toHaveLength(2);
    const freeze = at.steps.find((step) => step.id === 'production.freeze');
    expect(freeze?.detail).toBe('the freeze is over');
  });

  it('has an opposite: outside of its windows production waits, and goes when one opens', async () => {
    const opens = Date.now() + 20_000;
    production.windows = [{ timeZone: 'UTC', from: local(opens), until: local(opens + 7_200_000) }];
    const before = await world.effects();
    await start();
    const held = await untilHeld();
    expect(held.waiting).toMatchObject({
      for: ['calendar', 'engineering_lead'],
      reason: expect.stringMatching(
        /^No deploy window of production is open: 1\.2\.0 waits until .* \(UTC\)\. Go now\?$/,
      ),
    });
    expect(await world.effects()).toEqual(before);
    const { result, ended: record } = await ended();
    expect(result.outcome).toBe('completed');
    const wait = record.steps.find((step) => step.id === 'production.freeze');
    expect(wait).toMatchObject({ title: 'Deploy window of production', detail: 'its time has come' });
    // Windows are kept to the second here.
    expect(Date.parse(wait?.endedAt ?? '')).toBeGreaterThanOrEqual(opens - 1_000);
  });

  it('may be what somebody asked for: it waits for its time, until the right person says that it goes now', async () => {
    await start(new Date(Date.now() + 3_600_000).toISOString());
    const held = await untilHeld();
    expect(held.waiting?.reason).toMatch(/ asked for a time: 1\.2\.0 waits for production until .*Go now\?$/);
    await override('engineering_lead', 'the customer is here already');
    const { result, ended: record } = await ended();
    expect(result.outcome).toBe('completed');
    expect(record.steps.find((step) => step.id === 'production.freeze')?.detail).toMatch(/^overridden by /);
  });

  /** The released version once more, which the ledger lets through: only the calendar is against it. */
  const describeAnew = async (environment: EnvironmentSettings) => {
    const input = await world.describe('1.2.0', await world.pack('1.2.0'), { environment });
    const request = { ...requestOf(world.product), releaseId: input.releaseId };
    await noteStart(world.installation, world.fixture, 'deployment-production', request);
    return input;
  };

  it('outside of the windows is refused by the workers themselves', async () => {
    production.windows = [{ timeZone: 'UTC', from: '2020-01-01T00:00', until: '2020-01-02T00:00' }];
    const input = await describeAnew({ ...production, windows: [] });
    const before = await world.effects();
    await world.deploy(input);
    const result = await world.finished(input);
    expect(result.outcome).toBe('failed_before_change');
    expect(result.reason).toMatch(/^no deploy window of production is open: it waits without an end/);
    expect(await world.effects()).toEqual(before);
    await world.untilWhole('1.2.0');
  });

  it('is enforced by the workers themselves: a workflow that knows nothing of it changes nothing', async () => {
    freezeFor(3_600_000);
    const input = await describeAnew({ ...production, freezes: [] });
    const before = await world.effects();
    await world.deploy(input);
    const result = await world.finished(input);
    expect(result.outcome).toBe('failed_before_change');
    expect(result.reason).toMatch(/^the freeze "Christmas" of production holds until /);
    expect(await world.effects()).toEqual(before);
    await world.untilWhole('1.2.0');
  });
});
