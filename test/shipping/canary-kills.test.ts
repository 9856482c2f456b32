import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Authorization } from '../../src/contracts/activities.ts';
import { STATUS_QUERY } from '../../src/contracts/commands.ts';
import { workflowQueue } from '../../src/contracts/task-queues.ts';
import {
  deploymentWorkflowId,
  environmentWorkflowId,
  WORKFLOW_TYPES,
} from '../../src/contracts/workflow-ids.ts';
import type { DeploymentInput, DeploymentResult, EnvironmentState } from '../../src/contracts/workflows.ts';
import type { RecordEvent } from '../../src/release/record/record-event.ts';
import { subjectOf } from '../../src/release/subject.ts';
import { openStore } from '../../src/workers/open-store.ts';
import { type KillableProcess, startWorkerProcess } from '../crash/process/killable-process.ts';
import { startTraffic } from '../examples/shop-environment.ts';
import { packShop } from '../examples/shop-packages.ts';
import { type DemoFixture, startWorld, type World } from '../support/fixture/demo.ts';
import { findWorkflowBundle } from '../support/fixture/made-once.ts';
import { readInstallation } from '../support/fixture/release-world.ts';
import { signAs } from '../support/fixture/requests.ts';
import type { SupervisorStatus } from '../support/fixture/shipping-world.ts';
import { type GateProxy, startGateProxy } from '../support/network/gate-proxy.ts';
import { connectTestClient, readSharedTemporal, waitFor } from '../support/server/temporal-server.ts';

const VERSION = '1.3.0';
/** Where the scripts that change something ask the supervisor: there they wait, so that none is over unseen. */
const GATES: Record<string, string> = {
  'production.backup': '/backup',
  'production.deploy': '/deploy',
  'production.migrate': '/migrate',
  'production.traffic': '/traffic',
};
/** Each is killed. The steps that only look (verify, smoke, health) may be over before they are seen. */
const KILLED_FOR_CERTAIN = [
  ...Object.keys(GATES),
  'production.traffic',
  'production.traffic',
  'production.soak_10',
  'production.soak_50',
  'monitoring.window',
];

