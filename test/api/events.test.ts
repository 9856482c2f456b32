import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordAfter, type SampleEvent, UNTIL_GO_LIVE } from '../release/views/sample-record.ts';
import { waitFor } from '../support/server/temporal-server.ts';
import { startTestApp, type TestApp, tokenOf } from './support/test-app.ts';

let world: TestApp;
let port: number;
const sockets: Socket[] = [];

async function start(limits: Parameters<typeof startTestApp>[0] = {}): Promise<void> {
  world = await startTestApp(limits);
  await world.app.listen({ host: '127.0.0.1', port: 0 });
  port = (world.app.server.address() as { port: number }).port;
}

beforeEach(async () => {
  await start();
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await world.close();
});

/** A client of its own connection, reading as `onData` says. */
function openStream(onData?: (text: string) => void, headers = ''): Socket {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  socket.write(
    `GET /v1/releases/shop/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokenOf('vera')}\r\n${headers}\r\n`,
  );
  if (onData) socket.setEncoding('utf8').on('data', onData);
  else socket.pause();
  return socket;
}

/** A stream that remembers the ids and states that it was sent. */
function follow(headers = '') {
  const seen: { ids: string[]; timelines: number[]; text: string } = { ids: [], timelines: [], text: '' };
  let rest = '';
  const socket = openStream((chunk) => {
    seen.text += chunk;
    rest += chunk;
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const block = rest.slice(0, end);
      rest = rest.slice(end + 2);
      const id = /^id: (.*)$/m.exec(block)?.[1];
      const data = /^data: (\{"open".*)$/m.exec(block)?.[1];
      if (id && data) {
        seen.ids.push(id);
        seen.timelines.push(JSON.parse(data).record.timelineTotal);
      }
    }
  }, headers);
  return { seen, socket };
}

async function streams(): Promise<number> {
  const metrics = (await world.ask(undefined, 'GET', '/metrics')).body;
  return Number(/^windlass_api_streams (\d+)$/m.exec(metrics)?.[1]);
}

function stateWith(notes: number, filler = ''): ReturnType<typeof recordAfter> {
  const events = Array.from(
    { length: notes },
    (_, i): SampleEvent => ({ event: 'noted', what: `note ${i} ${filler}` }),
  );
  return recordAfter([...UNTIL_GO_LIVE, ...events]);
}

