import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INTERNAL_SIGNALS } from '../../src/contracts/internal-signals.ts';
import { deploymentWorkflowId } from '../../src/contracts/workflow-ids.ts';
import type { DeploymentInput } from '../../src/contracts/workflows.ts';
import { readChecks } from '../../src/release/verdict/checks/read-checks.ts';
import { startTraffic } from '../examples/shop-environment.ts';
import { signAs } from '../support/fixture/requests.ts';
import { type ShippingWorld, startShippingWorld } from '../support/fixture/shipping-world.ts';
import { type Prometheus, prometheusInstalled, startPrometheus } from '../support/server/prometheus.ts';
import { waitFor } from '../support/server/temporal-server.ts';

/** Requests of a slot since the look before; `{slot}` is `.*` where the public address is watched. */
const counted = (extra: string) => `sum(increase(http_requests_total{slot=~"{slot}"${extra}}[{window}]))`;

/** A deployment that is judged by what a real Prometheus scraped from the example's real processes. */
describe.runIf(prometheusInstalled)('by a real Prometheus', { timeout: 600_000 }, () => {
  let world: ShippingWorld;
  let prometheus: Prometheus;
  let traffic: ReturnType<typeof startTraffic>;

  beforeAll(async () => {
    world = await startShippingWorld((installation, fixture) => {
      for (const environment of installation.products[fixture.product]?.environments ?? []) {
        if (environment.kind !== 'production') continue;
        environment.canary = {
          steps: [
            { percent: 10, soakMs: 30_000 },
            { percent: 100, soakMs: 1_000 },
          ],
        };
        const { checks, mistakes } = readChecks([
          {
            name: 'error_rate',
            kind: 'ratio',
            criticality: 'critical',
            minimum_samples: 3,
            minimum_requests: 20,
          },
        ]);
        if (!checks[0]) throw new Error(mistakes[0]?.message);
        const query = `100 * (${counted(',code=~"5.."')} or vector(0)) / ${counted('')}`;
        environment.checks = [
          {
            check: checks[0],
            severity: 'critical',
            source: { prometheus: { query, requests: counted('') } },
          },
        ];
      }
    });
    prometheus = await startPrometheus({
      targets: [`127.0.0.1:${world.fixture.ports.productionControl}`],
    });
    const environments = world.installation.products[world.product]?.environments ?? [];
    for (const environment of environments) environment.metrics = { prometheus: { url: prometheus.url } };
    traffic = startTraffic(world.productionUrl, 3);
    // The increase over a window needs two scrapes in it.
    await waitFor('the old version to be scraped', async () => {
      const url = `${prometheus.url}/api/v1/query?query=sum(increase(http_requests_total[6s]))`;
      const answer = (await (await fetch(url)).json()) as { data: { result: { value: [number, string] }[] } };
      return Number(answer.data.result[0]?.value[1] ?? 0) > 0;
    });
  });

  afterAll(async () => {
    await traffic?.stop();
    await prometheus?.stop();
    await world?.stop();
  });

  const steer = async (input: DeploymentInput) => {
    const reason = 'looked at the graphs by hand';
    const command = { name: 'end_monitoring' as const, releaseId: input.releaseId, reason };
    const signed = signAs(world.fixture, 'on_call', command, 60_000);
    await world.client.workflow
      .getHandle(deploymentWorkflowId(input.product, input.environment.name, input.releaseId, input.round))
      .signal(INTERNAL_SIGNALS.steer, {
        what: 'end_monitoring',
        by: 'ben',
        reason,
        verified: false,
        signed,
      });
  };

  it('a canary with more errors than the old slot at the same time is put back', async () => {
    const input = await world.describe('1.3.1', await world.pack('1.3.1', 'errors-5-percent'), {
      strategy: 'canary',
      // A window of fewer than two scrapes holds no increase.
      monitoring: { level: 'standard', windowMs: 600_000, intervalMs: 6_000 },
    });
    await world.deploy(input);
    const result = await world.finished(input);
    expect(result).toMatchObject({ outcome: 'put_back' });
    // No limit is configured: only the comparison of the two slots can have found it.
    expect(result.reason).toMatch(/error_rate.*baseline/);
    const shares = (await world.told(input)).flatMap((event) =>
      event.event === 'environment' && event.environment.share !== undefined ? [event.environment.share] : [],
    );
    expect(shares).not.toContain(100);
    await world.untilWhole('1.2.0');
  });

  it('a good canary passes its soak; without a baseline for the window after it, it is held and a person called', async () => {
    const input = await world.describe('1.3.2', await world.pack('1.3.2'), {
      strategy: 'canary',
      monitoring: { level: 'standard', windowMs: 600_000, intervalMs: 6_000 },
    });
    await world.deploy(input);
    // There was no day before: the critical check has nothing to be compared with.
    const waiting = await world.untilTold(
      input,
      'the window',
      (event) => event.event === 'step_started' && event.id === 'monitoring.window',
      120_000,
    );
    expect(waiting).toBeDefined();
    const soaked = (await world.told(input)).find(
      (event) => event.event === 'step_done' && event.id === 'production.soak_10',
    );
    expect(soaked).toMatchObject({ detail: expect.stringMatching(/no regression in 1 check/) });
    const file = join(world.folders.notices, 'on-call.jsonl');
    const notice = await waitFor(
      'on-call to be told',
      () =>
        existsSync(file) &&
        readFileSync(file, 'utf8')
          .split('\n')
          .find((line) => line.includes('cannot be judged')),
      120_000,
    );
    expect(notice).toContain('the baseline has no usable sample');
    expect((await world.production()).version).toBe('1.3.2');
    await steer(input);
    expect(await world.finished(input)).toMatchObject({ outcome: 'deployed', monitoring: 'ended_early' });
    await world.untilWhole('1.3.2');
  });
});
