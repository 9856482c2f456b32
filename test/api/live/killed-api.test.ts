import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openGate } from '../../../src/release/record/record.ts';
import type { PersonRole } from '../../../src/release/settings.ts';
import { type KillableProcess, startKillable } from '../../crash/process/killable-process.ts';
import { personWith } from '../../support/fixture/demo.ts';
import { type GreeterWorld, startGreeterWorld } from '../../support/fixture/greeter-world.ts';
import { readSharedTemporal } from '../../support/server/temporal-server.ts';
import { type Asked, askApi } from '../support/real-api.ts';

const PROGRAM = fileURLToPath(new URL('../support/killable-api.ts', import.meta.url));

let world: GreeterWorld;
let killable: KillableProcess | undefined;

beforeAll(async () => {
  world = await startGreeterWorld();
  for (const folder of ['marks', 'tmp', 'tmp-home']) mkdirSync(join(world.root, folder));
});

afterAll(async () => {
  await killable?.stop();
  await world?.stop();
});

/** A process with nothing of the one before. */
async function startProcess(): Promise<string> {
  const options = {
    address: readSharedTemporal().address,
    config: join(world.root, 'windlass.yaml'),
    queuePrefix: world.product,
    marks: join(world.root, 'marks'),
  };
  killable = await startKillable([PROGRAM, JSON.stringify(options)], /^listening on /m, {
    temporary: join(world.root, 'tmp'),
  });
  return /^listening on (\S+)/m.exec(killable.output())?.[1] ?? '';
}

/** Asks until the API dies of it, then asks a new process the same. */
async function askTwice(role: PersonRole, path: string, body: object, key: string) {
  const { token } = personWith(world.fixture, role);
  const doomed = await startProcess();
  await expect(askApi(doomed, token, 'POST', path, body, key)).rejects.toThrow('fetch failed');
  expect(await killable?.gone).toBe('SIGKILL');
  const url = await startProcess();
  const ask = (other: object = body): Promise<Asked> => askApi(url, token, 'POST', path, other, key);
  return { ask, first: await ask() };
}

test('an API that is killed between Temporal’s yes and its own answer gives that answer when it is asked again', async () => {
  const start = { product: world.product };
  const started = await askTwice('release_manager', '/v1/releases', start, 'start-key');
  expect(started.first.status).toBe(202);
  const { firstExecutionRunId, releaseId } = await describeRun();
  expect(started.first.body.releaseId).toBe(releaseId);
  expect(await started.ask()).toEqual(started.first);
  const other = await started.ask({ ...start, bump: 'major' });
  expect([other.status, other.body.type]).toEqual([422, 'urn:windlass:problem:key-reused']);
  expect((await describeRun()).firstExecutionRunId).toBe(firstExecutionRunId);
  await killable?.stop();

  await world.until('the review', (now) => openGate(now, 'changelog_review') !== undefined);
  const path = `/v1/releases/${world.product}/approvals/changelog_review`;
  const approve = { decision: 'approve', comment: 'reads well' };
  const decided = await askTwice('release_manager', path, approve, 'press-key');
  expect(decided.first.status).toBe(202);
  expect(await decided.ask()).toEqual(decided.first);
  for (const changed of [
    { ...approve, comment: 'else' },
    { ...approve, decision: 'reject' },
  ]) {
    expect((await decided.ask(changed)).status).toBe(422);
  }
  const record = await world.until('go-live', (now) => openGate(now, 'go_live') !== undefined);
  expect(record.approvals.find((gate) => gate.key === 'changelog_review')?.decisions).toMatchObject([
    { person: decided.first.body.person, nonce: decided.first.body.nonce, reason: 'reads well' },
  ]);
  expect(await countSignals('approve')).toBe(1);
  expect(record.refusals).toEqual([]);

  // The same key starts nothing again when what it started is over.
  await world.send('abort', personWith(world.fixture, 'operator'), { reason: 'the test is over' });
  await world.ended();
  const url = /^listening on (\S+)/m.exec(killable?.output() ?? '')?.[1] ?? '';
  const { token } = personWith(world.fixture, 'release_manager');
  const askAgain = async () => await askApi(url, token, 'POST', '/v1/releases', start, 'start-key');
  const late = await askAgain();
  expect(late.status).toBe(200);
  expect(late.body).toMatchObject({ ...started.first.body, ended: { outcome: 'aborted' } });
  expect((await describeRun()).firstExecutionRunId).toBe(firstExecutionRunId);

  // Nor when another release came after it: its id, and with it the keys of its effects, is nobody else's.
  const second = await askApi(url, token, 'POST', '/v1/releases', start, 'another-key');
  expect(second.status).toBe(202);
  expect(await askAgain()).toEqual(late);
  const stale = await askApi(url, token, 'POST', path, approve, 'press-key');
  expect([stale.status, stale.body.nonce]).toEqual([200, decided.first.body.nonce]);
  await world.send('abort', personWith(world.fixture, 'operator'), { reason: 'the test is over' });
  await world.ended();
  expect(await askAgain()).toEqual(late);
  expect((await describeRun()).releaseId).toBe(second.body.releaseId);
});

async function describeRun() {
  const run = await world.handle().describe();
  return { firstExecutionRunId: run.runId, releaseId: run.memo?.['releaseId'] };
}

async function countSignals(name: string): Promise<number> {
  const { events } = await world.handle().fetchHistory();
  return (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes?.signalName === name)
    .length;
}
