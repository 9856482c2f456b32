import { afterAll, describe, expect, it } from 'vitest';
import { STATUS_QUERY } from '../../src/contracts/commands.ts';
import { workflowQueue } from '../../src/contracts/task-queues.ts';
import {
  deployVersionWorkflowId,
  incidentWorkflowId,
  postMortemWorkflowId,
  rollBackProductWorkflowId,
  WORKFLOW_TYPES,
} from '../../src/contracts/workflow-ids.ts';
import type { DeployVersionInput, IncidentInput } from '../../src/contracts/workflows.ts';
import { openGate, type ReleaseRecord } from '../../src/release/record/record.ts';
import { startTraffic } from '../examples/shop-environment.ts';
import { personWith, startCustomers } from '../support/fixture/demo.ts';
import { startColleague, startHotfix } from '../support/fixture/hotfix-fixture.ts';
import { type ReleaseWorld, startReleaseWorld } from '../support/fixture/release-world.ts';
import { type ShippingWorld, startShippingWorld } from '../support/fixture/shipping-world.ts';
import { recordHistories } from './record-histories.ts';

/** Not a test: what `node test/replay/record.ts` runs, on the shared server that vitest starts. */
describe.runIf(process.env['WINDLASS_RECORD'] === '1')('record histories', { timeout: 300_000 }, () => {
  const worlds: (ReleaseWorld | ShippingWorld)[] = [];

  afterAll(async () => {
    for (const world of worlds) await world.stop();
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
