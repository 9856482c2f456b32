import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isConfigMistakes } from '../../src/config/installation.ts';
import { findConfigFile } from '../../src/config/load.ts';
import { DEFAULT_POLICY } from '../../src/release/policy/policy.ts';
import { change, loadGood, loadText, makeFolder, WHOLE, writeConfig } from './support/config-file.ts';

describe('a configuration without mistakes', () => {
  it('gives the release rules a product with every default filled in', () => {
    const installation = loadGood(WHOLE);
    const base = dirname(installation.file);
    const shop = installation.products['shop']!;
    expect(installation.warnings).toEqual([]);
    expect(shop).toMatchObject({
      name: 'shop',
      title: 'shop',
      repositoryUrl: join(dirname(base), 'origin/shop.git'),
      path: '',
      tagFormat: 'v{version}',
      breakingBelowOne: 'minor',
      release: {
        autoTrigger: false,
        requireQualityGates: true,
        versionBump: 'auto',
        releaseBranch: 'main',
        releaseType: 'stable',
        publishRegistries: ['npm'],
        runSmokeTests: true,
        rollbackOnFailure: true,
      },
      changelog: { file: 'CHANGELOG.md', format: 'keep-a-changelog', includePullRequests: true, rules: [] },
      versionFiles: null,
      registries: {
        npm: {
          url: 'http://127.0.0.1:4873',
          access: 'restricted',
          token: 'npm_token',
          allowFirstPublish: false,
        },
      },
      approvals: { remindAfterMs: 4 * 3_600_000, validForMs: 72 * 3_600_000, onePersonManyRoles: false },
      state: { branch: 'main', stateFile: 'state.yml', statusFile: 'release-status.yaml' },
      severity: { highDeadlineMs: 900_000, quickHotfixMs: 1_800_000 },
    });
    expect(shop.policy).toEqual(DEFAULT_POLICY);
    expect(shop.environments.map(({ name, kind }) => [name, kind])).toEqual([
      ['staging', 'staging'],
      ['production', 'production'],
    ]);
    expect(shop.environments[1]!.canary.steps.map(({ percent }) => percent)).toEqual([10, 50, 100]);
    expect(installation).toMatchObject({
      store: { kind: 'folder', folder: join(base, '.windlass/store') },
      // Beside no repository: what is above a checkout would be found from it.
      workFolder: expect.stringMatching(/windlass\/work\/[0-9a-f]{16}$/),
      api: { host: '127.0.0.1', port: 8080, url: 'http://127.0.0.1:8080' },
      channels: { ceo: [{ file: join(base, 'ceo.jsonl') }], team: [], on_call: [] },
    });
  });

  it('is plain JSON, so that it can be frozen into a record', () => {
    const { products } = loadGood(WHOLE);
    expect(JSON.parse(JSON.stringify(products))).toEqual(products);
  });

  it('reads scripts in their three forms, each with its own limit', () => {
    const text = change((_, shop) => {
      shop.scripts.build = 'ops/build';
      shop.scripts.test = ['ops/test', '--all'];
      shop.scripts.e2e = { run: ['ops/e2e', '--headless'], timeout: '1m30s' };
      shop.environments.production.scripts.traffic = 'ops/traffic';
    });
    const { scripts, environments } = loadGood(text).products['shop']!;
    expect(scripts.build).toEqual({ run: ['ops/build'], timeoutMs: 15 * 60_000 });
    expect(scripts.test).toEqual({ run: ['ops/test', '--all'], timeoutMs: 30 * 60_000 });
    expect(scripts.e2e).toEqual({ run: ['ops/e2e', '--headless'], timeoutMs: 90_000 });
    expect(environments[1]!.scripts.traffic).toEqual({ run: ['ops/traffic'], timeoutMs: 60_000 });
  });

  it('gives an environment its own variables before the product’s, all as text', () => {
    const text = change((_, shop) => {
      shop.variables = { LEVEL: 1, SHARED: true };
      shop.environments.production.variables = { LEVEL: 2 };
    });
    const [staging, production] = loadGood(text).products['shop']!.environments;
    expect(staging!.variables).toEqual({ LEVEL: '1', SHARED: 'true' });
    expect(production!.variables).toEqual({ LEVEL: '2', SHARED: 'true' });
  });

  it.each([
    [undefined, 1],
    [3, 3],
    ['25%', 2],
    ['1%', 1],
    [20, 10],
  ])('takes a rolling batch of %s of ten instances for %i', (batch, expected) => {
    const text = change((_, shop) => {
      shop.environments.production.instances = 10;
      if (batch !== undefined) shop.environments.production.rolling = { batch };
    });
    expect(loadGood(text).products['shop']!.environments[1]!.rollingBatch).toBe(expected);
  });

  it('restores a database only when asked, unless it says otherwise', () => {
    const text = change((_, shop) => {
      shop.environments.staging.restore_database = 'never';
    });
    const { environments } = loadGood(text).products['shop']!;
    expect(environments.map(({ restoreDatabase }) => restoreDatabase)).toEqual(['never', 'ask']);
  });

  it('lets deployment_strategy rule all but hotfixes, and policy rule that', () => {
    const text = change((_, shop) => {
      shop.release = { deployment_strategy: 'rolling' };
      shop.policy = {
        major: { strategy: 'blue-green' },
        minor: { monitoring: { window: '45s', interval: '3s' } },
      };
    });
    const { policy } = loadGood(text).products['shop']!;
    expect(Object.values(policy).map(({ strategy }) => strategy)).toEqual([
      'blue-green',
      'rolling',
      'rolling',
      'immediate',
    ]);
    expect(policy.minor.monitoring).toEqual({ windowMs: 45_000, intervalMs: 3_000, level: 'enhanced' });
  });

  it('takes a product without environments for a library', () => {
    const text = change((_, shop) => {
      delete shop.environments;
    });
    expect(loadGood(text).products['shop']!.environments).toEqual([]);
  });

  it('hands metric checks to the judge’s own reader', () => {
    const text = change((_, shop) => {
      shop.github = { owner: 'acme', repo: 'shop', token: 'npm_token' };
      shop.environments.production.prometheus = { url: 'http://127.0.0.1:9090/' };
      shop.environments.production.checks = [
        {
          name: 'errors',
          source: { prometheus: 'a', requests: 'b' },
          relative_limit: 3,
          severity: 'critical',
        },
        { name: 'alive', source: { http: 'http://127.0.0.1:1/health', expect_status: 200 } },
      ];
    });
    const [errors, alive] = loadGood(text).products['shop']!.environments[1]!.checks;
    expect(errors).toMatchObject({
      check: { name: 'errors', kind: 'ratio', relativeLimit: 3 },
      source: { prometheus: { query: 'a', requests: 'b' } },
      severity: 'critical',
    });
    expect(alive).toMatchObject({
      check: {
        name: 'alive',
        kind: 'ratio',
        direction: 'lower_is_better',
        compare: 'none',
        limit: { value: 5 },
      },
      source: { http: { url: 'http://127.0.0.1:1/health', expectStatus: 200 } },
      severity: 'high',
    });
  });

  it('lets products share what they have in common by anchors and merge keys', () => {
    const { products } = loadGood(
      `${WHOLE.replace('  shop:\n', '  shop: &shop\n')}  stall: { <<: *shop, title: Stall }\n`,
    );
    expect(products['stall']).toEqual({ ...products['shop'], name: 'stall', title: 'Stall' });
  });
});

