import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Command } from '../../src/contracts/commands.ts';
import { STATUS_QUERY } from '../../src/contracts/commands.ts';
import { INTERNAL_SIGNALS } from '../../src/contracts/internal-signals.ts';
import { workflowQueue } from '../../src/contracts/task-queues.ts';
import {
  deploymentWorkflowId,
  monitorProductWorkflowId,
  WORKFLOW_TYPES,
} from '../../src/contracts/workflow-ids.ts';
import type { DeploymentInput, MonitorProductInput, Steer } from '../../src/contracts/workflows.ts';
import type { IncidentRecord, ReleaseRecord } from '../../src/release/record/record.ts';
import type { Severity } from '../../src/release/settings.ts';
import { startTraffic } from '../examples/shop-environment.ts';
import { requestOf, signAs } from '../support/fixture/requests.ts';
import { type ShippingWorld, startShippingWorld } from '../support/fixture/shipping-world.ts';
import { waitFor } from '../support/server/temporal-server.ts';

/** What people report and answer while a version is being watched in production. The version itself is good. */
describe('while production is being watched', { timeout: 600_000 }, () => {
  let world: ShippingWorld;
  let traffic: ReturnType<typeof startTraffic>;

  beforeAll(async () => {
    world = await startShippingWorld();
    traffic = startTraffic(world.productionUrl, 1);
  });

  afterAll(async () => {
    await traffic?.stop();
    await world?.stop();
  });

  const send = async (input: DeploymentInput, steer: Partial<Steer> & Pick<Steer, 'what'>) =>
    await world.client.workflow
      .getHandle(deploymentWorkflowId(input.product, input.environment.name, input.releaseId, input.round))
      .signal(INTERNAL_SIGNALS.steer, { by: 'somebody', reason: 'seen', verified: false, ...steer });
  const sign = (releaseId: string, name: Command['name'], more: Partial<Command> = {}) =>
    signAs(world.fixture, 'on_call', { name, releaseId, reason: 'looked at it', ...more });
  /** As the release passes on what the API signed. */
  const sendSigned = async (
    input: DeploymentInput,
    name: Extract<Command['name'], Steer['what']>,
    more: Pick<Command, 'severity' | 'extendMs' | 'incidentId'> = {},
  ) => {
    const signed = sign(input.releaseId, name, more);
    await send(input, { what: name, by: 'ben', reason: 'looked at it', signed, ...more });
  };
  /** Ships a version and waits until its window is open; the window is too long to run out by itself. */
  const watch = async (version: string) => {
    const input = await world.describe(version, await world.pack(version), {
      strategy: 'blue-green',
      monitoring: { level: 'standard', windowMs: 3_600_000, intervalMs: 1_000 },
    });
    await world.deploy(input);
    const isOpen = (event: { event: string; id?: string }) =>
      event.event === 'step_started' && event.id === 'monitoring.window';
    await world.untilTold(input, 'the window', isOpen, 120_000);
    return input;
  };
  const incidents = async (input: DeploymentInput): Promise<IncidentRecord[]> =>
    (await world.told(input)).flatMap((event) => (event.event === 'incident' ? [event.incident] : []));
  const untilOpen = async (input: DeploymentInput, severity: Severity) =>
    await waitFor(`an open ${severity} incident`, async () => {
      const last = (await incidents(input)).at(-1);
      return last?.severity === severity && last.resolution === undefined && last.deadline !== undefined;
    });
  const untilSettled = async (input: DeploymentInput) =>
    await waitFor('the incident to be settled', async () => (await incidents(input)).at(-1)?.resolution);

  it('only the signed word of an operator ends the window early, with the reason', async () => {
    const input = await watch('1.3.1');
    await send(input, { what: 'end_monitoring', by: 'mallory', reason: 'all is well' });
    await world.untilTold(
      input,
      'the refusal',
      (event) =>
        event.event === 'deployment_refused' && event.command === 'end_monitoring' && event.by === 'mallory',
    );
    await sendSigned(input, 'end_monitoring');
    const result = await world.finished(input);
    expect(result).toMatchObject({ outcome: 'deployed', monitoring: 'ended_early' });
    expect(result.reason).toBe('ended early by ben: looked at it');
    await world.untilWhole('1.3.1');
  });

  it('an unknown severity is asked for and counts as high; rated low, it becomes an issue', async () => {
    const input = await watch('1.3.2');
    await send(input, { what: 'incident', by: 'pager', reason: 'a typo on the front page' });
    await untilOpen(input, 'high');
    await world.untilTold(
      input,
      'people to be asked for the severity',
      (event) =>
        event.event === 'waiting' &&
        event.waiting.actions.includes('incident') &&
        event.waiting.reason.includes('severity not known'),
    );
    // Anybody may make it worse, nobody less bad without a signature that names it.
    const { id = '' } = (await incidents(input)).at(-1) ?? {};
    await send(input, {
      what: 'incident',
      by: 'mallory',
      reason: 'never mind',
      severity: 'low',
      incidentId: id,
    });
    await sendSigned(input, 'incident', { severity: 'low', incidentId: id });
    expect(await untilSettled(input)).toBe('an issue for the next release');
    expect((await incidents(input)).map((one) => one.id)).toEqual(expect.arrayContaining([id]));
    expect(new Set((await incidents(input)).map((one) => one.id)).size).toBe(1);
    expect((await world.production()).version).toBe('1.3.2');
    const issues = join(world.folders.root, 'store', 'named', 'issues', world.product);
    await waitFor('the issue', async () => existsSync(issues) && readdirSync(issues).length > 0);
    const texts = readdirSync(issues).map((file) => readFileSync(join(issues, file), 'utf8'));
    expect(texts.filter((text) => text.includes('a typo on the front page'))).toHaveLength(1);
    await sendSigned(input, 'end_monitoring');
    expect(await world.finished(input)).toMatchObject({ outcome: 'deployed' });
  });

  it('a medium one stays when a hotfix is quick, by its estimate', async () => {
    const input = await watch('1.3.3');
    await send(input, { what: 'incident', by: 'pager', reason: 'search is slow', severity: 'medium' });
    await untilOpen(input, 'medium');
    await sendSigned(input, 'dismiss', { extendMs: input.severity.quickHotfixMs });
    expect(await untilSettled(input)).toBe(
      `ben hotfixes it instead: windlass hotfix ${world.product} --commit SHA`,
    );
    await sendSigned(input, 'end_monitoring');
    expect(await world.finished(input)).toMatchObject({ outcome: 'deployed' });
    await world.untilWhole('1.3.3');
  });

  it('a medium one goes back when the hotfix takes longer than the limit', async () => {
    const input = await watch('1.3.4');
    await send(input, { what: 'incident', by: 'pager', reason: 'search is slow', severity: 'medium' });
    await untilOpen(input, 'medium');
    await sendSigned(input, 'dismiss', { extendMs: input.severity.quickHotfixMs + 60_000 });
    const result = await world.finished(input);
    expect(result).toMatchObject({ outcome: 'rolled_back', reason: 'incident: search is slow' });
    expect(await untilSettled(input)).toMatch(/^rolled back: ben estimates that a hotfix takes \d+ min$/);
    await world.untilWhole('1.3.3');
  });

  it('a critical one goes back at once, whoever reports it', async () => {
    const input = await watch('1.3.5');
    await send(input, { what: 'incident', by: 'pager', reason: 'orders are lost', severity: 'critical' });
    expect(await world.finished(input)).toMatchObject({ outcome: 'rolled_back' });
    expect(await untilSettled(input)).toBe('rolled back at once');
    await world.untilWhole('1.3.3');
  });

  it('two are two: a minor one ends neither the other nor the window, and one dismissal settles one', async () => {
    const input = await watch('1.3.6');
    const all = async () => [...new Map((await incidents(input)).map((one) => [one.id, one])).values()];
    const open = async () => (await all()).filter((one) => one.resolution === undefined);
    await send(input, { what: 'incident', by: 'pager', reason: 'checkout fails', severity: 'high' });
    await send(input, { what: 'incident', by: 'pager', reason: 'a typo', severity: 'low' });
    await send(input, { what: 'incident', by: 'pager', reason: 'payments are down', severity: 'high' });
    await waitFor('three incidents', async () => (await all()).length === 3);
    expect((await open()).map((one) => one.summary)).toEqual(['checkout fails', 'payments are down']);
    // An answer that could be meant for both is none to either.
    await sendSigned(input, 'dismiss');
    await world.untilTold(
      input,
      'the refusal',
      (event) =>
        event.event === 'deployment_refused' &&
        event.command === 'dismiss' &&
        event.by === 'ben' &&
        event.reason.startsWith('several incidents'),
    );
    const [checkout] = await open();
    await sendSigned(input, 'dismiss', { incidentId: checkout?.id ?? '' });
    await waitFor('one settled', async () => (await open()).length === 1);
    expect((await open()).map((one) => one.summary)).toEqual(['payments are down']);
    const asked = (await world.told(input)).findLast((event) => event.event === 'waiting');
    expect(asked).toMatchObject({ waiting: { reason: expect.stringContaining('payments are down') } });
    const [payments] = await open();
    await sendSigned(input, 'dismiss', { incidentId: payments?.id ?? '' });
    await waitFor('none open', async () => (await open()).length === 0);
    await sendSigned(input, 'end_monitoring');
    expect(await world.finished(input)).toMatchObject({ outcome: 'deployed' });
    await world.untilWhole('1.3.6');
  });

  it('production is watched alone, for longer when somebody says so, and ended by a signed word', async () => {
    const input: MonitorProductInput = {
      request: requestOf(world.product),
      windowMs: 3_600_000,
    };
    const handle = await world.client.workflow.start(WORKFLOW_TYPES.monitorProduct, {
      workflowId: monitorProductWorkflowId(world.product),
      taskQueue: workflowQueue(world.product),
      args: [input],
    });
    const record = async () => await handle.query<ReleaseRecord>(STATUS_QUERY);
    const isWatching = async () =>
      (await record()).steps.some(({ id, status }) => id === 'monitoring.window' && status === 'running');
    await waitFor('the window', isWatching, 300_000);
    await handle.signal('extend_monitoring', { person: 'ola', extendMs: 600_000 });
    await waitFor(
      'the longer window',
      async () => (await record()).monitoring?.windowMs === 4_200_000,
      60_000,
    );
    await handle.signal('end_monitoring', sign(input.request.releaseId, 'end_monitoring'));
    expect(await handle.result()).toMatchObject({
      outcome: 'completed',
      ending: 'ended early by ben: looked at it',
    });
  });
});
