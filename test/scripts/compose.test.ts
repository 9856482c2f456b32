import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { isConfigMistakes } from '../../src/config/installation.ts';
import { loadInstallation } from '../../src/config/load.ts';
import { WORKER_ROLES } from '../../src/contracts/task-queues.ts';
import { runCommand } from '../../src/temporal/server/run-command.ts';

interface Service {
  image: string;
  command?: string[];
  user?: string;
  read_only?: boolean;
  cap_drop?: string[];
  restart?: string;
  healthcheck?: { test: string[] };
  ports?: string[];
  secrets?: string[];
  environment?: Record<string, string>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const environment = process.env;
let folder: string;
let services: Record<string, Service>;

/** The first of the two programs that checks compose files here; undefined when neither does. */
async function findCompose(): Promise<[string, ...string[]] | undefined> {
  for (const command of [['docker', 'compose'], ['docker-compose']] as const) {
    const [file, ...args] = command;
    const { code } = await runCommand(file, [...args, 'version'], { environment, timeoutMs: 20_000 });
    if (code === 0) return [...command];
  }
  return undefined;
}

const compose = await findCompose();
if (compose === undefined) console.warn('SKIPPED: neither "docker compose" nor "docker-compose" is here.');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'windlass-compose-'));
  const text = await readFile(join(root, 'docker-compose.yml'), 'utf8');
  services = (parse(text, { merge: true }) as { services: Record<string, Service> }).services;
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test.skipIf(compose === undefined)('the compose file is one that Docker Compose accepts', async () => {
  const [file, ...args] = compose ?? ['docker'];
  const result = await runCommand(file, [...args, '-f', join(root, 'docker-compose.yml'), 'config'], {
    environment,
    timeoutMs: 60_000,
  });
  expect(result.stderr).toBe('');
  expect(result.code).toBe(0);
  const resolved = parse(result.stdout) as { services: Record<string, unknown> };
  expect(Object.keys(resolved.services).sort()).toEqual(Object.keys(services).sort());
});

describe('the compose file', () => {
  test('runs a worker for each role, the workflow worker and the API', () => {
    for (const role of ['workflow', ...WORKER_ROLES]) {
      expect(services[`worker-${role}`]?.command).toEqual(['worker', '--role', role]);
      expect(services[`worker-${role}`]?.healthcheck?.test.at(-1)).toBe(role);
    }
    expect(services['api']?.command).toEqual(['serve']);
  });

  test('pins every image, checks the health of all that stay up, and gives nobody more rights than needed', () => {
    for (const [name, service] of Object.entries(services)) {
      expect(service.image, name).toMatch(/^[a-z/-]+:\d+\.\d+[\w.-]*$/);
      expect(service.cap_drop, name).toEqual(['ALL']);
      if (service.restart === 'unless-stopped') expect(service.healthcheck?.test, name).toBeDefined();
      for (const port of service.ports ?? []) expect(port, name).toMatch(/^127\.0\.0\.1:/);
      if (service.image.startsWith('windlass:')) {
        expect(service).toMatchObject({ user: '1000:1000', read_only: true });
      }
    }
  });

  test('takes secrets from files only, and gives each role just its own', () => {
    for (const [name, { environment: variables }] of Object.entries(services)) {
      for (const [key, value] of Object.entries(variables ?? {})) {
        if (/PASSWORD|PWD|TOKEN|SECRET|_KEY/.test(key))
          expect(value, `${name} ${key}`).toMatch(/^\/run\/secrets\//);
      }
    }
    // What seals and opens payloads is all that the decisions' worker holds.
    expect(services['worker-workflow']?.secrets).toEqual(['payload_key']);
    const holders = (secret: string) =>
      Object.keys(services).filter((name) => services[name]?.secrets?.includes(secret));
    expect(holders('npm_token')).toEqual(['worker-release']);
    expect(holders('signing_key')).toEqual(['api']);
  });
});

test('preparing makes secrets and a valid configuration, and never overwrites them', async () => {
  const prepare = () =>
    runCommand(process.execPath, [join(root, 'docker/prepare.mjs'), folder], {
      environment,
      timeoutMs: 20_000,
    });
  expect((await prepare()).code).toBe(0);
  const key = await readFile(join(folder, 'secrets/signing_key'), 'utf8');
  expect(key).toContain('BEGIN PRIVATE KEY');
  const installation = loadInstallation({ file: join(folder, 'windlass.yaml'), environment: {} });
  if (isConfigMistakes(installation)) throw new Error(JSON.stringify(installation.mistakes));
  // The file declares for each process what the compose file mounts for it, and nothing else.
  for (const [name, { source, readers }] of Object.entries(installation.secrets)) {
    expect(source).toEqual({ file: `/run/secrets/${name}` });
    const holders = Object.keys(services).filter((each) => services[each]?.secrets?.includes(name));
    expect(holders.sort(), name).toEqual(
      readers.map((role) => (role === 'api' ? 'api' : `worker-${role}`)).sort(),
    );
  }
  expect((await prepare()).stdout).not.toContain('made');
  expect(await readFile(join(folder, 'secrets/signing_key'), 'utf8')).toBe(key);
});

test('Temporal’s Web UI shows, and changes nothing unless somebody says so', () => {
  const { environment: ui } = services['temporal-ui'] ?? {};
  expect(ui?.['TEMPORAL_DISABLE_WRITE_ACTIONS']).toMatch(/^\$\{WINDLASS_UI_READ_ONLY:-true\}$/);
});