describe('the environment of the process', () => {
  it('wins over the file where Temporal is', () => {
    const environment = {
      TEMPORAL_ADDRESS: 'temporal.test:7233',
      TEMPORAL_NAMESPACE: 'prod',
      TEMPORAL_API_KEY: 'k',
      TEMPORAL_TLS_SERVER_NAME: 'other.test',
    };
    const { temporal, secrets } = loadGood(WHOLE, environment);
    expect(temporal).toEqual({
      address: 'temporal.test:7233',
      namespace: 'prod',
      tls: { serverName: 'other.test' },
      apiKey: 'temporal_api_key',
      sealedPayloads: true,
      payloadKeys: [],
    });
    expect(secrets['temporal_api_key']!.source).toEqual({ env: 'TEMPORAL_API_KEY' });
    expect(loadGood(WHOLE).temporal).toMatchObject({ address: '127.0.0.1:7233', namespace: 'default' });
    expect(loadGood(WHOLE).temporal).not.toHaveProperty('tls');
  });
});

describe('finding the file', () => {
  it('prefers what is asked for, then WINDLASS_CONFIG, then the nearest folder above', () => {
    const file = writeConfig(WHOLE);
    const folder = dirname(file);
    const below = join(folder, 'a/b');
    mkdirSync(below, { recursive: true });
    expect(findConfigFile('x.yaml', { WINDLASS_CONFIG: '/w.yaml' }, folder)).toBe(join(folder, 'x.yaml'));
    expect(findConfigFile(undefined, { WINDLASS_CONFIG: '/w.yaml' }, folder)).toBe('/w.yaml');
    expect(findConfigFile(undefined, {}, below)).toBe(file);
    writeFileSync(join(below, 'windlass.yml'), '');
    expect(findConfigFile(undefined, {}, below)).toBe(join(below, 'windlass.yml'));
  });

  it('says what to do when there is none', () => {
    const loaded = loadText(WHOLE);
    expect(isConfigMistakes(loaded)).toBe(false);
    const missing = findConfigFile('none.yaml', {}, makeFolder());
    expect(missing.endsWith('none.yaml')).toBe(true);
  });
});
