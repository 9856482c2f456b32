import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openApi } from '../../../src/cli/api-client.ts';
import { runAct } from '../../../src/cli/remote/act.ts';
import { runAudit } from '../../../src/cli/remote/audit/audit.ts';
import { verifyChain } from '../../../src/cli/remote/audit/verify-chain.ts';
import { readEvents, type ServerEvent } from '../../../src/cli/remote/follow/read-events.ts';
import { runWatch } from '../../../src/cli/remote/follow/watch.ts';
import { runStatus } from '../../../src/cli/remote/status.ts';
import { openRecord, type ReleaseRecord } from '../../../src/release/record/record.ts';
import type { RecordEvent } from '../../../src/release/record/record-event.ts';
import { applyEvent } from '../../../src/release/record/transitions.ts';
import { type LocalHttp, startLocalHttp } from '../../support/network/local-server.ts';
import { makeContext, say } from '../cli-context.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: LocalHttp;
let answer: Answer;
let requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];

beforeEach(async () => {
  requests = [];
  server = await startLocalHttp((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      answer(request, response);
    });
  });
});

afterEach(async () => {
  await server.stop();
});

const json = (response: ServerResponse, value: unknown, status = 200, headers = {}) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
const environment = () => ({ WINDLASS_API: server.address, WINDLASS_TOKEN: 'my-secret-token' });
const hold = async (...more: string[]) =>
  await say((argv, context) => runAct('hold', argv, context), ['shop', ...more], environment());

/** A record made as the workflow makes it, with this many notes in its timeline. */
function makeRecord(notes: number, more: RecordEvent[] = []): ReleaseRecord {
  const at = '2026-11-20T16:00:00.000Z';
  const request = {
    releaseId: 'shop-20261120-abcdef',
    product: 'shop',
    bump: 'auto',
    requestedBy: 'cleo',
    requestedAt: at,
    via: 'cli',
  } as const;
  const events: RecordEvent[] = [
    ...Array.from({ length: notes }, (_, i): RecordEvent => ({ event: 'noted', at, what: `note ${i + 1}` })),
    ...more,
  ];
  return events.reduce(applyEvent, openRecord('release', request, 'Shop', at));
}

const ENDED: RecordEvent = {
  event: 'ended',
  at: '2026-11-20T17:00:00.000Z',
  outcome: 'released',
  ending: 'Shop 1.3.0 is released',
  remains: [],
};