/** One worker process with every role: kill -9 takes workflows and activities with it, and the running scripts. */
describe('a canary whose worker is killed (kill -9) in the middle of every step', () => {
  let root: string;
  let world: World;
  let connected: Awaited<ReturnType<typeof connectTestClient>>;
  let worker: KillableProcess;
  let traffic: ReturnType<typeof startTraffic>;
  let gate: GateProxy;
  const product = `shop-${randomUUID().slice(0, 8)}`;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'windlass-canary-kills-'));
    const folder = join(root, 'world');
    world = await startWorld({ root: folder, product, bad: false, onProgress: () => undefined });
    const config = parse(await readFile(world.folders.config, 'utf8'));
    const canary = [
      { percent: 10, soak: '4s' },
      { percent: 50, soak: '4s' },
      { percent: 100, soak: '0s' },
    ];
    gate = await startGateProxy(() => `http://127.0.0.1:${world.fixture.ports.productionControl}`);
    for (const path of Object.values(GATES)) gate.hold(path);
    const { production } = config.products[product].environments;
    production.canary = canary;
    // The deployment is started on its own, past the API.
    config.ledger = { keep: false };
    production.variables.SHOP_SUPERVISOR = gate.url;
    await writeFile(world.folders.config, stringify(config));
    connected = await connectTestClient();
    worker = await startWorker();
    traffic = startTraffic(`http://127.0.0.1:${world.fixture.ports.production}`, 2);
  }, 120_000);

  afterAll(async () => {
    await traffic?.stop();
    await worker?.stop();
    await connected?.close();
    await world?.stop();
    await gate?.stop();
    if (root) await rm(root, { recursive: true, force: true });
  });

  const startWorker = async () =>
    await startWorkerProcess(
      {
        address: readSharedTemporal().address,
        hosts: [{ config: world.folders.config, prefix: product }],
        parts: ['workflow', 'release', 'devops', 'qa', 'writer', 'support'],
        crashAt: [],
        marks: root,
        workflows: await findWorkflowBundle(),
      },
      { temporary: join(root, 'tmp') },
    );
  const supervisor = async () =>
    (await (
      await fetch(`http://127.0.0.1:${world.fixture.ports.productionControl}/status`)
    ).json()) as SupervisorStatus & { effects: Record<string, unknown> };

  it('goes on after each of them, does everything once, and ends whole', { timeout: 900_000 }, async () => {
    const installation = readInstallation(world.folders.config);
    const settings = installation.products[product];
    const environment = settings?.environments.find(({ kind }) => kind === 'production');
    if (!settings || !environment) throw new Error('there is no production');
    const store = await openStore(installation);
    const artifact = await store.putFile(packShop(root, VERSION).artifact, 'application/gzip');
    const commit = execFileSync('git', ['--git-dir', world.folders.origin, 'rev-parse', 'main'], {
      encoding: 'utf8',
    }).trim();
    const releaseId = `${product}-20261121-abcdef`;
    const input: DeploymentInput = {
      releaseId,
      product,
      environment,
      version: VERSION,
      previous: { version: '1.2.0' },
      commit,
      artifact,
      type: 'hotfix',
      strategy: 'canary',
      monitoring: { level: 'standard', windowMs: 4_000, intervalMs: 1_000 },
      severity: settings.severity,
      rollbackOnFailure: true,
      migrationsBackwardCompatible: true,
      authorization: approve(world.fixture, { releaseId, commit, artifact: artifact.digest }),
      round: 1,
      priority: 'hotfix',
    };
    const workflowId = deploymentWorkflowId(product, environment.name, releaseId, 1);
    const handle = await connected.client.workflow.start(WORKFLOW_TYPES.deployment, {
      workflowId,
      taskQueue: workflowQueue(product),
      args: [input],
    });
    const isOpen = async () => (await handle.describe()).status.name === 'RUNNING';
    const told = async () => await handle.query<RecordEvent[]>(STATUS_QUERY);

    const killed: string[] = [];
    let seen = 0;
    for (;;) {
      // A step that has begun since the kill before. A query fails while the worker is just coming up.
      const next = await waitFor(
        `a step after ${killed.at(-1) ?? 'the start'}`,
        async () => {
          const events = (await told().catch(() => undefined)) ?? [];
          const started = events.flatMap((event) => (event.event === 'step_started' ? [event.id] : []));
          if (started.length > seen) return { id: started.at(-1) ?? '', started: started.length };
          return (await isOpen()) ? undefined : 'over';
        },
        120_000,
      );
      if (next === 'over' || !(await isOpen())) break;
      // The traffic is sent three times: what went through for the step before waits again.
      for (const path of Object.values(GATES)) gate.hold(path);
      const path = GATES[next.id];
      if (path) await waitFor(`${next.id} to be in its middle`, async () => gate.waiting(path) > 0, 300_000);
      worker.kill('SIGKILL');
      await worker.gone;
      killed.push(next.id);
      seen = next.started;
      if (path) gate.open(path);
      worker = await startWorker();
    }

    const result = (await handle.result()) as DeploymentResult;
    expect(result, result.reason).toMatchObject({ outcome: 'deployed', monitoring: 'passed' });
    const looks = ['production.verify', 'production.smoke', 'production.health', 'monitoring.smoke'];
    const certain = killed.filter((id) => !looks.includes(id));
    expect(certain.toSorted()).toEqual(KILLED_FOR_CERTAIN.toSorted());

    const status = await supervisor();
    const serving = Object.values(status.slots).filter(({ percent }) => percent > 0);
    expect(serving).toMatchObject([{ version: VERSION, percent: 100, healthy: true }]);
    expect(serving[0]?.instances.map(({ version }) => version)).toEqual([VERSION, VERSION]);
    const effects = Object.keys(status.effects)
      .filter((key) => key.startsWith(`${releaseId}/`))
      .map((key) => key.slice(releaseId.length + 1).split('/')[0]);
    expect(effects.toSorted()).toEqual(['backup', 'deploy', 'migrate', 'traffic', 'traffic', 'traffic']);
    const lease = await connected.client.workflow
      .getHandle(environmentWorkflowId(product, environment.name))
      .query<EnvironmentState>(STATUS_QUERY);
    expect(lease).toMatchObject({ waiting: [] });
    expect(lease.holder).toBeUndefined();
    expect((await traffic.stop()).failures).toEqual([]);
  });

  /** What on-call signs on the fast track. */
  const approve = (
    fixture: DemoFixture,
    about: { releaseId: string; commit: string; artifact: `sha256:${string}` },
  ): Authorization => {
    const parts = {
      product,
      version: VERSION,
      type: 'hotfix' as const,
      planHash: `sha256:${'0'.repeat(64)}`,
      commit: about.commit,
      artifact: about.artifact,
    };
    const approval = {
      name: 'approve' as const,
      releaseId: about.releaseId,
      gate: 'hotfix',
      subject: subjectOf(parts),
    };
    const signed = signAs(fixture, 'on_call', { ...approval, role: 'on_call' }, 3_600_000);
    return { parts, requestedBy: 'cleo', authors: [], decisions: [signed] };
  };
});
