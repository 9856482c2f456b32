import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { findRepositoryAbove } from '../integrations/process/isolation.ts';
import { describeLedger } from './describe-ledger.ts';
import type { DemoFixture } from './fixture.ts';
import type { DemoFolders } from './folders.ts';

/** How long the demo watches production; the true hour of a minor release is exercised in the tests. */
export const DEMO_WINDOW = { window: '20s', interval: '2s' };

/** Writes the demo's `windlass.yaml`, as an adopter would, and the secrets that it names. */
export async function writeDemoConfig(fixture: DemoFixture, folders: DemoFolders): Promise<void> {
  await mkdir(folders.secrets, { recursive: true, mode: 0o700 });
  const secret = async (name: string, value: string) => {
    await writeFile(join(folders.secrets, name), `${value.trimEnd()}\n`, { mode: 0o600 });
    return { file: join('secrets', name) };
  };
  const { ports } = fixture;
  const ledger = describeLedger(fixture);
  const installation = {
    version: 1,
    temporal: { address: `127.0.0.1:${ports.temporal}`, namespace: 'default', sealed_payloads: false },
    web_ui_url: `http://127.0.0.1:${ports.webUi}`,
    store: { folder: './store' },
    // The usual place of the demo is below Windlass's own checkout, which its checkouts must not find.
    ...(findRepositoryAbove(folders.root) === undefined ? { work_folder: './work' } : {}),
    api: {
      listen: `127.0.0.1:${ports.api}`,
      url: `http://127.0.0.1:${ports.api}`,
      signing: { key_id: fixture.signing.keyId, private_key: 'signing_key' },
      verify_keys: [{ key_id: fixture.signing.keyId, public_key: fixture.signing.publicKey }],
    },
    // A ledger in the store: each role signs what it did, and does nothing but what follows from what was signed.
    ...ledger.section,
    secrets: {
      signing_key: { ...(await secret('signing_key', fixture.signing.privateKey)), roles: ['api'] },
      npm_token: { ...(await secret('npm_token', fixture.npmToken ?? 'none')), roles: ['release'] },
      ...Object.fromEntries(
        await Promise.all(
          Object.entries(ledger.secrets).map(async ([name, { value, roles }]) => [
            name,
            { ...(await secret(name, value)), roles },
          ]),
        ),
      ),
    },
    people: Object.fromEntries(
      fixture.people.map((person) => [
        person.name,
        { display_name: person.displayName, roles: person.roles, token_sha256: person.tokenSha256 },
      ]),
    ),
    channels: {
      ceo: [{ file: './notices/ceo.jsonl' }],
      team: [{ file: './notices/team.jsonl' }],
      on_call: [{ file: './notices/on-call.jsonl' }],
    },
    products: { [fixture.product]: describeShop(fixture, folders) },
  };
  const head =
    '# Written by `npm run demo`. Your own would look like this; docs/configuration.md explains every key.\n';
  await writeFile(folders.config, head + stringify(installation));
}

function describeShop(fixture: DemoFixture, folders: DemoFolders): object {
  const { ports } = fixture;
  const environmentScripts = {
    backup: 'ops/backup',
    deploy: 'ops/deploy',
    migrate: 'ops/migrate',
    verify: 'ops/verify',
    smoke: 'ops/smoke',
    traffic: 'ops/traffic',
    rollback: 'ops/rollback',
    restore: 'ops/restore',
    status: 'ops/status',
  };
  return {
    title: 'Shop',
    repository: folders.origin,
    tag_format: 'v{version}',
    version_files: ['package.json'],
    registries: {
      npm: { url: `http://127.0.0.1:${ports.npm}/`, access: 'public', token: 'npm_token' },
    },
    scripts: {
      build: 'ops/build',
      test: 'ops/test',
      e2e: 'ops/e2e',
      load: 'ops/load',
      profile: 'ops/profile',
    },
    environments: {
      staging: {
        url: `http://127.0.0.1:${ports.staging}`,
        scripts: environmentScripts,
        variables: { SHOP_SUPERVISOR: `http://127.0.0.1:${ports.stagingControl}` },
        instances: 2,
      },
      production: {
        url: `http://127.0.0.1:${ports.production}`,
        scripts: environmentScripts,
        variables: { SHOP_SUPERVISOR: `http://127.0.0.1:${ports.productionControl}` },
        instances: 2,
        checks: [
          {
            name: 'error_rate',
            kind: 'ratio',
            compare: 'none',
            limit: 2,
            criticality: 'critical',
            minimum_samples: 3,
            severity: 'critical',
            source: { script: { run: ['ops/measure', 'errors'], timeout: '20s' } },
          },
          {
            name: 'front_page_answers',
            kind: 'ratio',
            compare: 'none',
            limit: 50,
            minimum_samples: 3,
            severity: 'critical',
            source: { http: `http://127.0.0.1:${ports.production}/healthz` },
          },
        ],
      },
    },
    policy: { minor: { monitoring: DEMO_WINDOW } },
    critical_paths: ['Browse the catalogue', 'Put something into the cart', 'Check out'],
  };
}