describe('an API that misbehaves', () => {
  test('refuses with a problem document: its sentence, its hint and the way there are shown', async () => {
    answer = (_, response) =>
      json(
        response,
        {
          status: 409,
          detail: 'It is held\u001b[31m already.',
          hint: 'resume it',
          url: 'https://w.test/shop',
        },
        409,
        { 'retry-after': '7' },
      );
    const { code, out, err } = await hold();
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toBe(
      'windlass: It is held\\u001b[31m already.\nresume it\nhttps://w.test/shop\nTry again in 7 s.\n',
    );
  });

  test('is something else altogether: says so, and shows none of its page', async () => {
    answer = (_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome to the router</h1>');
    const { code, err } = await hold();
    expect(code).toBe(1);
    expect(err).toContain("is not Windlass's API (200, text/html)");
    expect(err).not.toContain('router');
  });

  test('redirects: the token goes nowhere else', async () => {
    answer = (request, response) =>
      request.url?.startsWith('/elsewhere')
        ? json(response, {})
        : response.writeHead(307, { location: `${server.address}/elsewhere` }).end();
    expect((await hold()).code).toBe(1);
    expect(requests.map(({ url }) => url)).toEqual(['/v1/releases/shop/hold']);
  });

  test('breaks the connection once: the command is sent again with the same key, and so counts once', async () => {
    answer = (request, response) =>
      requests.length === 1 ? request.socket.resetAndDestroy() : json(response, { accepted: true }, 202);
    const { code, err } = await hold('--comment', 'wait');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(requests).toHaveLength(2);
    const [first, second] = requests;
    expect(first?.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).toEqual({ ...first, headers: { ...first?.headers } });
    expect(JSON.parse(second?.body ?? '')).toEqual({ comment: 'wait' });
  });

  test('breaks every connection: says that the outcome is not known, and how to learn it', async () => {
    answer = (request) => request.socket.resetAndDestroy();
    const { code, err } = await hold();
    expect(code).toBe(1);
    expect(err).toContain('Whether it took the command is not known');
    expect(err).not.toContain('my-secret-token');
  });

  test('never answers: the command ends by itself', async () => {
    answer = () => undefined;
    const api = openApi({ address: server.address, timeoutMs: 100 });
    await expect(api.get('/v1/releases')).rejects.toThrow(
      /does not answer \(no answer in time\)\. Nothing was changed/,
    );
  });

  test('answers without end: the command does not take it all in', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = () => {
        while (response.write(' '.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    };
    const { code, err } = await say(runStatus, ['shop'], environment());
    expect(code).toBe(1);
    expect(err).toContain('longer than 8 MiB');
  });

  test('answers with a record of another form: says that the versions differ', async () => {
    answer = (_, response) => json(response, { open: true, record: { format: 2 } });
    const { code, err } = await say(runStatus, ['shop'], environment());
    expect(code).toBe(1);
    expect(err).toContain('same version of Windlass at both ends');
  });
});

describe('the token', () => {
  test('comes from a file before the variable, without its line end', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'windlass-token-'));
    try {
      await writeFile(join(folder, 'token'), 'from-the-file\n');
      answer = (_, response) => json(response, { accepted: true }, 202);
      const run = (argv: string[], context: Parameters<typeof runStatus>[1]) => runAct('hold', argv, context);
      const { code } = await say(run, ['shop', '--token-file', 'token'], environment(), folder);
      expect(code).toBe(0);
      expect(requests[0]?.headers.authorization).toBe('Bearer from-the-file');
      const missing = await say(run, ['shop', '--token-file', 'nothing'], environment(), folder);
      expect(missing.err).toContain('nothing cannot be read (ENOENT)');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('with a line break in it is refused without being shown', async () => {
    const { code, err } = await say(runStatus, [], { ...environment(), WINDLASS_TOKEN: 'abc\r\nX-Evil: 1' });
    expect(code).toBe(2);
    expect(err).not.toContain('abc');
    expect(requests).toHaveLength(0);
  });
});

describe('watching', () => {
  test('asks where there are no streams, and ends with 0 when the release is released', async () => {
    const states = [makeRecord(1), makeRecord(3), makeRecord(2), makeRecord(3, [ENDED])];
    let next = 0;
    answer = (request, response) =>
      request.url?.endsWith('/events')
        ? json(response, { status: 404, detail: 'no such route', hint: '' }, 404)
        : json(response, { open: true, record: states[Math.min(next++, states.length - 1)] });
    const { code, out, err } = await say(runWatch, ['shop'], environment());
    expect(code).toBe(0);
    expect(err).toContain('no event stream here; asking every 2 s instead');
    // Every line once and in order, although one answer was older than the one before it.
    expect(out.match(/note \d|released: .*/g)).toEqual([
      'note 1',
      'note 2',
      'note 3',
      'released: Shop 1.3.0 is released',
      'released: Shop 1.3.0 is released',
    ]);
  });

  test('goes on where a stream broke, from the state that it saw last', async () => {
    let streams = 0;
    answer = (request, response) => {
      if (!request.url?.endsWith('/events')) {
        json(response, { open: true, record: makeRecord(streams === 0 ? 1 : 2) });
        return;
      }
      streams += 1;
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
      if (streams === 1) {
        response.write(`: hello\n\nid: one\nevent: release\ndata: ${JSON.stringify(makeRecord(2))}\n\n`);
        response.write('id: two\nevent: release\ndata: {"half":', () => request.socket.destroy());
      } else {
        response.write('event: stale\ndata: {}\n\n');
        response.write(`id: three\nevent: release\ndata: ${JSON.stringify(makeRecord(2, [ENDED]))}\n\n`);
      }
    };
    const { code, out } = await say(runWatch, ['shop'], environment());
    expect(code).toBe(0);
    expect(out.match(/note \d/g)).toEqual(['note 1', 'note 2']);
    const asked = requests.filter(({ url }) => url.endsWith('/events'));
    expect(asked.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, 'one']);
  });

  test('waits for an API that is restarted, and gives it up after ten minutes', async () => {
    answer = (request, response) => {
      if (requests.length === 1) json(response, { open: true, record: makeRecord(1) });
      else if (requests.length < 4)
        json(response, { status: 503, detail: 'Temporal is away.', hint: '' }, 503);
      else if (request.url?.endsWith('/events')) json(response, { status: 404 }, 404);
      else json(response, { open: true, record: makeRecord(1, [ENDED]) });
    };
    const back = await say(runWatch, ['shop'], environment());
    expect(back.code).toBe(0);
    expect(back.err).toContain('Trying again.');

    requests = [];
    answer = (_, response) => {
      if (requests.length === 1) json(response, { open: true, record: makeRecord(1) });
      else json(response, { status: 503, detail: 'Temporal is away.', hint: '' }, 503);
    };
    const { context } = makeContext(environment());
    let now = 0;
    const patient = {
      ...context,
      now: () => new Date(now),
      wait: async (milliseconds: number) => {
        now += milliseconds * 30;
      },
    };
    await expect(runWatch(['shop'], patient)).rejects.toThrow('Temporal is away.');
    expect(now).toBeGreaterThan(600_000);
  });

  test('says so when another release has begun meanwhile', async () => {
    answer = (request, response) => {
      if (request.url?.endsWith('/events')) json(response, { status: 404 }, 404);
      else {
        const releaseId = requests.length === 1 ? 'shop-1' : 'shop-2';
        json(response, { open: true, record: { ...makeRecord(1), releaseId } });
      }
    };
    const { code, err } = await say(runWatch, ['shop'], environment());
    expect(code).toBe(1);
    expect(err).toContain('shop-1 is over, and shop-2 has begun');
  });
});

describe('an event stream', () => {
  test('is read alike however it is cut into pieces', async () => {
    const text =
      'retry: 3000\r\n\r\n: beat\nid: 1\nevent: release\ndata: {"a":\ndata: "ü€😀"}\r\n\r\rdata:no space\nid: 2\n\nid: 3\n\ndata: cut off';
    const bytes = Buffer.from(text);
    const expected: ServerEvent[] = [
      { event: 'comment', data: 'beat' },
      { event: 'release', data: '{"a":\n"ü€😀"}', id: '1' },
      { event: 'message', data: 'no space', id: '2' },
    ];
    for (const size of [1, 2, 3, 7, bytes.length]) {
      const pieces = async function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      };
      const events: ServerEvent[] = [];
      for await (const event of readEvents(pieces())) events.push(event);
      expect(events).toEqual(expected);
    }
  });
});

