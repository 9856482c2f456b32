import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningApi, startApi } from '../../../src/api/server.ts';
import type { ReleaseRecord } from '../../../src/release/record/record.ts';
import type { PersonRole } from '../../../src/release/settings.ts';
import { personWith } from '../../support/fixture/demo.ts';
import { type GreeterWorld, startGreeterWorld } from '../../support/fixture/greeter-world.ts';
import { connectTestClient, waitFor } from '../../support/server/temporal-server.ts';

/** What the routes of this test answer, all in one. */
interface Answer {
  type: string;
  releaseId: string;
  releases: (string | { releaseId?: string })[];
  actions: { command: string; gate?: string }[];
  open: boolean;
  record: ReleaseRecord;
}

let world: GreeterWorld;
let api: RunningApi;

beforeAll(async () => {
  world = await startGreeterWorld();
  api = await startApi({
    installation: world.installation,
    client: world.client,
    queuePrefix: world.product,
    port: 0,
  });
});

afterAll(async () => {
  await api?.close();
  await world?.stop();
});

/** One request as a client sends it: after a 503 again, with the same key, as the API's answer says. */
async function ask(role: PersonRole, method: string, path: string, body?: object, key?: string) {
  const headers = {
    authorization: `Bearer ${personWith(world.fixture, role).token}`,
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'idempotency-key': key ?? randomUUID() }),
  };
  return await waitFor(
    `an answer to ${method} ${path}`,
    async () => {
      const answer = await fetch(`${api.url}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const said = (await answer.json()) as Answer;
      return answer.status === 503 ? undefined : { status: answer.status, body: said };
    },
    300_000,
  );
}

const path = (rest = '') => `/v1/releases/${world.product}${rest}`;

/** Reads an event stream until `found` is satisfied by a record. */
async function followUntil(role: PersonRole, found: (record: ReleaseRecord) => boolean): Promise<number> {
  const stop = new AbortController();
  const answer = await fetch(`${api.url}${path('/events')}`, {
    headers: { authorization: `Bearer ${personWith(world.fixture, role).token}` },
    signal: stop.signal,
  });
  expect(answer.headers.get('content-type')).toContain('text/event-stream');
  let text = '';
  let seen = 0;
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1];
      text = text.slice(end + 2);
      if (!data) continue;
      seen += 1;
      if (found(JSON.parse(data).record)) {
        stop.abort();
        return seen;
      }
    }
  }
  throw new Error('the stream ended early');
}

describe('a whole release through the API', () => {
  test('starts once, waits for people, moves on by their signed decisions, is seen live, and is kept', async () => {
    const [one, two] = await Promise.all([
      ask('release_manager', 'POST', '/v1/releases', { product: world.product }, 'start-1'),
      ask('release_manager', 'POST', '/v1/releases', { product: world.product }, 'start-1'),
    ]);
    expect([one.status, two.status]).toEqual([202, 202]);
    expect(one.body.releaseId).toBe(two.body.releaseId);
    const other = await ask('engineering_lead', 'POST', '/v1/releases', { product: world.product });
    expect(other.status).toBe(409);
    expect(other.body.releaseId).toBe(one.body.releaseId);

    const live = followUntil('ceo', (record) => record.outcome === 'released');

    const gates: [string, PersonRole][] = [
      ['changelog_review', 'release_manager'],
      ['go_live', 'engineering_lead'],
      ['go_live', 'ceo'],
    ];
    for (const [gate, role] of gates) {
      await waitFor(`${gate} to wait for ${role}`, async () => {
        const { body } = await ask(role, 'GET', path());
        return body.actions?.some((a) => a.command === 'approve' && a.gate === gate);
      });
      if (gate === 'go_live' && role === 'ceo') {
        // A hundred presses of one button are one decision.
        const presses = await Promise.all(
          Array.from({ length: 100 }, () =>
            ask('ceo', 'POST', path('/approvals/go_live'), { decision: 'approve' }, 'press'),
          ),
        );
        expect(new Set(presses.map((press) => press.status))).toEqual(new Set([202]));
      } else {
        expect((await ask(role, 'POST', path(`/approvals/${gate}`), { decision: 'approve' })).status).toBe(
          202,
        );
      }
    }
    expect(await live).toBeGreaterThan(1);
    const record = await world.record();
    expect(
      record.approvals
        .find((g) => g.key === 'go_live')
        ?.decisions.map((d) => d.role)
        .sort(),
    ).toEqual(['ceo', 'engineering_lead']);
    expect(record.refusals).toEqual([]);

    // The outcome is in the record a moment before the workflow closes.
    const ended = await waitFor('the release to be closed', async () => {
      const answer = await ask('qa', 'GET', path());
      return answer.body.open === false ? answer : undefined;
    });
    expect(ended.body).toMatchObject({ open: false, actions: [], record: { outcome: 'released' } });
    expect((await ask('qa', 'GET', path('/archive'))).body.releases).toEqual([one.body.releaseId]);
    await waitFor('visibility to know it', async () => {
      const { body } = await ask(
        'qa',
        'GET',
        `/v1/releases?status=closed&outcome=released&product=${world.product}`,
      );
      return (
        JSON.stringify(body.releases.map((line) => typeof line === 'object' && line.releaseId)) ===
        JSON.stringify([one.body.releaseId])
      );
    });
    const late = await ask('release_manager', 'POST', path('/abort'), {});
    expect([late.status, late.body.type]).toEqual([409, 'urn:windlass:problem:ended']);
    // The button that was pressed before the end, pressed again: known, and nothing will come of it any more.
    const again = await ask('ceo', 'POST', path('/approvals/go_live'), { decision: 'approve' }, 'press');
    expect([again.status, again.body]).toMatchObject([200, { ended: { outcome: 'released' } }]);
  });
});

test('when no worker answers, the API says so within its limits', async () => {
  const { client, close } = await connectTestClient();
  const lonely = await startApi({
    installation: world.installation,
    client,
    queuePrefix: 'nobody-polls-here',
    port: 0,
  });
  try {
    const request = { headers: { authorization: `Bearer ${personWith(world.fixture, 'ceo').token}` } };
    const handle = await client.workflow.start('release', {
      workflowId: `hotfix/${world.product}`,
      taskQueue: 'nobody-polls-here-workflows',
      args: [],
    });
    const answer = await fetch(`${lonely.url}${path('?kind=hotfix')}`, request);
    expect(answer.status).toBe(503);
    expect(((await answer.json()) as { detail: string }).detail).toMatch(/No worker answer/);
    await handle.terminate('the test is over');
  } finally {
    await lonely.close();
    await close();
  }
});
