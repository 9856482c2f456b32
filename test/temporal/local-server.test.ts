import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isAlive } from '../../src/integrations/process/process-owner.ts';
import { connectClient } from '../../src/temporal/connection.ts';
import { findFreePort } from '../../src/temporal/free-port.ts';
import { type LocalServer, startLocalServer } from '../../src/temporal/server/local-server.ts';
import { readTemporalBinary, waitFor } from '../support/server/temporal-server.ts';

const ownServerProgram = fileURLToPath(new URL('./fixtures/own-server.ts', import.meta.url));
const environment = process.env;
let folder: string;
let servers: LocalServer[];
let owners: ChildProcess[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'windlass-local-server-'));
  servers = [];
  owners = [];
});

afterEach(async () => {
  for (const owner of owners) owner.kill('SIGKILL');
  for (const server of servers) await server.stop();
  await rm(folder, { recursive: true, force: true });
});

async function start(options: Partial<Parameters<typeof startLocalServer>[0]> = {}): Promise<LocalServer> {
  const server = await startLocalServer({
    binary: readTemporalBinary(),
    folder,
    uiPort: 'none',
    environment,
    ...options,
  });
  servers.push(server);
  return server;
}

/** Another process that owns a server on our folder's database. */
async function startOwner(): Promise<{ owner: ChildProcess; address: string; pid: number }> {
  const owner = spawn(process.execPath, [ownServerProgram, readTemporalBinary(), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  owners.push(owner);
  if (owner.stdout === null) throw new Error('no output');
  const [line] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string];
  return { owner, ...(JSON.parse(line) as { address: string; pid: number }) };
}

describe('a local Temporal server', () => {
  test('answers with its search attributes and namespaces, shows its Web UI, and is gone after stop', async () => {
    const uiPort = await findFreePort();
    const server = await start({
      uiPort,
      namespaces: ['second'],
      searchAttributes: { TestPlace: 'Keyword' },
    });
    const { connection, close } = await connectClient({ address: server.address, namespace: 'second' });
    const listed = await connection.operatorService.listSearchAttributes({ namespace: 'second' });
    await close();
    expect(listed.customAttributes).toHaveProperty('TestPlace');
    expect(server.uiUrl).toBe(`http://127.0.0.1:${uiPort}`);
    const page = await fetch(server.uiUrl ?? '');
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<html');

    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
    expect((await readdir(folder)).sort()).toEqual(['temporal-server.log', 'temporal.db']);
  });

  test('keeps its workflows on the database file when its owner is killed, and does not outlive it', async () => {
    const { owner, address, pid } = await startOwner();
    const first = await connectClient({ address, namespace: 'default' });
    await first.client.workflow.start('waits', { workflowId: 'kept', taskQueue: 'nobody' });
    await first.close();
    owner.kill('SIGKILL');
    // At once, as a person would start the demo again: the dying server is waited for.
    const second = await start();
    expect(isAlive(pid)).toBe(false);
    const { client, close } = await connectClient({ address: second.address, namespace: 'default' });
    const { status } = await client.workflow.getHandle('kept').describe();
    await close();
    expect(status.name).toBe('RUNNING');
  });

  test('starts again on the same database after it was itself killed', async () => {
    const server = await start();
    const first = await connectClient({ address: server.address, namespace: 'default' });
    await first.client.workflow.start('waits', { workflowId: 'kept', taskQueue: 'nobody' });
    await first.close();
    process.kill(server.pid, 'SIGKILL');
    expect(await server.exited).toBe(128 + 9);
    const again = await start();
    const { client, close } = await connectClient({ address: again.address, namespace: 'default' });
    const { status } = await client.workflow.getHandle('kept').describe();
    await close();
    expect(status.name).toBe('RUNNING');
  });

  test('refuses a wished port that is taken, naming it, and starts nothing', async () => {
    const blocker: Server = createServer();
    blocker.listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as { port: number };
    await expect(start({ port })).rejects.toThrow(
      new RegExp(`Port ${port} of 127.0.0.1.*taken.*Nothing was started`),
    );
    blocker.close();
    expect(await readdir(folder)).toEqual([]);
  });

  test('tells the end of its log when it does not come up', async () => {
    await expect(start({ searchAttributes: { Wrong: 'Nonsense' as 'Keyword' } })).rejects.toThrow(
      /did not come up.*ended with code 1[\s\S]*Nonsense/,
    );
  });
});

test('an owner that is killed takes its server along even when nobody starts another', async () => {
  const { owner, pid } = await startOwner();
  expect(isAlive(pid)).toBe(true);
  owner.kill('SIGKILL');
  await waitFor('the server to end', () => !isAlive(pid), 120_000);
});
