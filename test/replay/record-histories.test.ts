import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import type { Command } from '../../src/contracts/commands.ts';
import { STATUS_QUERY } from '../../src/contracts/commands.ts';
import { INTERNAL_SIGNALS } from '../../src/contracts/internal-signals.ts';
import { workflowQueue } from '../../src/contracts/task-queues.ts';
import {
  deploymentWorkflowId,
  deployVersionWorkflowId,
  incidentWorkflowId,
  postMortemWorkflowId,
  rollBackProductWorkflowId,
  WORKFLOW_TYPES,
} from '../../src/contracts/workflow-ids.ts';
import type { DeployVersionInput, IncidentInput, Steer } from '../../src/contracts/workflows.ts';
import { signCommand } from '../../src/integrations/signing/signing.ts';
import type { IncidentRecord } from '../../src/release/record/record.ts';
import { openGate, type ReleaseRecord } from '../../src/release/record/record.ts';
import { startTraffic } from '../examples/shop-environment.ts';
import { createFileEnvironments } from '../support/environment/file-environments.ts';
import { personWith, startCustomers } from '../support/fixture/demo.ts';
import { startGreeterWorld } from '../support/fixture/greeter-world.ts';
import { startColleague, startHotfix } from '../support/fixture/hotfix-fixture.ts';
import { startReleaseWorld } from '../support/fixture/release-world.ts';
import { startShippingWorld } from '../support/fixture/shipping-world.ts';
import { startShownWorld } from '../support/fixture/shown-world.ts';
import { waitFor } from '../support/server/temporal-server.ts';
import { recordHistories } from './record-histories.ts';

/** What the API would have signed for whoever is on call. */
function signFor(
  fixture: Parameters<typeof personWith>[0] & { signing: Parameters<typeof signCommand>[1] },
  command: Pick<Command, 'name' | 'product' | 'releaseId'> & Partial<Command>,
) {
  const now = Date.now();
  return signCommand(
    {
      nonce: randomUUID(),
      person: personWith(fixture, 'on_call').name,
      reason: 'looked at it',
      issuedAt: new Date(now).toISOString(),
      validUntil: new Date(now + 600_000).toISOString(),
      ...command,
    },
    fixture.signing,
  );
}

