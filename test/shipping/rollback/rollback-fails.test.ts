import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATUS_QUERY } from '../../../src/contracts/commands.ts';
import { INTERNAL_SIGNALS } from '../../../src/contracts/internal-signals.ts';
import { workflowQueue } from '../../../src/contracts/task-queues.ts';
import {
  deploymentWorkflowId,
  rollbackWorkflowId,
  WORKFLOW_TYPES,
} from '../../../src/contracts/workflow-ids.ts';
import type {
  DeploymentInput,
  DeployVersionInput,
  RollbackResult,
} from '../../../src/contracts/workflows.ts';
import type { ScriptSettings } from '../../../src/release/settings.ts';
import { startTraffic } from '../../examples/shop-environment.ts';
import { requestOf } from '../../support/fixture/requests.ts';
import { type ShippingWorld, startShippingWorld } from '../../support/fixture/shipping-world.ts';
import { waitFor } from '../../support/server/temporal-server.ts';

/** Ends with 1 whatever it is asked: there is no such figure. */
const BROKEN: ScriptSettings = { run: ['ops/measure', 'nothing'], timeoutMs: 10_000 };

/** Going back is the last resort: it must not give up, and must say when it was no cure. */
describe('a rollback', { timeout: 600_000 }, () => {
  let world: ShippingWorld;
  let traffic: ReturnType<typeof startTraffic>;

  beforeAll(async () => {
    world = await startShippingWorld();
    traffic = startTraffic(world.productionUrl, 2);
  });

  afterAll(async () => {
    await traffic?.stop();
    await world?.stop();
  });

  const scripts = () => {
    const environment = world.installation.products[world.product]?.environments.find(
      (one) => one.kind === 'production',
    );
    if (!environment) throw new Error('there is no production');
    return environment.scripts;
  };
  const rollbackOf = () => world.client.workflow.getHandle(rollbackWorkflowId(world.product, 'production'));
  const progress = async () =>
    await rollbackOf()
      .query<{ failed?: string; waitsForRetry: boolean }>(STATUS_QUERY)
      .catch(() => undefined);
  const calls = () => {
    const file = join(world.folders.notices, 'on-call.jsonl');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  };
  const runsAgain = async (input: DeploymentInput) =>
    (await world.told(input)).flatMap((event) =>
      event.event === 'environment' && event.news?.is === 'runs_again' ? [event.environment.version] : [],
    );
  const report = async (input: DeploymentInput, reason: string) => {
    const { product, environment, releaseId, round } = input;
    const id = deploymentWorkflowId(product, environment.name, releaseId, round);
    const said = {
      what: 'incident',
      by: 'pager',
      reason,
      severity: 'critical',
      verified: false,
      incidentId: reason,
    };
    await world.client.workflow.getHandle(id).signal(INTERNAL_SIGNALS.steer, said);
  };
  /** As the deployment told of each last. */
  const incidentsOf = async (input: DeploymentInput) => {
    const told = (await world.told(input)).flatMap((event) =>
      event.event === 'incident' ? [event.incident] : [],
    );
    return [...new Map(told.map((one) => [one.id, one])).values()];
  };
  /** A version that has to go back as soon as it is judged. */
  const shipBad = async (version: string): Promise<DeploymentInput> => {
    const input = await world.describe(version, await world.pack(version, 'errors-5-percent'), {
      monitoring: { level: 'standard', windowMs: 60_000, intervalMs: 1_000 },
    });
    await world.deploy(input);
    return input;
  };

  it('that fails itself calls a person, keeps the lease, and is retried until it works', async () => {
    const works = scripts().rollback;
    if (!works) throw new Error('there is no rollback script');
    scripts().rollback = BROKEN;
    const input = await shipBad('1.3.1');
    await report(input, 'checkout fails');
    await waitFor('the first failure', async () => (await progress())?.waitsForRetry, 120_000);
    expect((await progress())?.failed).toContain('Run the rollback script to 1.2.0');
    expect((await world.lease()).holder?.holder).toBe(rollbackWorkflowId(world.product, 'production'));
    const told = await waitFor('the call', () => calls().filter((line) => line.includes('needs you'))[0]);
    expect(told).toContain(`windlass retry ${world.product}`);
    // Still broken: it waits again.
    await rollbackOf().signal('retry', { person: 'ola' });
    await waitFor('the second failure', async () => {
      const { events } = await rollbackOf().fetchHistory();
      const failures = events?.filter((event) => event.activityTaskFailedEventAttributes) ?? [];
      return failures.length >= 2 && (await progress())?.waitsForRetry;
    });
    expect((await world.production()).version).toBe('1.3.1');
    // Nothing says yet that it was rolled back, and nobody can answer what is answered.
    expect(await runsAgain(input)).toEqual([]);
    const waiting = await incidentsOf(input);
    expect(waiting.map(({ summary }) => summary)).toContain('checkout fails');
    for (const one of waiting) {
      expect(one.goingSince).toBeDefined();
      expect(one.resolution).toBeUndefined();
    }
    scripts().rollback = works;
    await rollbackOf().signal('retry', { person: 'ola' });
    expect(await world.finished(input)).toMatchObject({ outcome: 'rolled_back' });
    expect(await runsAgain(input)).toEqual(['1.2.0']);
    for (const one of await incidentsOf(input)) expect(one.resolution).toMatch(/^rolled back/);
    await world.untilWhole('1.2.0');
  });

  it('that did not help says so, and proposes a hotfix by its command', async () => {
    const works = scripts().smoke;
    if (!works) throw new Error('there is no smoke script');
    const input = await shipBad('1.3.2');
    await waitFor('the rollback', async () => (await progress()) && (await rollbackIsOpen()), 120_000);
    // From now on a customer's journey fails in the version before as well.
    scripts().smoke = BROKEN;
    const result = await world.finished(input).finally(() => {
      scripts().smoke = works;
    });
    expect(result.outcome).toBe('rollback_failed');
    expect((await rollbackOf().result()) as RollbackResult).toMatchObject({ outcome: 'back', helped: false });
    const told = calls().filter((line) => line.includes('did not help'));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(`windlass hotfix ${world.product} --commit SHA`);
    await world.untilWhole('1.2.0');
  });

  const rollbackIsOpen = async () => (await rollbackOf().describe()).status.name === 'RUNNING';

  it('is retried by the command that people know, through what it works for', async () => {
    const works = scripts().rollback;
    if (!works) throw new Error('there is no rollback script');
    scripts().rollback = BROKEN;
    // The released version again, bad this time by a smoke test that fails once it is live.
    const smoke = scripts().smoke;
    const request = { ...requestOf(world.product), version: '1.2.0' };
    scripts().smoke = BROKEN;
    const args: DeployVersionInput = { request, environment: 'production', strategy: 'rolling' };
    const handle = await world.client.workflow.start(WORKFLOW_TYPES.deployVersion, {
      workflowId: `deploy/${world.product}/production`,
      taskQueue: workflowQueue(world.product),
      args: [args],
    });
    await waitFor('the failure', async () => (await progress())?.waitsForRetry, 120_000);
    if (smoke) scripts().smoke = smoke;
    scripts().rollback = works;
    const record = await waitFor('the question', async () => {
      const now = await handle.query<{ waiting?: { actions: string[]; reason: string } }>(STATUS_QUERY);
      return now.waiting?.reason.includes('itself failed') ? now : undefined;
    });
    expect(record.waiting?.actions).toEqual(['retry']);
    await handle.signal('retry', { person: 'ola' });
    expect(await handle.result()).toMatchObject({ outcome: 'rolled_back' });
    await world.untilWhole('1.2.0');
  });

  it('that a person gave up says so, and not that the version before runs again', async () => {
    const works = scripts().rollback;
    if (!works) throw new Error('there is no rollback script');
    scripts().rollback = BROKEN;
    const input = await shipBad('1.3.3');
    await report(input, 'search is down');
    await waitFor('the failure', async () => (await progress())?.waitsForRetry, 120_000);
    await rollbackOf().signal('abort', { person: 'ola', reason: 'put right by hand' });
    const result = await world.finished(input).finally(() => {
      scripts().rollback = works;
    });
    expect(result.outcome).toBe('rollback_failed');
    expect(await runsAgain(input)).toEqual([]);
    const ended = await incidentsOf(input);
    expect(ended.map(({ summary }) => summary)).toContain('search is down');
    for (const one of ended)
      expect(one.resolution).toMatch(/^not rolled back by Windlass: given up by a person/);
  });
});
