import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import type { Installation } from '../../src/config/installation.ts';
import { STATUS_QUERY } from '../../src/contracts/commands.ts';
import { workflowQueue } from '../../src/contracts/task-queues.ts';
import {
  deploymentWorkflowId,
  environmentWorkflowId,
  WORKFLOW_TYPES,
} from '../../src/contracts/workflow-ids.ts';
import type { DeploymentInput, DeploymentResult, EnvironmentState } from '../../src/contracts/workflows.ts';
import type { DemoPlot } from '../../src/demo/plot.ts';
import type { MonitoringCheck, Severity } from '../../src/release/settings.ts';
import type { StoreRef } from '../../src/release/store-ref.ts';
import type { RecordEvent } from '../../src/release/transitions.ts';
import { openStore } from '../../src/workers/open-store.ts';
import { packShop } from '../examples/shop-packages.ts';
import { type ReleaseWorld, startReleaseWorld } from './release-world.ts';
import { waitFor } from './temporal-server.ts';

/** What the example's supervisor says of itself. */
export interface SupervisorStatus {
  version: string | null;
  generation: number;
  active: 'blue' | 'green' | null;
  slots: Record<
    'blue' | 'green',
    { version: string | null; percent: number; healthy: boolean; instances: { version: string }[] }
  >;
}

/** A world in which deployments can be started alone: nobody has to approve, and the windows are short. */
export interface ShippingWorld extends ReleaseWorld {
  productionUrl: string;
  commit: string;
  pack(version: string, fault?: string, migration?: string): Promise<StoreRef>;
  describe(version: string, artifact: StoreRef, more?: Partial<DeploymentInput>): Promise<DeploymentInput>;
  deploy(input: DeploymentInput): Promise<WorkflowHandle>;
  /** What the deployment has told so far. */
  told(input: DeploymentInput): Promise<RecordEvent[]>;
  untilTold(
    input: DeploymentInput,
    what: string,
    matches: (event: RecordEvent) => boolean,
    limitMs?: number,
  ): Promise<RecordEvent>;
  finished(input: DeploymentInput): Promise<DeploymentResult>;
  production(): Promise<SupervisorStatus>;
  /** Keys of the effects that production's supervisor remembers. */
  effects(): Promise<string[]>;
  lease(environment?: string): Promise<EnvironmentState>;
  /** Waits until the lease is free, and production is whole: one version, all of it healthy. */
  untilWhole(version: string, limitMs?: number): Promise<SupervisorStatus>;
}

const SECOND = 1_000;