/** Not a test: what `node test/replay/record.ts` runs, on the shared server that vitest starts. */
describe.runIf(process.env['WINDLASS_RECORD'] === '1')('record histories', { timeout: 300_000 }, () => {
  const worlds: { stop(): Promise<void> }[] = [];

  afterAll(async () => {
    for (const world of worlds) await world.stop();
  });

  it('shown', async () => {
    const world = await startShownWorld();
    worlds.push(world);
    await world.start();
    const record = await world.approveEverything(250_000);
    expect(record.outcome, record.ending).toBe('released');
    const about = { product: world.product, root: world.root };
    expect((await recordHistories(world.client, 'shown', about)).length).toBeGreaterThan(2);
  });

  it('canary', async () => {
    const world = await startShippingWorld();
    worlds.push(world);
    const traffic = startTraffic(world.productionUrl, 2);
    const input = await world.describe('1.4.0', await world.pack('1.4.0'), { strategy: 'canary' });
    await world.deploy(input);
    expect((await world.finished(input)).outcome).toBe('deployed');
    await traffic.stop();
    const about = { product: world.product, root: world.folders.root };
    expect((await recordHistories(world.client, 'canary', about)).length).toBeGreaterThan(2);
  });

  it.each([
    { name: 'minor-release', bad: false, outcome: 'released' },
    { name: 'rolled-back-release', bad: true, outcome: 'rolled_back' },
  ])('$name', async ({ name, bad, outcome }) => {
    const world = await startReleaseWorld({ bad });
    worlds.push(world);
    const customers = startCustomers(`http://127.0.0.1:${world.fixture.ports.production}`);
    await world.start();
    const record = await world.approveEverything(250_000);
    await customers.stop();
    expect(record.outcome, record.ending).toBe(outcome);
    const about = { product: world.product, root: world.folders.root };
    expect((await recordHistories(world.client, name, about)).length).toBeGreaterThan(2);
  });

  it('incidents', async () => {
    const world = await startGreeterWorld();
    worlds.push(world);
    const { client, product } = world;
    const handle = client.workflow.getHandle(incidentWorkflowId(product));
    const all = async () => await handle.query<IncidentRecord[]>(STATUS_QUERY);
    const report = (reason: string, severity: string) => ({ person: 'pager', reason, severity });
    await client.workflow.signalWithStart(WORKFLOW_TYPES.incident, {
      workflowId: incidentWorkflowId(product),
      taskQueue: workflowQueue(product),
      args: [{ product } satisfies IncidentInput],
      signal: 'incident',
      signalArgs: [report('checkout fails', 'high')],
    });
    await handle.signal('incident', report('a typo', 'low'));
    await handle.signal('incident', report('search is slow', 'medium'));
    await waitFor('three incidents', async () => (await all()).length === 3);
    const sign = (name: Command['name'], more: Partial<Command>) =>
      signFor(world.fixture, { name, product, releaseId: incidentWorkflowId(product), ...more });
    const [checkout, , search] = await all();
    await handle.signal('dismiss', sign('dismiss', {}));
    await handle.signal('dismiss', sign('dismiss', { incidentId: checkout?.id ?? '' }));
    await waitFor('the first to be settled', async () => (await all())[0]?.resolution !== undefined);
    await handle.signal('incident', sign('incident', { incidentId: search?.id ?? '', severity: 'high' }));
    await waitFor('the rating', async () => (await all())[2]?.severity === 'high');
    await handle.signal('incident', { ...report('search is down', 'critical'), incidentId: search?.id });
    await handle.result();
    await client.workflow.getHandle(rollBackProductWorkflowId(product)).terminate('seen');
    const about = { product, root: world.root };
    expect((await recordHistories(client, 'incidents', about)).length).toBeGreaterThan(1);
  });

  it('watched-incidents', async () => {
    const world = await startShippingWorld();
    worlds.push(world);
    const traffic = startTraffic(world.productionUrl, 1);
    const input = await world.describe('1.3.1', await world.pack('1.3.1'), {
      strategy: 'blue-green',
      monitoring: { level: 'standard', windowMs: 3_600_000, intervalMs: 1_000 },
    });
    await world.deploy(input);
    await world.untilTold(
      input,
      'the window',
      (event) => event.event === 'step_started' && event.id === 'monitoring.window',
      120_000,
    );
    const deployment = world.client.workflow.getHandle(
      deploymentWorkflowId(input.product, input.environment.name, input.releaseId, input.round),
    );
    const steer = async (more: Partial<Steer> & Pick<Steer, 'what'>) =>
      await deployment.signal(INTERNAL_SIGNALS.steer, {
        by: 'pager',
        reason: 'seen',
        verified: false,
        ...more,
      });
    const { product, releaseId } = input;
    const told = async (reason: string) =>
      await world.untilTold(
        input,
        reason,
        (event) => event.event === 'incident' && event.incident.summary === reason,
      );
    await steer({ what: 'incident', reason: 'a typo', severity: 'low', incidentId: 'inc-1' });
    await told('a typo');
    await steer({ what: 'incident', reason: 'checkout fails', severity: 'high', incidentId: 'inc-2' });
    await steer({ what: 'incident', reason: 'search is slow', severity: 'medium', incidentId: 'inc-3' });
    await told('search is slow');
    for (const incidentId of ['inc-2', 'inc-3']) {
      const signed = signFor(world.fixture, { name: 'dismiss', product, releaseId, incidentId });
      await steer({ what: 'dismiss', by: 'ben', signed });
    }
    const signed = signFor(world.fixture, { name: 'end_monitoring', product, releaseId });
    await steer({ what: 'end_monitoring', by: 'ben', signed });
    expect((await world.finished(input)).outcome).toBe('deployed');
    await traffic.stop();
    const about = { product, root: world.folders.root };
    expect((await recordHistories(world.client, 'watched-incidents', about)).length).toBeGreaterThan(2);
  });

  it('preflight', async () => {
    const world = await startGreeterWorld();
    worlds.push(world);
    await world.start();
    await world.until('the review', (now) => openGate(now, 'changelog_review') !== undefined);
    await world.send('abort', personWith(world.fixture, 'operator'), { reason: 'enough' });
    await world.ended();
    const about = { product: world.product, root: world.root };
    expect(await recordHistories(world.client, 'preflight', about)).toHaveLength(1);
  });

  it('missing-worker', async () => {
    const world = await startGreeterWorld();
    worlds.push(world);
    await world.start();
    await world.until('the review', (now) => openGate(now, 'changelog_review') !== undefined);
    const comeBack = await world.sendAway('qa');
    await world.approve('changelog_review', 'release_manager');
    await world.until('a missing worker', (now) => now.missingWorkers !== undefined);
    await comeBack();
    const record = await world.approveEverything();
    expect(record.outcome, record.ending).toBe('released');
    const about = { product: world.product, root: world.root };
    expect(await recordHistories(world.client, 'missing-worker', about)).toHaveLength(1);
  });

  it('staged', async () => {
    let environments: ReturnType<typeof createFileEnvironments> | undefined;
    const world = await startGreeterWorld((product) => {
      environments = createFileEnvironments(String(product['repository']), ['staging', 'production']);
      product['environments'] = environments.describe();
      product['release'] = { deployment_strategy: 'rolling' };
      product['critical_paths'] = ['Buy a cup'];
    });
    worlds.push(world);
    for (const name of ['staging', 'production']) environments?.put(name, '1.0.0');
    world.installation.products[world.product]!.retention = { keepVersions: 1 };
    await world.start();
    const record = await world.approveEverything(250_000);
    expect(record.outcome, record.ending).toBe('released');
    const about = { product: world.product, root: world.root };
    expect((await recordHistories(world.client, 'staged', about)).length).toBeGreaterThan(1);
  });

  it('hotfix', async () => {
    const world = await startReleaseWorld({
      adjust: (installation, fixture) => {
        const policy = installation.products[fixture.product]?.policy;
        if (policy) policy.hotfix.monitoring = { level: 'enhanced', windowMs: 5_000, intervalMs: 1_000 };
      },
    });
    worlds.push(world);
    const customers = startCustomers(`http://127.0.0.1:${world.fixture.ports.production}`);
    const operator = personWith(world.fixture, 'operator');
    // A release in flight makes room, is planned anew, and given up.
    await world.start();
    await world.until('the review', (now) => openGate(now, 'changelog_review') !== undefined);
    const colleague = startColleague(world, 'colleague');
    const fix = colleague.commit('POLITE.md', 'Be polite.\n', 'fix: answer politely (#99)');
    colleague.git('push', '--quiet', 'origin', 'HEAD:refs/heads/main');
    const hotfix = await startHotfix(world, { commits: [fix], careful: true });
    await hotfix.until('the fast track', (now) => openGate(now, 'hotfix') !== undefined);
    await hotfix.approve();
    await hotfix.until('the merge', (now) => now.waiting?.reason.includes('package.json') === true, 250_000);
    const { plan } = await hotfix.record();
    colleague.git('pull', '--quiet', 'origin', 'main');
    colleague.git('fetch', '--quiet', 'origin', plan?.branch ?? '');
    colleague.git('merge', '--quiet', '--no-ff', '-X', 'theirs', '-m', 'merge the hotfix', 'FETCH_HEAD');
    colleague.git('push', '--quiet', 'origin', 'HEAD:refs/heads/main');
    await hotfix.retry();
    expect(await hotfix.handle.result()).toMatchObject({ outcome: 'released' });
    await world.send('replan', operator, { reason: 'take the hotfix' });
    await world.until(
      'the new plan',
      (now) => now.round === 2 && openGate(now, 'changelog_review') !== undefined,
    );
    await world.send('abort', operator, { reason: 'enough' });
    await world.ended();
    // The hotfix is long live, and taken back because of an incident.
    const { product, client } = world;
    await client.workflow.signalWithStart(WORKFLOW_TYPES.incident, {
      workflowId: incidentWorkflowId(product),
      taskQueue: workflowQueue(product),
      args: [{ product } satisfies IncidentInput],
      signal: 'incident',
      signalArgs: [{ person: 'pager', severity: 'critical', reason: 'orders are lost' }],
    });
    await client.workflow.getHandle(incidentWorkflowId(product)).result();
    const rollback = client.workflow.getHandle(rollBackProductWorkflowId(product));
    expect(await rollback.result()).toMatchObject({ outcome: 'rolled_back' });
    const { releaseId } = await rollback.query<ReleaseRecord>(STATUS_QUERY);
    const postMortem = client.workflow.getHandle(postMortemWorkflowId(product, releaseId));
    await postMortem.signal('own', { owner: 'dora' });
    await postMortem.signal('close', { by: 'dora', reason: 'a test was missing' });
    await postMortem.result();
    // A released version, deployed alone.
    const request = {
      releaseId: `${product}-20261121-0d0d0d`,
      product,
      bump: 'patch' as const,
      version: '1.2.0',
      requestedBy: 'cleo',
      requestedAt: new Date().toISOString(),
      via: 'api' as const,
    };
    const deployed = await client.workflow.execute(WORKFLOW_TYPES.deployVersion, {
      workflowId: deployVersionWorkflowId(product, 'staging'),
      taskQueue: workflowQueue(product),
      args: [{ request, environment: 'staging' } satisfies DeployVersionInput],
    });
    expect(deployed).toMatchObject({ outcome: 'completed' });
    await customers.stop();
    const about = { product, root: world.folders.root };
    expect((await recordHistories(client, 'hotfix', about)).length).toBeGreaterThan(8);
  });
});
