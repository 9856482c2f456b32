import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATUS_QUERY } from '../../../src/contracts/commands.ts';
import { workflowQueue } from '../../../src/contracts/task-queues.ts';
import {
  hotfixWorkflowId,
  incidentWorkflowId,
  postMortemWorkflowId,
  releaseWorkflowId,
  rollBackProductWorkflowId,
  WORKFLOW_TYPES,
} from '../../../src/contracts/workflow-ids.ts';
import type { HotfixInput, IncidentInput, PostMortemState } from '../../../src/contracts/workflows.ts';
import { COMMANDS } from '../../../src/release/commands/command-table.ts';
import { openGate, type ReleaseRecord } from '../../../src/release/record/record.ts';
import { personWith, startCustomers } from '../../support/fixture/demo.ts';
import {
  type ReleaseWorld,
  startReleaseWorld,
  versionInProduction,
} from '../../support/fixture/release-world.ts';
import { requestOf, signAs, startRollback } from '../../support/fixture/requests.ts';
import { noteAs, noteStart } from '../../support/note-start.ts';
import { waitFor } from '../../support/server/temporal-server.ts';

/** An emergency, from the fix on top of what production runs to the rollback of that very fix by an incident. */
describe('a hotfix, and the rollback of a version that is long live', { timeout: 500_000 }, () => {
  let world: ReleaseWorld;
  let customers: ReturnType<typeof startCustomers>;
  let hotfix: ReleaseRecord;
  let takenBack: ReleaseRecord;

  beforeAll(async () => {
    world = await startReleaseWorld({
      keepsLedger: true,
      adjust: (installation, fixture) => {
        const product = installation.products[fixture.product];
        if (!product) throw new Error('no product');
        product.policy.hotfix.monitoring = { level: 'enhanced', windowMs: 5_000, intervalMs: 1_000 };
        // The script that measures came after the tag that the fix is made on, and only what was approved runs.
        for (const environment of product.environments)
          environment.checks = environment.checks.filter(({ source }) => !('script' in source));
      },
    });
    customers = startCustomers(`http://127.0.0.1:${world.fixture.ports.production}`);
  }, 300_000);

  afterAll(async () => {
    await customers?.stop();
    await world?.stop();
  });

  const git = (...args: string[]) =>
    execFileSync('git', ['--git-dir', world.folders.origin, ...args], { encoding: 'utf8' }).trim();
  const recordOf = async (workflowId: string) =>
    await world.client.workflow.getHandle(workflowId).query<ReleaseRecord>(STATUS_QUERY);
  const production = async () => await versionInProduction(world);

  it('goes from the production tag to production by one approval, and back into main', async () => {
    // A release waits for its review when the hotfix begins.
    await world.start();
    await world.until('the review', (record) => openGate(record, 'changelog_review') !== undefined);
    const fix = commitFix(world);
    const workflowId = hotfixWorkflowId(world.product);
    const input: HotfixInput = { request: requestOf(world.product), commits: [fix], careful: false };
    await noteStart(world.installation, world.fixture, 'hotfix', input.request);
    await world.client.workflow.start(WORKFLOW_TYPES.hotfix, {
      workflowId,
      taskQueue: workflowQueue(world.product),
      args: [input],
    });
    const asked = await waitFor(
      'the fast track',
      async () => {
        const record = await recordOf(workflowId);
        const failed = record.steps.find((step) => step.status === 'failed');
        if (failed) throw new Error(`${failed.id}: ${failed.failure?.what} ${failed.failure?.logTail}`);
        return openGate(record, 'hotfix') ? record : undefined;
      },
      600_000,
    );
    expect(asked.plan).toMatchObject({ version: '1.2.1', type: 'hotfix', previousVersion: '1.2.0' });
    expect(asked.gates.map(({ gate, result }) => [gate, result])).toEqual(
      expect.arrayContaining([['smoke', 'passed']]),
    );
    const gate = openGate(asked, 'hotfix');
    const { releaseId } = asked;
    const approval = { name: 'approve' as const, releaseId, gate: 'hotfix', subject: gate?.subject ?? '' };
    const signed = signAs(world.fixture, 'on_call', { ...approval, role: 'on_call' }, 3_600_000);
    await world.client.workflow.getHandle(workflowId).signal('approve', signed);
    // Main has changed the lines around the version since: a person merges, and the hotfix goes on from there.
    await waitFor(
      'the question about the merge',
      async () => {
        const record = await recordOf(workflowId);
        if (record.outcome) throw new Error(`it ended instead: ${record.ending}`);
        return record.waiting?.reason.includes('package.json');
      },
      600_000,
    );
    mergeByHand(world, asked.plan?.branch ?? '');
    await world.client.workflow.getHandle(workflowId).signal('retry', { person: 'ola' });
    await world.client.workflow.getHandle(workflowId).result();
    hotfix = await recordOf(workflowId);
    expect(hotfix.ending).toContain('1.2.1 is live');
    expect(await production()).toBe('1.2.1');
    // The fix on top of the tag, without the features of main.
    expect(git('log', '--format=%s', 'v1.2.0..v1.2.1')).toBe(
      'chore(release): 1.2.1\nfix: answer politely (#99)',
    );
    expect(git('merge-base', '--is-ancestor', 'v1.2.1', 'main')).toBe('');
    expect(git('show', 'v1.2.1:package.json')).toContain('"version": "1.2.1"');
  });

  it('has right of way: the release in flight is parked, and goes on by a new plan only', async () => {
    const parked = await world.record();
    expect(parked.held?.by).toBe(hotfixWorkflowId(world.product));
    await world.send('resume', personWith(world.fixture, 'operator'));
    const refused = await world.until('the refusal', (record) => record.refusalCount > 0);
    expect(refused.refusals.at(-1)?.reason).toContain('replan');
    await world.send('replan', personWith(world.fixture, 'operator'), { reason: 'take the hotfix' });
    const record = await world.until(
      'the new plan',
      (now) => now.round === 2 && openGate(now, 'changelog_review') !== undefined,
    );
    expect(record.plan?.previousVersion).toBe('1.2.1');
    await world.send('abort', personWith(world.fixture, 'operator'), { reason: 'enough' });
    await world.ended();
  });

  it('a critical incident takes a long-live version back, everywhere', async () => {
    expect(COMMANDS.incident.signed).toBe(false);
    const input: IncidentInput = { product: world.product };
    // As the API writes a report down; without it nothing goes back by itself.
    await noteAs(world.installation, world.fixture, world.product, {
      ...{ fact: 'started', releaseId: incidentWorkflowId(world.product), kind: 'incident' },
      ...{ by: 'pager', via: 'api', nonce: 'orders' },
    });
    await world.client.workflow.signalWithStart(WORKFLOW_TYPES.incident, {
      workflowId: incidentWorkflowId(world.product),
      taskQueue: workflowQueue(world.product),
      args: [input],
      signal: 'incident',
      signalArgs: [{ person: 'pager', severity: 'critical', reason: 'orders are lost' }],
    });
    const workflowId = rollBackProductWorkflowId(world.product);
    const handle = world.client.workflow.getHandle(workflowId);
    await waitFor('the rollback to start', async () =>
      handle
        .describe()
        .then(() => true)
        .catch(() => false),
    );
    await handle.result();
    takenBack = await recordOf(workflowId);
    expect(takenBack.steps.filter((step) => step.status === 'failed')).toEqual([]);
    expect(takenBack.outcome).toBe('rolled_back');
    expect(await production()).toBe('1.2.0');
    const registry = `http://127.0.0.1:${world.fixture.ports.npm}/`;
    const document = (await (await fetch(`${registry}@windlass-example/shop`)).json()) as {
      'dist-tags': Record<string, string>;
      versions: Record<string, { deprecated?: string }>;
    };
    expect(document['dist-tags']).toEqual({ latest: '1.2.0' });
    expect(document.versions['1.2.1']?.deprecated).toMatch(/orders are lost/);
    expect(git('show', 'main:state.yml')).toMatch(/version: 1\.2\.0/);
    expect(git('show', 'main:release-status.yaml')).toMatch(/version: 1\.2\.1[\s\S]*?status: rolled_back/);
    const told = readFileSync(join(world.folders.notices, 'ceo.jsonl'), 'utf8');
    expect(told).toMatch(/rolled back/i);
  });

  it('an incident whose version is gone already takes nothing else back', async () => {
    // A second report of the same trouble, whose deadline comes after somebody was quicker.
    const late = await startRollback(world, { reason: 'incident: orders are lost', bad: '1.2.1' });
    expect(await late.result()).toMatchObject({
      outcome: 'completed',
      ending: 'production runs 1.2.0, not 1.2.1: there is nothing to roll back',
    });
    expect(await production()).toBe('1.2.0');
  });

  it('a post-mortem is drafted, asks for an owner, and ends when somebody closes it', async () => {
    const handle = world.client.workflow.getHandle(postMortemWorkflowId(world.product, takenBack.releaseId));
    const state = await waitFor('the draft', async () => {
      const now = await handle.query<PostMortemState>(STATUS_QUERY);
      return now.issue ? now : undefined;
    });
    expect(state.owner).toBeUndefined();
    const issues = join(world.folders.root, 'store', 'named', 'issues', world.product);
    const texts = readdirSync(issues).map((file) => readFileSync(join(issues, file), 'utf8'));
    expect(texts.some((text) => text.includes('## Timeline'))).toBe(true);
    await handle.signal('own', { owner: 'dora' });
    await handle.signal('close', { by: 'dora', reason: 'a test was missing' });
    expect(await handle.result()).toMatchObject({
      owner: 'dora',
      closed: { by: 'dora', reason: 'a test was missing' },
    });
  });

  it('the schedule does not release again what was rolled back, unless a person says why', async () => {
    const handle = await world.start({ via: 'schedule', requestedBy: 'schedule' });
    const record = await world.until('the question', (now) => now.waiting?.actions.includes('skip') === true);
    expect(record.waiting?.reason).toContain('1.2.1 was rolled back');
    await world.send('abort', personWith(world.fixture, 'operator'), { reason: 'not yet' });
    await handle.result();
    expect(
      (await world.client.workflow.getHandle(releaseWorkflowId(world.product)).describe()).status.name,
    ).toBe('COMPLETED');
  });

  it('customers were answered through all of it', async () => {
    await customers.stop();
    expect(customers.failed()).toBe(0);
    expect(customers.served()).toBeGreaterThan(100);
  });
});

