/** A whole release with nothing but the program: `windlass dev` in one terminal, people's commands in another. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { buildGreeterHistory } from '../../examples/greeter-history/build-history.ts';
import { missingRoles } from '../../src/release/approvals.ts';
import type { ReleaseRecord } from '../../src/release/record/record.ts';
import { findFreePort } from '../../src/temporal/free-port.ts';
import { PROGRAM, programPath } from '../support/program.ts';
import { readTemporalBinary, waitFor } from '../support/server/temporal-server.ts';
import { startVerdaccio, type Verdaccio } from '../support/server/verdaccio.ts';

/** One person for each role that decides in a release; ada asks for it. */
const DECIDERS = ['release_manager', 'ceo', 'engineering_lead', 'product_manager', 'qa', 'on_call'] as const;
const nameOf = (role: string): string => `the-${role.replaceAll('_', '-')}`;

let folder: string;
let npm: Verdaccio;
let dev: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'windlass-program-'));
  npm = await startVerdaccio();
});

afterEach(async () => {
  if (dev?.exitCode === null && dev.pid !== undefined) {
    process.kill(-dev.pid, 'SIGKILL');
    await once(dev, 'close');
  }
  await npm?.stop();
  await rm(folder, { recursive: true, force: true });
});

const environment = (): NodeJS.ProcessEnv => ({
  PATH: programPath(),
  HOME: folder,
  TEMPORAL_CLI_PATH: readTemporalBinary(),
});

async function windlass(person: string, ...args: string[]): Promise<{ code: number; out: string }> {
  const token = join(folder, '.windlass', 'keys', `token-${person}`);
  const child = spawn(PROGRAM, [...args, '--token-file', token], { cwd: folder, env: environment() });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      out += chunk.toString('utf8');
    });
  }
  const [code] = (await once(child, 'close')) as [number];
  return { code, out };
}

test('a library is planned, approved, tested and published', async () => {
  const origin = join(folder, 'origin.git');
  buildGreeterHistory({ target: join(folder, 'greeter'), bare: origin });
  await writeFile(join(folder, 'npm-token'), await npm.addUser('publisher'));
  const configuration = {
    version: 1,
    api: { listen: `127.0.0.1:${await findFreePort()}` },
    secrets: { npm_token: { file: 'npm-token', roles: ['release'] } },
    people: {
      ada: { roles: ['release_manager'] },
      ...Object.fromEntries(DECIDERS.map((role) => [nameOf(role), { roles: [role] }])),
    },
    products: {
      greeter: {
        repository: origin,
        version_files: ['package.json'],
        registries: {
          npm: { url: npm.url, access: 'public', token: 'npm_token', allow_first_publish: true },
        },
        scripts: { test: 'ops/test' },
      },
    },
  };
  await writeFile(join(folder, 'windlass.yaml'), stringify(configuration));
  const running = spawn(PROGRAM, ['dev'], { cwd: folder, env: environment(), detached: true });
  dev = running;
  let said = '';
  for (const stream of [running.stdout, running.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
    });
  }
  await waitFor(
    'everything to be up',
    () => {
      expect(running.exitCode, said).toBeNull();
      return said.includes('Ctrl-C ends everything');
    },
    60_000,
  );

  const started = await windlass('ada', 'release', 'greeter');
  expect(started).toMatchObject({ code: 0 });
  const answered = new Set<string>();
  let record = await readRecord();
  await waitFor(
    'the release to end',
    async () => {
      record = await readRecord();
      for (const gate of record.approvals.filter(({ status }) => status === 'open')) {
        for (const role of missingRoles(gate).filter((each) => !answered.has(`${gate.key} ${each}`))) {
          const approval = await windlass(nameOf(role), 'approve', 'greeter', gate.key, '--role', role);
          expect(approval, said).toMatchObject({ code: 0 });
          answered.add(`${gate.key} ${role}`);
        }
      }
      return record.outcome !== undefined;
    },
    600_000,
  ).catch((error: Error) => {
    throw new Error(
      `${error.message}\n${said}\n${JSON.stringify([record.waiting, record.steps], undefined, 1)}`,
    );
  });
  expect(record.outcome, said + JSON.stringify(record.steps)).toBe('released');
  const version = record.plan?.version;
  const tag = execFileSync('git', ['ls-remote', origin, `refs/tags/v${version}`], { encoding: 'utf8' });
  expect(tag).not.toBe('');
  const published = await fetch(`${npm.url}@windlass-example/greeter`);
  expect(await published.json()).toMatchObject({ 'dist-tags': { latest: version } });
  process.kill(-running.pid!, 'SIGINT');
  expect(await once(running, 'close')).toEqual([0, null]);
}, 300_000);

async function readRecord(): Promise<ReleaseRecord> {
  // Temporal's list of what runs is behind its start by a moment.
  const { out } = await waitFor(
    'the release to be known',
    async () => {
      const answer = await windlass('ada', 'status', 'greeter', '--json');
      return answer.code === 0 ? answer : undefined;
    },
    60_000,
  );
  return (JSON.parse(out) as { record: ReleaseRecord }).record;
}
