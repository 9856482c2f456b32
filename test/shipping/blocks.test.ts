import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningApi, startApi } from '../../src/api/server.ts';
import type { CliContext } from '../../src/cli/line/context.ts';
import { runDecide } from '../../src/cli/remote/decide.ts';
import { runMonitoring } from '../../src/cli/remote/monitoring.ts';
import { runDeploy } from '../../src/cli/remote/start/deploy.ts';
import { runGates } from '../../src/cli/remote/start/gates.ts';
import { runMonitor } from '../../src/cli/remote/start/monitor.ts';
import { runRollback } from '../../src/cli/remote/start/rollback.ts';
import { runStatus } from '../../src/cli/remote/status.ts';
import { STATUS_QUERY } from '../../src/contracts/commands.ts';
import { deployVersionWorkflowId, monitorProductWorkflowId } from '../../src/contracts/workflow-ids.ts';
import { packPackage } from '../../src/providers/registry/npm/pack.ts';
import { publishTarball } from '../../src/providers/registry/npm/registry.ts';
import type { ReleaseRecord } from '../../src/release/record/record.ts';
import type { PersonRole } from '../../src/release/settings.ts';
import type { ConnectedClient } from '../../src/temporal/connection.ts';
import { openStore } from '../../src/workers/open-store.ts';
import { makeContext, type Said, say } from '../cli/cli-context.ts';
import { startTraffic } from '../examples/shop-environment.ts';
import { personWith } from '../support/fixture/demo.ts';
import { type ShippingWorld, startShippingWorld } from '../support/fixture/shipping-world.ts';
import { connectTestClient, waitFor } from '../support/server/temporal-server.ts';

type Run = (argv: string[], context: CliContext) => Promise<number>;

