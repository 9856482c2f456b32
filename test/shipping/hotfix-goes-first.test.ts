import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATUS_QUERY } from '../../src/contracts/commands.ts';
import { environmentWorkflowId, hotfixWorkflowId } from '../../src/contracts/workflow-ids.ts';
import type { EnvironmentState } from '../../src/contracts/workflows.ts';
import { missingRoles } from '../../src/release/approvals.ts';
import { openGate } from '../../src/release/record/record.ts';
import { personWith, startCustomers } from '../support/fixture/demo.ts';
import {
  type Colleague,
  type HotfixFixture,
  startColleague,
  startHotfix,
} from '../support/fixture/hotfix-fixture.ts';
import {
  type ReleaseWorld,
  startReleaseWorld,
  versionInProduction,
} from '../support/fixture/release-world.ts';

/** A hotfix arrives while a release is live already and only being watched. */
describe('a hotfix while a release is being watched in production', { timeout: 600_000 }, () => {
  let world: ReleaseWorld;
  let customers: ReturnType<typeof startCustomers>;
  let colleague: Colleague;
  let hotfix: HotfixFixture;
  let fix: string;

  const watchMinor = (windowMs: number) => {
    const product = world.installation.products[world.product];
    if (product) product.policy.minor.monitoring = { level: 'enhanced', windowMs, intervalMs: 1_000 };
  };

  beforeAll(async () => {
    world = await startReleaseWorld({
      adjust: (installation, fixture) => {
        const product = installation.products[fixture.product];
        if (!product) throw new Error('no product');
        // What is tested lies behind the gates; a machine that is busy with other tests is no finding here.
        product.policy.minor.gates = ['tests'];
        product.policy.hotfix.monitoring = { level: 'enhanced', windowMs: 5_000, intervalMs: 1_000 };
        // The script that measures came after the tag that the fix is made on, and only what was approved runs.
        for (const environment of product.environments)
          environment.checks = environment.checks.filter(({ source }) => !('script' in source));
      },
    });
    watchMinor(3_600_000);
    customers = startCustomers(`http://127.0.0.1:${world.fixture.ports.production}`);
    colleague = startColleague(world, 'colleague');
    colleague.commit('POLITE.md', 'Be brief.\n', 'docs: how to answer (#98)');
    fix = colleague.commit('POLITE.md', 'Be polite.\n', 'fix: answer politely (#99)');
    colleague.git('push', '--quiet', 'origin', 'HEAD:refs/heads/main');
  }, 300_000);

  afterAll(async () => {
    await customers?.stop();
    await world?.stop();
  });

  const production = async () => await versionInProduction(world);
  const origin = (...args: string[]) =>
    execFileSync('git', ['--git-dir', world.folders.origin, ...args], { encoding: 'utf8' }).trim();
  const operator = () => personWith(world.fixture, 'operator');

  it('the release puts the version before back, gives up production and waits', async () => {
    await world.start();
    const given = new Set<string>();
    await world.until(
      'the window',
      (now) => {
        for (const gate of now.approvals.filter((g) => g.status === 'open' && !given.has(g.key))) {
          given.add(gate.key);
          for (const role of missingRoles(gate)) void world.approve(gate.key, role);
        }
        return now.steps.some((step) => step.id === 'monitoring.window' && step.status === 'running');
      },
      600_000,
    );
    expect(await production()).toBe('1.3.0');
    hotfix = await startHotfix(world, { commits: [fix], careful: true });
    const parked = await world.until('the release to make room', (now) =>
      now.steps.some((step) => step.id === 'production.deployment' && step.status === 'failed'),
    );
    expect(parked.outcome).toBeUndefined();
    expect(parked.held?.by).toBe(hotfixWorkflowId(world.product));
    expect(parked.waiting?.actions).toEqual(['retry', 'replan', 'abort']);
    expect(await production()).toBe('1.2.0');
    const lease = await world.client.workflow
      .getHandle(environmentWorkflowId(world.product, 'production'))
      .query<EnvironmentState>(STATUS_QUERY);
    expect(lease.holder?.holder ?? 'nobody').not.toMatch(/^(deployment|rollback)/);
  });

  it('commits that do not apply are named with their files, and a pushed branch is taken instead', async () => {
    const waiting = await hotfix.until(
      'the conflict',
      (now) => now.waiting?.actions.includes('retry') === true,
    );
    const failure = waiting.steps.find((step) => step.id === 'plan.version')?.failure;
    expect(failure?.what).toContain(`${fix.slice(0, 12)} in POLITE.md`);
    const byHand = `hotfix/${world.product}/v1.2.1-by-hand`;
    expect(failure?.next).toContain(byHand);
    colleague.git('checkout', '--quiet', '-b', 'by-hand', 'v1.2.0');
    colleague.commit('POLITE.md', 'Be polite.\n', 'fix: answer politely (#99)');
    colleague.git('push', '--quiet', 'origin', `HEAD:refs/heads/${byHand}`);
    await hotfix.retry();
    const asked = await hotfix.until('the fast track', (now) => openGate(now, 'hotfix') !== undefined);
    expect(asked.plan).toMatchObject({ version: '1.2.1', previousVersion: '1.2.0' });
  });

  it('nobody brings the release back before the hotfix is over', async () => {
    await world.send('replan', operator(), { reason: 'at once' });
    const refused = await world.until('the refusal', (now) => now.refusalCount > 0);
    expect(refused.refusals.at(-1)?.reason).toContain('the hotfix is not over');
  });

  it('--careful deploys blue-green', async () => {
    await hotfix.approve();
    await hotfix.until('the merge', (now) => now.waiting?.reason.includes('package.json') === true, 600_000);
    expect(await production()).toBe('1.2.1');
    const { environments, plan } = await hotfix.record();
    expect(environments.find(({ kind }) => kind === 'production')?.strategy).toBe('blue-green');
    colleague.git('checkout', '--quiet', 'main');
    colleague.git('pull', '--quiet', 'origin', 'main');
    colleague.git('fetch', '--quiet', 'origin', plan?.branch ?? '');
    colleague.git('merge', '--quiet', '--no-ff', '-X', 'theirs', '-m', 'merge the hotfix', 'FETCH_HEAD');
    colleague.git('push', '--quiet', 'origin', 'HEAD:refs/heads/main');
    await hotfix.retry();
    expect(await hotfix.handle.result()).toMatchObject({ outcome: 'released' });
  });

  it('the release is planned anew as a version of its own, and approved anew', async () => {
    watchMinor(5_000);
    await world.send('replan', operator(), { reason: 'take the hotfix' });
    const planned = await world.until(
      'the new plan',
      (now) => now.round === 2 && openGate(now, 'changelog_review') !== undefined,
    );
    // 1.3.0 was published: it is used up.
    expect(planned.plan).toMatchObject({ version: '1.3.1', previousVersion: '1.2.1' });
    expect(planned.approvals.flatMap(({ decisions }) => decisions)).toEqual([]);
    expect(planned.voided.length).toBeGreaterThan(3);
    const record = await world.approveEverything(600_000);
    expect(record.outcome, record.ending).toBe('released');
    expect(await production()).toBe('1.3.1');
    expect(origin('tag', '--list', 'v1.3*')).toBe('v1.3.1');
    expect(origin('merge-base', '--is-ancestor', 'v1.2.1', 'v1.3.1')).toBe('');
    const registry = `http://127.0.0.1:${world.fixture.ports.npm}/`;
    const document = (await (await fetch(`${registry}@windlass-example/shop`)).json()) as {
      'dist-tags': Record<string, string>;
      versions: Record<string, { deprecated?: string }>;
    };
    expect(document['dist-tags']).toEqual({ latest: '1.3.1' });
    expect(document.versions['1.3.0']?.deprecated).toMatch(/replaced: take the hotfix/);
  });

  it('customers were answered through all of it', async () => {
    await customers.stop();
    expect(customers.failed()).toBe(0);
    expect(customers.served()).toBeGreaterThan(100);
  });
});
