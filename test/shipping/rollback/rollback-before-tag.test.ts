import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATUS_QUERY } from '../../../src/contracts/commands.ts';
import { workflowQueue } from '../../../src/contracts/task-queues.ts';
import {
  incidentWorkflowId,
  rollBackProductWorkflowId,
  WORKFLOW_TYPES,
} from '../../../src/contracts/workflow-ids.ts';
import { type IncidentRecord, openGate, type ReleaseRecord } from '../../../src/release/record/record.ts';
import { type Colleague, startColleague, startHotfix } from '../../support/fixture/hotfix-fixture.ts';
import {
  type ReleaseWorld,
  startReleaseWorld,
  versionInProduction,
} from '../../support/fixture/release-world.ts';
import { requestOf, startRollback } from '../../support/fixture/requests.ts';
import { noteStart } from '../../support/note-start.ts';

const LIMIT_MS = 240_000;

/** Between go-live and the tag: a hotfix whose merge waits for a person, the usual case where main has moved on. */
describe('a hotfix that is live and not tagged yet', { timeout: 500_000 }, () => {
  let world: ReleaseWorld;
  let ola: Colleague;

  beforeAll(async () => {
    world = await startReleaseWorld({
      keepsLedger: true,
      adjust: (installation, fixture) => {
        const product = installation.products[fixture.product];
        if (!product) throw new Error('no product');
        product.policy.hotfix.gates = ['tests'];
        product.policy.hotfix.monitoring = { level: 'enhanced', windowMs: 3_000, intervalMs: 1_000 };
        for (const environment of product.environments) environment.checks = [];
      },
    });
    ola = startColleague(world, 'ola');
  }, 300_000);

  afterAll(async () => {
    await world?.stop();
  });

  const tags = () =>
    execFileSync('git', ['--git-dir', world.folders.origin, 'tag', '--list', 'v1.2.*'], { encoding: 'utf8' });
  const push = (file: string) => {
    ola.git('pull', '--quiet', 'origin', 'main');
    const sha = ola.commit(file, file, `fix: ${file}`);
    ola.git('push', '--quiet', 'origin', 'HEAD:refs/heads/main');
    return sha;
  };

  it('is taken back by a rollback, and ends then instead of being merged, tagged and offered', async () => {
    const hotfix = await startHotfix(world, { commits: [push('ONE.md')], careful: false });
    await hotfix.until('the fast track', (record) => openGate(record, 'hotfix') !== undefined, LIMIT_MS);
    await hotfix.approve();
    const waiting = await hotfix.until(
      'the question about the merge',
      (record) => record.waiting?.actions.includes('retry') === true,
      LIMIT_MS,
    );
    expect(waiting.phase).toBe('finalize');
    expect(await versionInProduction(world)).toBe('1.2.1');
    const rollback = await startRollback(world, { reason: 'the hotfix made it worse', bad: '1.2.1' });
    expect(await rollback.result()).toMatchObject({ outcome: 'rolled_back', version: '1.2.1' });
    expect(await versionInProduction(world)).toBe('1.2.0');
    const ended = await hotfix.handle.result();
    expect(ended).toMatchObject({
      outcome: 'rolled_back',
      ending: expect.stringMatching(
        /^1\.2\.1 was taken back by rollback\/\S+: the hotfix made it worse; .*1\.2\.0/,
      ),
    });
    const record = await hotfix.handle.query<ReleaseRecord>(STATUS_QUERY);
    const took = await rollback.query<ReleaseRecord>(STATUS_QUERY);
    expect(Date.parse(record.endedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(took.endedAt ?? ''));
    expect(record.timeline.map(({ event }) => event)).toContain('is_taken_back');
    expect(record.environments.find(({ kind }) => kind === 'production')?.share).toBe(0);
    expect(tags()).toBe('v1.2.0\n');
    const registry = `http://127.0.0.1:${world.fixture.ports.npm}/`;
    const document = (await (await fetch(`${registry}@windlass-example/shop`)).json()) as {
      'dist-tags': Record<string, string>;
      versions: Record<string, { deprecated?: string }>;
    };
    expect(document['dist-tags']).toEqual({ latest: '1.2.0' });
    expect(document.versions['1.2.1']?.deprecated).toMatch(/made it worse/);
  });

  it('is taken back by a critical incident, which is settled once production runs the version before', async () => {
    const hotfix = await startHotfix(world, { commits: [push('TWO.md')], careful: false });
    await hotfix.until('the fast track', (record) => openGate(record, 'hotfix') !== undefined, LIMIT_MS);
    await hotfix.approve();
    const live = await hotfix.until(
      'the question about the merge',
      (record) => record.waiting?.actions.includes('retry') === true,
      LIMIT_MS,
    );
    expect([live.phase, live.plan?.version]).toEqual(['finalize', '1.2.2']);
    const { client, product } = world;
    const { installation, fixture } = world;
    const asked = requestOf(product, { releaseId: incidentWorkflowId(product), requestedBy: 'pager' });
    await noteStart(installation, fixture, 'incident', asked);
    await client.workflow.signalWithStart(WORKFLOW_TYPES.incident, {
      workflowId: incidentWorkflowId(product),
      taskQueue: workflowQueue(product),
      args: [{ product }],
      signal: 'incident',
      signalArgs: [{ person: 'pager', reason: 'nobody can pay', severity: 'critical' }],
    });
    const [incident] = (await client.workflow
      .getHandle(incidentWorkflowId(product))
      .result()) as IncidentRecord[];
    expect(incident).toMatchObject({ version: '1.2.2', severity: 'critical' });
    const rollback = client.workflow.getHandle(rollBackProductWorkflowId(product));
    expect(await rollback.result()).toMatchObject({ outcome: 'rolled_back', version: '1.2.2' });
    expect(await versionInProduction(world)).toBe('1.2.0');
    const { incidents } = await rollback.query<ReleaseRecord>(STATUS_QUERY);
    expect(incidents).toEqual([
      expect.objectContaining({ id: incident?.id, resolution: 'rolled back at once' }),
    ]);
    expect(await hotfix.handle.result()).toMatchObject({ outcome: 'rolled_back' });
    expect(tags()).toBe('v1.2.0\n');
  });
});
