import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { findPollers } from '../../src/temporal/find-pollers.ts';
import { findFreePort } from '../../src/temporal/free-port.ts';
import { PROGRAM, programPath } from '../support/program.ts';
import { readSharedTemporal, readTemporalBinary, waitFor } from '../support/server/temporal-server.ts';

interface Started {
  process: ChildProcess;
  out: string;
  err: string;
  ended: Promise<number>;
}

let folder: string;
let started: Started[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'windlass-process-'));
  await writeFile(join(folder, 'payload_key'), randomBytes(32).toString('base64'));
  started = [];
});

afterEach(async () => {
  for (const { process: child } of started) {
    // The whole group: what a test left running must not outlive it.
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }
  await Promise.all(started.map(({ ended }) => ended));
  await rm(folder, { recursive: true, force: true });
});

/** Starts the program as the leader of a process group, as a shell does for a job. */
function start(args: string[], more: NodeJS.ProcessEnv = {}): Started {
  const environment = { PATH: programPath(), HOME: folder, ...more };
  const child = spawn(PROGRAM, args, {
    cwd: folder,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const run: Started = {
    process: child,
    out: '',
    err: '',
    ended: once(child, 'close').then(
      ([code, signal]) => (typeof code === 'number' ? code : `${signal}`) as number,
    ),
  };
  child.stdout?.on('data', (chunk) => {
    run.out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    run.err += chunk;
  });
  started.push(run);
  return run;
}

async function writeConfig(more: object): Promise<void> {
  await writeFile(
    join(folder, 'windlass.yaml'),
    stringify({ people: { ada: { roles: ['ceo', 'release_manager'] } }, products: {}, ...more }),
  );
}

/** An installation whose payloads are sealed, as they are outside of development. */
function sealedAt(address: string): object {
  return {
    temporal: { address, payload_keys: [{ key_id: 'first', key: 'payload_key' }] },
    secrets: { payload_key: { file: 'payload_key' } },
    ledger: { keep: false },
  };
}

/** Processes that have to do with the test's folder and whose command line is `like` this. */
async function findProcesses(like: RegExp): Promise<{ pid: number; command: string }[]> {
  const found: { pid: number; command: string }[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!cwd.startsWith(folder) && !command.includes(folder)) continue;
    const line = command.replaceAll('\0', ' ');
    if (like.test(line)) found.push({ pid: Number(pid), command: line });
  }
  return found;
}

describe('windlass worker', () => {
  test('polls its role’s queue, and ends with 0 when it is asked to', async () => {
    const { address } = readSharedTemporal();
    await writeConfig(sealedAt(address));
    const worker = start(['worker', '--role', 'writer,support']);
    await waitFor(
      'the worker to say that it runs',
      () => worker.out.includes('worker: writer, support at'),
      30_000,
    );
    const polls = async (taskQueue: string) => {
      const pollers = await findPollers({ address, namespace: 'default', taskQueue, kind: 'activity' });
      return pollers.some(({ identity }) => identity.startsWith(`${worker.process.pid}@`));
    };
    await waitFor('both queues to be polled', async () => {
      return (await polls('windlass-writer')) && (await polls('windlass-support'));
    });
    expect(await polls('windlass-release')).toBe(false);
    worker.process.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
    expect(worker.err).toBe('SIGTERM: ending in order; once more ends at once\n');
  });

  test('says in one sentence that Temporal is away, where it looked, and ends with 1', async () => {
    const address = `127.0.0.1:${await findFreePort()}`;
    await writeConfig({ temporal: { address, sealed_payloads: false }, ledger: { keep: false } });
    const worker = start(['worker', '--role', 'qa']);
    expect(await worker.ended).toBe(1);
    expect(worker.err).toMatch(new RegExp(`^windlass: The Temporal server at ${address} does not answer`));
    expect(worker.err).not.toMatch(/\n {4}at /);
  });

  test('refuses to start on mistakes in the configuration, and shows all of them', async () => {
    await writeConfig({ temporal: { adress: 'x' }, stroe: {}, work_folder: 7 });
    const worker = start(['worker', '--role', 'all']);
    expect(await worker.ended).toBe(1);
    for (const mistake of ['temporal.adress', 'stroe', 'work_folder']) expect(worker.err).toContain(mistake);
    expect(worker.err).toContain('did you mean "address"?');
    expect(worker.err).not.toMatch(/\n {4}at /);
  });

  test('says what to set where no address is known', async () => {
    await writeConfig({});
    const worker = start(['worker', '--role', 'workflow']);
    expect(await worker.ended).toBe(1);
    expect(worker.err).toMatch(
      /No address of a Temporal server is configured.*TEMPORAL_ADDRESS.*windlass dev/s,
    );
  });
});

test('what seals payloads must be there, outside of development', async () => {
  const { address } = readSharedTemporal();
  await writeConfig({ temporal: { address } });
  const worker = start(['worker', '--role', 'qa']);
  expect(await worker.ended).toBe(1);
  expect(worker.err).toMatch(/names no key that seals.*windlass keys payload.*sealed_payloads: false/s);
  expect(worker.err).not.toMatch(/\n {4}at /);
});

test('where some roles have a key for the ledger, each must have one; where none has, it is said', async () => {
  const address = `127.0.0.1:${await findFreePort()}`;
  const publicKey = Buffer.alloc(32, 7).toString('base64');
  const key = { key_id: 'release-1', role: 'release', public_key: publicKey, private_key: 'release_key' };
  await writeConfig({
    temporal: { address, sealed_payloads: false },
    ledger: { keys: [key] },
    secrets: { release_key: { file: 'none', roles: ['release'] } },
  });
  const without = start(['worker', '--role', 'qa']);
  expect(await without.ended).toBe(1);
  expect(without.err).toMatch(
    /names no key with which the role qa signs the ledger.*windlass keys ledger --out FILE.*ledger\.keep: false/s,
  );
  await writeConfig({ temporal: { address, sealed_payloads: false } });
  const none = start(['worker', '--role', 'qa']);
  expect(await none.ended).toBe(1);
  expect(none.err).toMatch(/^worker: no ledger is kept.*the role qa.*\nwindlass: The Temporal server at/s);
});

describe('windlass serve', () => {
  test('answers, and ends with 0 when it is asked to; a second one says that the port is taken', async () => {
    const port = await findFreePort();
    await writeConfig({
      ...sealedAt(readSharedTemporal().address),
      api: { listen: `127.0.0.1:${port}` },
    });
    const api = start(['serve']);
    await waitFor(
      'the API to say where it is',
      () => api.out.includes(`API at http://127.0.0.1:${port}`),
      30_000,
    );
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    const second = start(['serve']);
    expect(await second.ended).toBe(1);
    expect(second.err).toContain(`port ${port} of 127.0.0.1, where the API should listen, is taken`);
    api.process.kill('SIGTERM');
    expect(await api.ended).toBe(0);
  });
});

describe('windlass dev', () => {
  test('brings up everything with keys of its own; no process is left after Ctrl-C or a crash', async () => {
    const port = await findFreePort();
    await writeConfig({ api: { listen: `127.0.0.1:${port}` } });
    for (const round of [1, 2]) {
      const dev = start(['dev'], { TEMPORAL_CLI_PATH: readTemporalBinary() });
      await waitFor('everything to be up', () => dev.out.includes('Ctrl-C ends everything'), 300_000);
      const token = join(folder, '.windlass', 'keys', 'token-ada');
      expect(dev.out).toContain(`ada: --token-file ${token}`);
      expect((await stat(token)).mode & 0o077).toBe(0);
      const status = start(['status', '--token-file', token]);
      expect(await status.ended).toBe(0);
      expect(status.out).toContain('No release is known yet');
      expect(existsSync(join(folder, '.windlass', 'temporal', 'temporal.db'))).toBe(true);
      if (round === 1) {
        // As a terminal does: to the whole group at once.
        process.kill(-dev.process.pid!, 'SIGINT');
        expect(await dev.ended).toBe(0);
      } else {
        const servers = await findProcesses(/^\S*temporal server start-dev /);
        expect(servers).toHaveLength(1);
        for (const { pid } of servers) process.kill(pid, 'SIGKILL');
        expect(await dev.ended).toBe(1);
        expect(dev.err).toMatch(
          /^windlass: the local Temporal server ended with 137\.\nIts log is \S+\. What was/m,
        );
      }
      await waitFor('every process to be gone', async () => (await findProcesses(/./)).length === 0);
    }
  }, 120_000);
});