describe('the audit of a record', () => {
  const broken = (change: (record: ReleaseRecord) => void) => {
    const record = structuredClone(makeRecord(6));
    change(record);
    return verifyChain(record);
  };

  test('finds any entry that was changed, left out, added or swapped, and says which', () => {
    expect(verifyChain(makeRecord(6))).toEqual({ whole: true, verified: 6, unseen: 0 });
    expect(broken((r) => Object.assign(r.timeline[2]!, { data: { what: 'note 3, nicer' } }))).toMatchObject({
      whole: false,
      at: 3,
      verified: 2,
    });
    expect(broken((r) => Object.assign(r.timeline[2]!, { event: 'held' }))).toMatchObject({ at: 3 });
    expect(broken((r) => Object.assign(r.timeline[4]!, { link: r.timeline[3]!.link }))).toMatchObject({
      at: 5,
    });
    expect(broken((r) => r.timeline.splice(3, 2, r.timeline[4]!, r.timeline[3]!))).toMatchObject({ at: 4 });
    expect(broken((r) => r.timeline.pop())).toMatchObject({ whole: false });
    expect(broken((r) => r.timeline.push(r.timeline[0]!))).toMatchObject({ whole: false });
    expect(
      broken((r) => {
        r.timeline.splice(2, 1);
        r.timelineTotal -= 1;
      }),
    ).toMatchObject({ whole: false, at: 3 });
    expect(broken((r) => Object.assign(r, { chain: 'sha256:0' }))).toMatchObject({ whole: false, at: 6 });
  });

  test('says how much it took on trust where the record has dropped its oldest entries', () => {
    const long = makeRecord(300);
    expect(verifyChain(long)).toEqual({ whole: true, verified: 249, unseen: 50 });
    // The record keeps 250: fewer of more than 250 means that somebody took some away.
    const shortened = verifyChain({ ...long, timeline: long.timeline.slice(1) });
    expect(shortened).toMatchObject({ whole: false, verified: 0 });
  });

  test('compares with an anchor that was written down elsewhere', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'windlass-audit-'));
    try {
      const record = makeRecord(6);
      await writeFile(join(folder, 'record.json'), JSON.stringify(record));
      await writeFile(join(folder, 'other.json'), '[]');
      const audit = (...argv: string[]) => say(runAudit, argv, {}, folder);
      const anchored = await audit('--record', 'record.json', '--anchor', record.timeline[3]!.link);
      expect(anchored).toMatchObject({ code: 0, err: '' });
      const strange = await audit('--record', 'record.json', '--anchor', makeRecord(1, [ENDED]).chain);
      expect(strange.code).toBe(1);
      expect(strange.err).toMatch(/^BROKEN: .* does not hold the anchor/);
      expect((await audit('--record', 'other.json')).err).toContain('is not a record of a release');
      expect((await audit('--record', 'nothing.json')).err).toContain('cannot be read (ENOENT)');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