/** The command line against the real API, Temporal, workers and processes of the example. */
describe('the building blocks of a release, started alone from a terminal', () => {
  let world: ShippingWorld;
  let connected: ConnectedClient;
  let api: RunningApi;
  let traffic: ReturnType<typeof startTraffic>;

  beforeAll(async () => {
    world = await startShippingWorld(({ products }, fixture) => {
      const product = products[fixture.product];
      if (!product) throw new Error('the world has no product');
      for (const policy of Object.values(product.policy)) {
        policy.goLiveApprovals = ['ceo'];
        policy.monitoring = { level: 'standard', windowMs: 4_000, intervalMs: 1_000 };
      }
      for (const environment of product.environments) {
        // 1.2.0 and 1.1.0 do not tell their saturation yet.
        environment.checks = environment.checks.filter(({ check }) => check.name !== 'saturation');
      }
    });
    connected = await connectTestClient();
    api = await startApi({
      installation: world.installation,
      client: connected.client,
      store: await openStore(world.installation),
      queuePrefix: world.product,
      port: 0,
      limits: { heartbeatMs: 100 },
      log: () => undefined,
    });
    traffic = startTraffic(world.productionUrl, 2);
  });

  afterAll(async () => {
    await traffic?.stop();
    await api?.close();
    await connected?.close();
    await world?.stop();
  });

  const as = (role: PersonRole): NodeJS.ProcessEnv => ({
    WINDLASS_API: api.url,
    WINDLASS_TOKEN: personWith(world.fixture, role).token,
  });
  let shopName = '';
  /** Publishes what a tag of the history holds, without offering it to anybody. */
  const publish = async (version: string) => {
    const { fixture, folders } = world.world;
    const checkout = join(folders.root, `shop-${version}`);
    execFileSync('git', ['clone', '--quiet', '--branch', `v${version}`, folders.origin, checkout]);
    const manifest = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')) as { name: string };
    shopName = manifest.name;
    const { file } = await packPackage({ folder: checkout, outFolder: folders.root });
    const registry = `http://127.0.0.1:${fixture.ports.npm}/`;
    await publishTarball({ registry, token: fixture.npmToken, file, tag: 'old', access: 'public' });
  };
  const ask = async (run: Run, role: PersonRole, ...argv: string[]): Promise<Said> =>
    await say(run, [world.product, ...argv], as(role));

  it('monitor watches production as it is, and its verdict is the exit code', async () => {
    const { code, out, err } = await ask(runMonitor, 'qa', '--for', '4s', '--watch');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/Completed: no regression in 3 checks/i);
  });

  it('monitor is lengthened, and ended early, by people', async () => {
    const watcher = makeContext(as('qa'));
    const watching = runMonitor([world.product, '--for', '1h', '--watch'], watcher.context);
    const tell = async (what: string, ...argv: string[]) =>
      await say(
        (given, context) => runMonitoring([what, ...given], context),
        [world.product, ...argv, '--kind', 'monitoring'],
        as('on_call'),
      );
    const untilWindowIs = async (windowMs: number) =>
      await waitFor(
        `a window of ${windowMs} ms`,
        async () => {
          const handle = connected.client.workflow.getHandle(monitorProductWorkflowId(world.product));
          const record = await handle.query<ReleaseRecord>(STATUS_QUERY).catch(() => undefined);
          return record?.monitoring?.windowMs === windowMs;
        },
        90_000,
      );
    await untilWindowIs(3_600_000);
    expect(await tell('extend', '--by', '30m')).toMatchObject({ code: 0, err: '' });
    await untilWindowIs(5_400_000);
    expect(await tell('end', '--comment', 'seen enough')).toMatchObject({ code: 0, err: '' });
    expect(await watching).toBe(0);
    expect(watcher.said.out).toContain('ended early by ben: seen enough');
  });

  it('deploy asks for its approvals by name, and ships what the registry has', async () => {
    const unknown = await ask(runDeploy, 'release_manager', '1.2.0', '--environment', 'prod');
    expect(unknown.err).toContain('known environments: staging, production');
    const watcher = makeContext(as('release_manager'));
    const deploying = runDeploy(
      [world.product, '1.2.0', '--environment', 'production', '--strategy', 'blue-green', '--watch'],
      watcher.context,
    );
    const handle = connected.client.workflow.getHandle(deployVersionWorkflowId(world.product, 'production'));
    const record = async () => await handle.query<ReleaseRecord>(STATUS_QUERY).catch(() => undefined);
    await waitFor(
      'the approval to be asked for',
      async () => (await record())?.approvals.some((gate) => gate.status === 'open'),
      90_000,
    );
    const kind = ['--kind', 'deployment-production'];
    expect((await ask(runStatus, 'ceo', ...kind)).out).toContain('Waits for CEO');
    const approve: Run = (argv, context) => runDecide('approve', argv, context);
    expect(await ask(approve, 'ceo', 'go-live', ...kind)).toMatchObject({ code: 0, err: '' });
    expect(await deploying).toBe(0);
    expect(watcher.said.out).toContain('Started: deployment to production of');
    expect((await record())?.outcome).toBe('completed');
    await world.untilWhole('1.2.0');
    expect((await traffic.stop()).failures).toEqual([]);
  });

  it('rollback goes back to the very version that is named, and users get that by default again', async () => {
    await publish('1.1.0');
    const argv = ['--to', '1.1.0', '--comment', 'orders fail', '--watch'];
    const { code, out, err } = await ask(runRollback, 'on_call', ...argv);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('Started: rollback of');
    expect(out).toContain('production runs 1.1.0 again');
    await world.untilWhole('1.1.0');
    const registry = `http://127.0.0.1:${world.fixture.ports.npm}`;
    const packument = await (await fetch(`${registry}/${shopName}`)).json();
    expect((packument as { 'dist-tags': Record<string, string> })['dist-tags']['latest']).toBe('1.1.0');
  });

  it('gates builds the next version and runs its gates; nothing is pushed', async () => {
    const { code, out } = await ask(runGates, 'qa', '--profile', 'baseline', '--watch');
    expect(out).toMatch(/gates of 1\.3\.0: tests passed, regression passed, load passed/);
    expect(code).toBe(0);
  });
});