describe('an event stream', () => {
  test('begins with the present state, tells each change once, and resumes where a client was', async () => {
    world.gateway.put(stateWith(0));
    const first = follow();
    await waitFor('the first state', () => first.seen.ids.length === 1);
    world.gateway.put(stateWith(1));
    await waitFor('the change', () => first.seen.ids.length === 2);
    // Something happened that changed nothing in the record.
    world.gateway.put(stateWith(1));
    world.gateway.put(stateWith(2));
    await waitFor('the next change', () => first.seen.ids.length === 3);
    expect(first.seen.timelines[2]).toBe((first.seen.timelines[0] ?? 0) + 2);
    expect(first.seen.text).toContain('content-type: text/event-stream');

    const known = follow(`Last-Event-ID: ${first.seen.ids[2]}\r\n`);
    const unknown = follow('Last-Event-ID: something-else\r\n');
    await waitFor('the other', () => unknown.seen.ids.length === 1);
    await waitFor('the stream to be open', () => known.seen.text.includes('retry:'));
    world.gateway.put(stateWith(3));
    await waitFor('all to hear of it', () => known.seen.ids.length === 1 && unknown.seen.ids.length === 2);
    expect(known.seen.timelines).toEqual([(first.seen.timelines[0] ?? 0) + 3]);
  });

  test('two hundred viewers cost one watcher: one query a change', async () => {
    world.gateway.put(stateWith(0));
    const all = Array.from({ length: 200 }, () => follow());
    await waitFor('all to see the state', () => all.every(({ seen }) => seen.ids.length === 1));
    expect(await streams()).toBe(200);
    // One at the beginning, one when the long poll has begun: nothing falls between the two.
    await waitFor('the watcher to be settled', () => world.gateway.queries === 2);
    const before = world.gateway.queries;
    for (let change = 1; change <= 3; change++) {
      world.gateway.put(stateWith(change));
      await waitFor('all to see the change', () => all.every(({ seen }) => seen.ids.length === change + 1));
    }
    expect(world.gateway.queries - before).toBe(3);
    for (const { socket } of all) socket.destroy();
    await waitFor('all to be gone', async () => (await streams()) === 0);
  });

  test('a client that never reads is dropped, and the others do not wait for it', async () => {
    await world.close();
    await start({ limits: { heartbeatMs: 100, streamBufferBytes: 600_000 } });
    world.gateway.put(stateWith(0));
    const good = follow();
    const deaf = Array.from({ length: 20 }, () => openStream());
    await waitFor('all to be there', async () => (await streams()) === 21);
    const filler = 'x'.repeat(1_000);
    for (let change = 1; change <= 30; change++) {
      world.gateway.put(stateWith(200 + change, filler));
      await waitFor('the good one to see it', () => good.seen.ids.length === change + 1);
    }
    await waitFor('the deaf ones to be dropped', async () => (await streams()) === 1);
    expect(deaf.every((socket) => !socket.destroyed || socket.closed)).toBe(true);
  });

  test('a client that reads slowly skips states, and has the last one in the end', async () => {
    world.gateway.put(stateWith(0));
    const good = follow();
    const slow = follow();
    await waitFor('both to be there', () => slow.seen.ids.length === 1 && good.seen.ids.length === 1);
    slow.socket.pause();
    const filler = 'x'.repeat(1_000);
    for (let change = 1; change <= 40; change++) {
      world.gateway.put(stateWith(190 + change, filler));
      await waitFor('the good one to see it', () => good.seen.ids.length === change + 1);
    }
    slow.socket.resume();
    await waitFor('the slow one to catch up', () => slow.seen.ids.at(-1) === good.seen.ids.at(-1));
    expect(slow.seen.ids.length).toBeLessThan(good.seen.ids.length);
  });

  test('more streams than the process may have are refused with a time to wait', async () => {
    await world.close();
    await start({ limits: { streams: 3, streamsPerPerson: 2 } });
    world.gateway.put(stateWith(0));
    const mine = [follow(), follow()];
    await waitFor('both', () => mine.every(({ seen }) => seen.ids.length === 1));
    const third = await world.ask('vera', 'GET', '/v1/releases/shop/events');
    expect([third.statusCode, third.headers['retry-after']]).toEqual([429, '30']);
    const others = openStream(() => undefined);
    sockets.push(others);
    await once(others, 'data');
  });

  test('while Temporal is away it says so, lives on by heartbeats, and goes on afterwards', async () => {
    await world.close();
    await start({ limits: { heartbeatMs: 50 } });
    world.gateway.put(stateWith(0));
    const { seen } = follow();
    await waitFor('the first state', () => seen.ids.length === 1);
    world.gateway.broken = 'away';
    world.gateway.put(stateWith(1));
    await waitFor('it to say so', () => seen.text.includes('event: stale'));
    await waitFor('a heartbeat', () => seen.text.includes(': still here'));
    world.gateway.broken = undefined;
    await waitFor('it to go on', () => seen.ids.length === 2);
  });

  test('closing the API ends it: the server does not wait for viewers', async () => {
    world.gateway.put(stateWith(0));
    const { seen, socket } = follow();
    await waitFor('the first state', () => seen.ids.length === 1);
    const closed = once(socket, 'close');
    await world.app.close();
    await closed;
  });

  test('ends when the session of its reader does, and shows nothing that comes after', async () => {
    await world.close();
    await start({ limits: { heartbeatMs: 50 } });
    world.gateway.put(stateWith(0));
    const signedIn = await world.app.inject({
      method: 'POST',
      url: '/sign-in',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ token: tokenOf('vera') }).toString(),
    });
    const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';
    const answer = await fetch(`http://127.0.0.1:${port}/v1/releases/shop/events`, { headers: { cookie } });
    const byToken = follow();
    await waitFor('the other stream', () => byToken.seen.ids.length === 1);
    let text = '';
    const ended = (async () => {
      for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) text += chunk;
    })();
    await waitFor('the first state', () => text.includes('event: release'));
    world.setNow('2026-11-21T00:00:00.000Z');
    world.gateway.put(stateWith(1, 'for nobody who is signed out'));
    await ended;
    expect(text).toMatch(/event: signed_out\ndata: \{\}\n\n$/);
    expect(text).not.toContain('for nobody');
    // A token of the configuration has no end, and so has its stream.
    await waitFor('the change', () => byToken.seen.ids.length === 2);
    expect(await streams()).toBe(1);
  });
});
