import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActivityDeps } from '../../../src/activities/deps.ts';
import { sampleChecks } from '../../../src/activities/support/sample-checks.ts';
import type { Installation } from '../../../src/config/installation.ts';
import type { EnvironmentSettings, MetricSource, ProductSettings } from '../../../src/release/settings.ts';
import { readChecks } from '../../../src/release/verdict/checks/read-checks.ts';
import { type GitHubFake, startGitHub } from '../../support/host/github-fake.ts';
import { waitFor } from '../../support/server/temporal-server.ts';

/** One look at sources that answer over the network: a GitHub, a web server, and a Prometheus that is away. */
describe('a look at the checks', () => {
  let github: GitHubFake;
  let shop: Server;
  let status = 200;

  beforeAll(async () => {
    github = await startGitHub();
    await github.call('releaser', 'POST', `/repos/${github.owner}/${github.repo}/labels`, {
      name: 'customer',
      color: '00ff00',
    });
    shop = createServer((_request, response) => {
      response.writeHead(status).end();
    });
    await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
    process.env['TEST_GITHUB_TOKEN'] = github.token;
  });

  afterAll(async () => {
    delete process.env['TEST_GITHUB_TOKEN'];
    await github?.stop();
    await new Promise((resolve) => shop?.close(resolve));
  });

  const report = (title: string) =>
    github.call('bob', 'POST', `/repos/${github.owner}/${github.repo}/issues`, {
      title,
      labels: ['customer'],
    });

  /** Looks once at one check as configuration would have it. */
  const look = async (
    written: Record<string, unknown>,
    source: MetricSource,
    times: { since?: string; deployedAt?: string; slot?: string; baselineSlot?: string } = {},
    readers: ['release'] | ['release', 'support'] = ['release', 'support'],
  ) => {
    const [check] = readChecks([{ name: 'it', ...written }]).checks;
    if (!check) throw new Error('the check cannot be read');
    const environment = {
      name: 'production',
      checks: [{ check, source, severity: 'high' }],
      metrics: { prometheus: { url: 'http://127.0.0.1:9' } },
    } as unknown as EnvironmentSettings;
    const product = {
      name: 'shop',
      environments: [environment],
      host: {
        kind: 'github',
        project: `${github.owner}/${github.repo}`,
        apiUrl: github.apiUrl,
        token: 'host',
        blockingLabels: [],
        customerLabel: 'customer',
      },
    } as unknown as ProductSettings;
    const deps = {
      role: 'support',
      installation: {
        file: 'windlass.yaml',
        products: { shop: product },
        secrets: { host: { source: { env: 'TEST_GITHUB_TOKEN' }, readers } },
      } as unknown as Installation,
      signal: () => new AbortController().signal,
    } as ActivityDeps;
    const now = new Date().toISOString();
    const { since = now, deployedAt = now, ...slots } = times;
    const input = { product: 'shop', releaseId: 'shop-1', environment: 'production', since, deployedAt };
    return (await sampleChecks(deps)({ ...input, ...slots })).samples;
  };

  it('counts what customers reported since go-live', async () => {
    await report('from before');
    const deployedAt = new Date(Math.ceil((Date.now() + 1) / 1_000) * 1_000);
    // The host's times are whole seconds.
    await waitFor('the next second', () => Date.now() >= deployedAt.getTime());
    await report('cannot pay');
    await report('cannot log in');
    const issues = { issues: { label: 'customer' } };
    const [sample, ...more] = await look({ kind: 'issues' }, issues, {
      deployedAt: deployedAt.toISOString(),
    });
    expect(sample).toMatchObject({ check: 'it', group: 'candidate', value: 2 });
    expect(more).toEqual([]);
    // Compared, each look counts its own time only, beside the same time of the day before.
    const compared = await look({ kind: 'issues', compare: 'baseline' }, issues, {
      since: deployedAt.toISOString(),
      deployedAt: '2020-01-01T00:00:00Z',
    });
    expect(compared.map(({ group, value }) => [group, value])).toEqual([
      ['candidate', 2],
      ['baseline', 0],
    ]);
  });

  it('has no value, and says why, where it may not ask the host', async () => {
    const samples = await look({ kind: 'issues' }, { issues: { label: 'customer' } }, {}, ['release']);
    expect(samples).toMatchObject([{ value: null, missing: expect.stringContaining('"host"') }]);
  });

  it('takes a probe that is answered by an error for a failure, whatever is measured', async () => {
    const { port } = shop.address() as AddressInfo;
    const source = { http: { url: `http://127.0.0.1:${port}/` } };
    status = 500;
    expect(await look({ kind: 'probe' }, source)).toMatchObject([{ value: 0 }]);
    const ratio = { kind: 'ratio', compare: 'none', limit: 50 };
    expect(await look(ratio, source)).toMatchObject([{ value: 100, requests: 5 }]);
    status = 200;
    expect(await look({ kind: 'probe' }, source)).toMatchObject([{ value: 1 }]);
    expect(await look(ratio, source)).toMatchObject([{ value: 0, requests: 5 }]);
  });

  it('says that Prometheus is away, in both groups', async () => {
    const source = { prometheus: { query: 'up', requests: 'up' } };
    const samples = await look({ kind: 'ratio' }, source, { slot: 'green', baselineSlot: 'blue' });
    expect(samples.map(({ group, value }) => [group, value])).toEqual([
      ['candidate', null],
      ['baseline', null],
    ]);
    expect(samples[0]?.missing).toMatch(/cannot be asked/);
  });

  it('does not wait for a source that hangs: it is missing, and the others are there', {
    timeout: 40_000,
  }, async () => {
    const hung = createServer(() => {
      // Takes the question and never answers.
    });
    await new Promise<void>((resolve) => hung.listen(0, '127.0.0.1', resolve));
    try {
      const at = ({ port }: AddressInfo) => `http://127.0.0.1:${port}`;
      const written = [
        { name: 'errors', kind: 'ratio' },
        { name: 'alive', kind: 'probe' },
      ];
      const [errors, alive] = readChecks(written).checks;
      const environment = {
        name: 'production',
        checks: [
          { check: errors, source: { prometheus: { query: 'up', requests: 'up' } }, severity: 'high' },
          { check: alive, source: { http: { url: at(shop.address() as AddressInfo) } }, severity: 'high' },
        ],
        metrics: { prometheus: { url: at(hung.address() as AddressInfo) } },
      } as unknown as EnvironmentSettings;
      const deps = {
        installation: { products: { shop: { name: 'shop', environments: [environment] } } },
        signal: () => new AbortController().signal,
      } as unknown as ActivityDeps;
      const now = new Date().toISOString();
      const input = {
        product: 'shop',
        releaseId: 'shop-1',
        environment: 'production',
        since: now,
        deployedAt: now,
      };
      const { samples } = await sampleChecks(deps)(input);
      expect(samples.map(({ check, group, value }) => [check, group, value])).toEqual([
        ['errors', 'candidate', null],
        ['errors', 'baseline', null],
        ['alive', 'candidate', 1],
      ]);
      expect(samples[0]?.missing).toContain('no answer within');
    } finally {
      hung.closeAllConnections();
      await new Promise((resolve) => hung.close(resolve));
    }
  });
});
