import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runLog } from '../../../src/cli/remote/log.ts';
import { recordAfter, UNTIL_GO_LIVE } from '../../release/views/sample-record.ts';
import { type LocalHttp, startLocalHttp } from '../../support/network/local-server.ts';
import { say } from '../cli-context.ts';

let server: LocalHttp;
let asked: string[];
let answer: (path: string, response: ServerResponse) => void;

beforeEach(async () => {
  asked = [];
  server = await startLocalHttp((request, response) => {
    asked.push(request.url ?? '');
    answer(request.url ?? '', response);
  });
});

afterEach(async () => {
  await server.stop();
});

const log = async (...argv: string[]) =>
  await say(runLog, argv, { WINDLASS_API: server.address, WINDLASS_TOKEN: 'secret' });
const text = (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });

describe('windlass log', () => {
  test('writes all of it as it comes, also what was cut in two on the way, and nothing that steers a terminal', async () => {
    const umlaut = Buffer.from('grün\n');
    const pieces = [
      Buffer.from('one\r\n\u001b[3'),
      Buffer.from('1mred\u001b[0m \u0007\u009b2Jtwo\n'),
      umlaut.subarray(0, 3),
      umlaut.subarray(3),
      Buffer.from('no end of line'),
    ];
    answer = (_, response) => {
      text(response);
      const next = () => {
        const piece = pieces.shift();
        if (piece === undefined) response.end();
        else response.write(piece, () => setImmediate(next));
      };
      next();
    };
    const { code, out } = await log('shop', 'build.package', '--release', 'shop-20260101-abcdef');
    expect(code).toBe(0);
    expect(out).toBe('one\r\nred two\ngrün\nno end of line');
    expect(asked).toEqual(['/v1/releases/shop/steps/build.package/log?release=shop-20260101-abcdef']);
  });

  test('says that it is not all of it where it breaks off', async () => {
    answer = (_, response) => {
      text(response).write('half\n', () => response.destroy());
    };
    const { code, err } = await log('shop', 'gates.tests', '--kind', 'hotfix');
    expect(code).toBe(1);
    expect(err).toContain('broke off: this is not all of it');
    expect(asked).toEqual(['/v1/releases/shop/steps/gates.tests/log?kind=hotfix']);
  });

  test('names the steps that have one, and passes on why there is none', async () => {
    const record = recordAfter(UNTIL_GO_LIVE);
    const digest = `sha256:${'c'.repeat(64)}` as const;
    const steps = record.steps.map((step, index) =>
      index === 1 ? { ...step, logs: [{ digest, bytes: 4 }] } : step,
    );
    answer = (path, response) => {
      const isList = path === '/v1/releases/shop';
      const problem = { title: 'Not found', detail: 'The step x.y left no log.', hint: 'see the list' };
      response
        .writeHead(isList ? 200 : 404, { 'content-type': 'application/json' })
        .end(JSON.stringify(isList ? { record: { ...record, steps }, open: true, actions: [] } : problem));
    };
    const list = await log('shop');
    expect(list.out.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^STEP\s+STATE\s+SCRIPTS\s+WHAT$/),
      expect.stringContaining(steps[1]!.id),
    ]);
    expect(await log('shop', 'x.y')).toMatchObject({ code: 1, err: expect.stringContaining('left no log') });
    expect((await log()).code).toBe(2);
  });
});