/** A colleague's fix on main, after features that are not released yet. */
function commitFix(world: ReleaseWorld): string {
  const clone = join(world.folders.root, 'colleague');
  const run = (...args: string[]) =>
    execFileSync('git', ['-C', clone, '-c', 'user.name=Ola', '-c', 'user.email=ola@example.test', ...args], {
      encoding: 'utf8',
    }).trim();
  execFileSync('git', ['clone', '--quiet', world.folders.origin, clone]);
  execFileSync('sh', ['-c', 'echo "Be polite." > POLITE.md'], { cwd: clone });
  run('add', 'POLITE.md');
  run('commit', '--quiet', '-m', 'fix: answer politely (#99)');
  run('push', '--quiet', 'origin', 'HEAD:refs/heads/main');
  return run('rev-parse', 'HEAD');
}

/** What the failure asks a person to do: a merge commit of the hotfix's branch on main. */
function mergeByHand(world: ReleaseWorld, branch: string): void {
  const clone = join(world.folders.root, 'colleague');
  const run = (...args: string[]) =>
    execFileSync('git', ['-C', clone, '-c', 'user.name=Ola', '-c', 'user.email=ola@example.test', ...args]);
  run('pull', '--quiet', 'origin', 'main');
  run('fetch', '--quiet', 'origin', branch);
  run('merge', '--quiet', '--no-ff', '-X', 'theirs', '-m', 'merge the hotfix', 'FETCH_HEAD');
  run('push', '--quiet', 'origin', 'HEAD:refs/heads/main');
}