/** Starts it with 1.2.0 in production. */
export async function startShippingWorld(
  adjust: (installation: Installation, plot: DemoPlot) => void = () => undefined,
): Promise<ShippingWorld> {
  const scene = await startReleaseWorld({
    adjust: (installation, plot) => {
      const product = installation.products[plot.product];
      if (!product) throw new Error('the world has no product');
      for (const policy of Object.values(product.policy)) policy.goLiveApprovals = [];
      for (const environment of product.environments) {
        if (environment.kind === 'production') environment.checks = describeChecks(plot);
        environment.canary = {
          steps: [
            { percent: 10, soakMs: 5 * SECOND },
            { percent: 50, soakMs: 4 * SECOND },
            { percent: 100, soakMs: SECOND },
          ],
        };
      }
      adjust(installation, plot);
    },
  });
  const product = scene.installation.products[scene.product];
  const environment = product?.environments.find((candidate) => candidate.kind === 'production');
  if (!product || !environment) throw new Error('the world has no production');
  const control = `http://127.0.0.1:${scene.world.plot.ports.productionControl}`;
  const store = await openStore(scene.installation);
  const commit = execFileSync('git', ['--git-dir', scene.world.folders.origin, 'rev-parse', 'main'], {
    encoding: 'utf8',
  }).trim();
  const idOf = (input: DeploymentInput) =>
    deploymentWorkflowId(input.product, input.environment.name, input.releaseId, input.round);
  const handleOf = (input: DeploymentInput) => scene.client.workflow.getHandle(idOf(input));
  const production = async () => (await (await fetch(`${control}/status`)).json()) as SupervisorStatus;
  const lease: ShippingWorld['lease'] = async (name = environment.name) =>
    await scene.client.workflow
      .getHandle(environmentWorkflowId(scene.product, name))
      .query<EnvironmentState>(STATUS_QUERY);
  const told: ShippingWorld['told'] = async (input) =>
    await handleOf(input).query<RecordEvent[]>(STATUS_QUERY);

  return {
    ...scene,
    productionUrl: `http://127.0.0.1:${scene.world.plot.ports.production}`,
    commit,
    pack: async (version, fault, migration) => {
      const packed = packShop(join(scene.world.folders.root), version, fault, migration);
      return await store.putFile(packed.artifact, 'application/gzip');
    },
    describe: async (version, artifact, more = {}) => ({
      releaseId: `${scene.product}-20261121-${randomUUID().slice(0, 6)}`,
      product: scene.product,
      environment,
      version,
      previous: { version: '1.2.0' },
      commit,
      artifact,
      type: 'minor',
      strategy: 'blue-green',
      monitoring: { level: 'standard', windowMs: 4 * SECOND, intervalMs: SECOND },
      severity: product.severity,
      rollbackOnFailure: true,
      migrationsBackwardCompatible: true,
      round: 1,
      priority: 'release',
      ...more,
    }),
    deploy: async (input) =>
      await scene.client.workflow.start(WORKFLOW_TYPES.deployment, {
        workflowId: idOf(input),
        taskQueue: workflowQueue(scene.product),
        args: [input],
      }),
    told,
    untilTold: async (input, what, matches, limitMs = 60_000) =>
      await waitFor(what, async () => (await told(input).catch(() => [])).find(matches), limitMs),
    finished: async (input) => (await handleOf(input).result()) as DeploymentResult,
    production,
    effects: async () =>
      Object.keys(((await (await fetch(`${control}/status`)).json()) as { effects: object }).effects),
    lease,
    untilWhole: async (version, limitMs = 120_000) =>
      await waitFor(
        `production to be whole on ${version} and its lease free`,
        async () => {
          const status = await production();
          const { holder, waiting } = await lease();
          const serving = Object.values(status.slots).filter((slot) => slot.percent > 0);
          const [only] = serving;
          const whole =
            serving.length === 1 &&
            only?.percent === 100 &&
            only.healthy &&
            only.instances.every((instance) => instance.version === version);
          return whole && holder === undefined && waiting.length === 0 ? status : undefined;
        },
        limitMs,
      ),
  };
}

/** Errors, tail latency and memory, slot by slot where a canary asks for a slot, judged within seconds. */
function describeChecks(plot: DemoPlot): MonitoringCheck[] {
  const check = (
    name: string,
    kind: 'ratio' | 'sample',
    limit: number,
    severity: Severity,
    figure: string,
  ): MonitoringCheck => ({
    severity,
    // Looks are a second apart here, in which there are too few requests to tell 5 % errors from 2 %.
    source: { script: { run: ['ops/measure', figure, '--seconds', '4'], timeoutMs: 20 * SECOND } },
    check: {
      name,
      kind,
      direction: 'lower_is_better',
      compare: 'none',
      limit: { value: limit, gross: 20 * limit, breaches: 2, of: 3, hysteresis: 0.1 },
      relativeLimit: 2,
      criticality: 'critical',
      minimumSamples: 2,
      minimumRequests: 10,
      minimumCoverage: 0.5,
      hostNoise: 0.03,
    },
  });
  return [
    check('error_rate', 'ratio', 2, 'critical', 'errors'),
    // A slow tail is 600 ms slower; a busy machine alone is not.
    check('p99', 'sample', 500, 'critical', 'p99'),
    check('saturation', 'sample', 0.6, 'critical', 'saturation'),
    {
      severity: 'critical',
      source: { http: { url: `http://127.0.0.1:${plot.ports.production}/healthz` } },
      check: {
        ...check('front_door', 'ratio', 50, 'critical', 'errors').check,
        limit: { value: 50, breaches: 2, of: 3, hysteresis: 0.1 },
        minimumRequests: 1,
      },
    },
  ];
}
