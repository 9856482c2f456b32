import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Command } from '../../src/contracts/commands.ts';
import { verifySigned } from '../../src/integrations/signing/signing.ts';
import {
  recordAfter,
  SUBJECT,
  sampleDecision,
  UNTIL_GO_LIVE,
  UNTIL_MONITORING,
} from '../release/views/sample-record.ts';
import { startTestApp, type TestApp } from './support/test-app.ts';

let world: TestApp;

beforeEach(async () => {
  world = await startTestApp();
});

afterEach(async () => {
  await world.close();
});

/** The last signal's command, proven by the public key of the configuration. */
function lastCommand(): Command {
  const signal = world.gateway.signals.at(-1);
  if (!signal) throw new Error('nothing was sent');
  const checked = verifySigned(signal.argument, world.installation.api.verifyKeys, world.deps.clock());
  if (!('nonce' in checked)) throw new Error(checked.refused);
  expect(checked.name).toBe(signal.name);
  return checked;
}

/** The shop gets a production environment, which it has not in the other tests. */
function shipShop(): void {
  const { shop } = world.installation.products;
  if (!shop) throw new Error('there is no shop');
  shop.environments = [{ name: 'production', kind: 'production' } as (typeof shop.environments)[number]];
}

describe('starting a release', () => {
  test('starts it in the name of whoever asks, under an id of product and day', async () => {
    const answer = await world.ask('rita', 'POST', '/v1/releases', { product: 'shop', bump: 'minor' });
    expect(answer.statusCode).toBe(202);
    expect(answer.json().releaseId).toMatch(/^shop-20261120-[0-9a-f]{6}$/);
    expect(answer.headers['location']).toBe('/v1/releases/shop');
    expect(world.gateway.started).toMatchObject([
      { product: 'shop', bump: 'minor', requestedBy: 'rita', via: 'api' },
    ]);
  });

  test('is refused at once where nobody could approve it but who asks, unless one person maintains the product', async () => {
    const shop = world.installation.products['shop'];
    if (!shop) throw new Error('no shop');
    const types = ['patch', 'minor', 'major'] as const;
    for (const type of types) shop.policy[type].goLiveApprovals = ['release_manager'];
    const people = world.installation.people.filter(({ roles }) => roles.includes('release_manager'));
    for (const { name, roles } of people) if (name !== 'rita') roles.splice(0, roles.length, 'viewer');
    const ask = () => world.ask('rita', 'POST', '/v1/releases', { product: 'shop' });
    const refused = await ask();
    expect(refused.statusCode).toBe(409);
    expect(refused.json()).toMatchObject({
      type: 'urn:windlass:problem:nobody-approves',
      detail:
        'Nobody could approve a major or minor or patch release of Shop: it takes release_manager, which only rita could give, who asked for it.',
      hint: expect.stringContaining('products.shop.approvals: solo'),
    });
    // Where the commits may yet make it one that somebody else approves, readiness tells.
    shop.policy.major.goLiveApprovals = ['ceo'];
    expect(
      (await world.ask('rita', 'POST', '/v1/releases', { product: 'shop', bump: 'patch' })).statusCode,
    ).toBe(409);
    expect(world.gateway.started).toEqual([]);
    shop.policy.major.goLiveApprovals = ['release_manager'];
    shop.approvals.solo = true;
    expect((await ask()).statusCode).toBe(202);
  });

  test('a second one is refused with the one that is in the way', async () => {
    await world.ask('rita', 'POST', '/v1/releases', { product: 'shop' });
    const answer = await world.ask('lee', 'POST', '/v1/releases', { product: 'shop' });
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({
      type: 'urn:windlass:problem:in-flight',
      url: 'http://127.0.0.1:8080/releases/shop',
    });
    expect(answer.json().releaseId).toBe(world.gateway.started[0]?.releaseId);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  test('the same key gives the same answer, another person’s does not', async () => {
    const key = { 'idempotency-key': 'k-1' };
    const first = await world.ask('rita', 'POST', '/v1/releases', { product: 'shop' }, key);
    const again = await world.ask('rita', 'POST', '/v1/releases', { product: 'shop' }, key);
    expect([again.statusCode, again.json()]).toEqual([202, first.json()]);
    expect(world.gateway.started).toHaveLength(1);
    expect((await world.ask('lee', 'POST', '/v1/releases', { product: 'shop' }, key)).statusCode).toBe(409);
  });

  test('may name a time before which production stays as it is, in any zone', async () => {
    shipShop();
    const body = { product: 'shop', deployAt: '2026-11-21T22:00:00+01:00' };
    expect((await world.ask('rita', 'POST', '/v1/releases', body)).statusCode).toBe(202);
    expect(world.gateway.started).toMatchObject([{ deployAt: '2026-11-21T21:00:00.000Z' }]);
  });

  test.each([
    ['a time that is over', { product: 'shop', deployAt: '2026-11-19T22:00:00Z' }, /over already/],
    ['a time in a far year', { product: 'shop', deployAt: '2029-11-19T22:00:00Z' }, /90 days/],
    [
      'a time of what is never deployed',
      { product: 'library', deployAt: '2026-11-21T22:00:00Z' },
      /does not reach/,
    ],
    ['a time without a zone', { product: 'shop', deployAt: '2026-11-21T22:00' }, /deployAt/],
  ])('refuses %s, and starts nothing', async (_what, body, why) => {
    shipShop();
    const answer = await world.ask('rita', 'POST', '/v1/releases', body);
    expect(answer.statusCode).toBe(400);
    expect(JSON.stringify(answer.json())).toMatch(why);
    expect(world.gateway.started).toEqual([]);
  });

  test.each([
    ['both bump and version', { product: 'shop', bump: 'minor', version: '1.2.3' }],
    ['a version that is none', { product: 'shop', version: '1.2' }],
    ['an unknown field', { product: 'shop', skip_tests: true }],
    ['no product', {}],
    ['a list', []],
    ['a product that is a path', { product: '../shop' }],
  ])('refuses %s, and says where', async (_what, body) => {
    const answer = await world.ask('rita', 'POST', '/v1/releases', body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors[0]).toHaveProperty('path');
    expect(world.gateway.started).toEqual([]);
  });
});

describe('reading', () => {
  test('a release comes with what the asking person may do, and no more', async () => {
    world.gateway.put(recordAfter(UNTIL_GO_LIVE));
    const ceo = (await world.ask('ada', 'GET', '/v1/releases/shop')).json();
    expect(ceo.open).toBe(true);
    expect(ceo.record.releaseId).toBe('shop-20261120-0a1b2c');
    expect(ceo.actions).toContainEqual({
      command: 'approve',
      gate: 'go_live',
      role: 'ceo',
      needsComment: false,
    });
    expect(ceo.temporalUrl).toBe(
      'http://127.0.0.1:8233/namespaces/default/workflows/release%2Fshop/run-shop-20261120-0a1b2c/history',
    );
    const viewer = (await world.ask('vera', 'GET', '/v1/releases/shop')).json();
    expect(viewer.actions).toEqual([]);
  });

  test('lists by filter, and what waits for me by my roles', async () => {
    world.gateway.put(recordAfter(UNTIL_GO_LIVE));
    world.gateway.put(recordAfter(UNTIL_MONITORING, 'library'));
    const open = (await world.ask('vera', 'GET', '/v1/releases?status=open&product=shop')).json();
    expect(open.releases).toMatchObject([{ product: 'shop', url: 'http://127.0.0.1:8080/releases/shop' }]);
    const mine = (await world.ask('lee', 'GET', '/v1/approvals')).json();
    expect(mine.approvals).toMatchObject([
      { product: 'shop', gate: 'go_live', role: 'engineering_lead', subject: SUBJECT },
    ]);
    expect((await world.ask('quinn', 'GET', '/v1/approvals')).json()).toEqual({ approvals: [] });
  });

  test('timeline, texts, archive and products', async () => {
    const record = recordAfter(UNTIL_GO_LIVE);
    world.gateway.put(record);
    world.gateway.texts.set(`sha256:${'a'.repeat(64)}`, '# Notes');
    expect((await world.ask('vera', 'GET', '/v1/releases/shop/timeline')).json().timeline).toHaveLength(
      record.timelineTotal,
    );
    expect((await world.ask('vera', 'GET', '/v1/releases/shop/texts')).json()).toEqual({
      changelog: '# Notes',
      notes: '# Notes',
    });
    world.gateway.put({ ...record, endedAt: record.startedAt, outcome: 'aborted' });
    expect((await world.ask('vera', 'GET', '/v1/releases/shop/archive')).json()).toEqual({
      releases: [record.releaseId],
    });
    const archived = await world.ask('vera', 'GET', `/v1/releases/shop/archive/${record.releaseId}`);
    expect(archived.json()).toMatchObject({ outcome: 'aborted' });
    expect(
      (await world.ask('vera', 'GET', '/v1/releases/shop/archive/shop-20200101-000000')).statusCode,
    ).toBe(404);
    expect(
      (await world.ask('vera', 'GET', '/v1/products')).json().products.map((p: { name: string }) => p.name),
    ).toEqual(['shop', 'library']);
    expect((await world.ask('otto', 'GET', '/v1/me')).json()).toMatchObject({ name: 'otto', mayStart: true });
  });

  test('the report of a gate is linked from API and page, and can do nothing in a browser', async () => {
    const report = { digest: `sha256:${'b'.repeat(64)}`, bytes: 1, mediaType: 'text/html' } as const;
    const record = recordAfter(UNTIL_GO_LIVE);
    const about = { summary: 'none found', result: 'passed' } as const;
    const gates = [
      { gate: 'security', ...about, report },
      { gate: 'tests', ...about },
    ];
    world.gateway.put({ ...record, gates });
    world.gateway.texts.set(report.digest, '<script>steal()</script><h1>None</h1>');
    const path = '/releases/shop/gates/security/report';
    const view = (await world.ask('vera', 'GET', '/v1/releases/shop')).json();
    expect(view.reports).toEqual([
      { gate: 'security', url: `http://127.0.0.1:8080${path}`, mediaType: 'text/html' },
    ]);
    const page = (await world.ask('vera', 'GET', '/releases/shop')).body;
    expect(page.match(/href="[^"]*\/report"/g)).toEqual([`href="${path}"`]);
    for (const url of [path, `/v1${path}`]) {
      const answer = await world.ask('vera', 'GET', url);
      expect(answer.body).toBe('<script>steal()</script><h1>None</h1>');
      expect(answer.headers['content-type']).toContain('text/html');
      expect(answer.headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'/);
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
    }
    expect((await world.ask('vera', 'GET', '/v1/releases/shop/gates/tests/report')).statusCode).toBe(404);
    expect((await world.ask('vera', 'GET', '/v1/releases/shop/gates/..%2f/report')).statusCode).toBe(400);
    expect((await world.ask(undefined, 'GET', `/v1${path}`)).statusCode).toBe(401);
  });

  test('the whole log of a step is linked from API and page, script after script, and of a past release too', async () => {
    const record = recordAfter(UNTIL_GO_LIVE);
    const refs = ['c', 'd'].map((hex) => ({ digest: `sha256:${hex.repeat(64)}` as const, bytes: 4 }));
    const failure = { type: 'ScriptFailed', what: 'it ended with 1', changed: 'nothing', next: 'look' };
    const [first, ...rest] = record.steps;
    const steps = [
      { ...first!, id: 'build.package', logs: [refs[0]!] },
      {
        ...first!,
        id: 'staging.deploy',
        logs: [refs[0]!],
        status: 'failed' as const,
        failure: { ...failure, log: refs[1]!.digest },
      },
      ...rest.filter(({ id }) => !['build.package', 'staging.deploy'].includes(id)),
    ];
    world.gateway.put({ ...record, steps });
    world.gateway.texts.set(refs[0]!.digest, '<b>built</b>\n');
    world.gateway.texts.set(refs[1]!.digest, 'boom\n');
    const path = (step: string) => `/releases/shop/steps/${step}/log`;
    const page = (await world.ask('vera', 'GET', '/releases/shop')).body;
    for (const step of ['build.package', 'staging.deploy']) expect(page).toContain(`href="${path(step)}"`);
    for (const url of [path('build.package'), `/v1${path('build.package')}`]) {
      const answer = await world.ask('vera', 'GET', url);
      expect(answer.body).toBe('<b>built</b>\n');
      expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
      expect(answer.headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'/);
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
    }
    const both = '=== script 1 of 2\n<b>built</b>\n\n=== script 2 of 2\nboom\n';
    expect((await world.ask('vera', 'GET', `/v1${path('staging.deploy')}`)).body).toBe(both);

    world.gateway.put({ ...record, releaseId: 'shop-20200101-aaaaaa', steps }, false);
    world.gateway.put(record);
    expect((await world.ask('vera', 'GET', `/v1${path('build.package')}`)).statusCode).toBe(404);
    const past = `/v1${path('build.package')}?release=shop-20200101-aaaaaa`;
    expect((await world.ask('vera', 'GET', past)).body).toBe('<b>built</b>\n');
    expect((await world.ask('vera', 'GET', past.replace('aaaaaa', 'bbbbbb'))).statusCode).toBe(404);
    expect((await world.ask(undefined, 'GET', past)).statusCode).toBe(401);
  });

  test.each(['/v1/releases/nothing', '/v1/releases/shop', '/v1/releases/shop/timeline', '/v1/nowhere'])(
    '%s is a 404 problem when there is nothing',
    async (url) => {
      const answer = await world.ask('ada', 'GET', url);
      expect(answer.statusCode).toBe(404);
      expect(answer.json().hint).not.toBe('');
    },
  );
});

describe('deciding', () => {
  beforeEach(() => world.gateway.put(recordAfter(UNTIL_GO_LIVE)));
  const url = '/v1/releases/shop/approvals/go_live';

  test('signs who, as what, about exactly what waits, for how long', async () => {
    const answer = await world.ask('ada', 'POST', url, { decision: 'approve', comment: 'looks good' });
    expect(answer.statusCode).toBe(202);
    const command = lastCommand();
    expect(command).toMatchObject({
      name: 'approve',
      product: 'shop',
      releaseId: 'shop-20261120-0a1b2c',
      gate: 'go_live',
      subject: SUBJECT,
      person: 'ada',
      role: 'ceo',
      reason: 'looks good',
      issuedAt: '2026-11-20T12:00:00.000Z',
    });
    const validFor = world.installation.products['shop']?.approvals.validForMs ?? 0;
    expect(Date.parse(command.validUntil) - Date.parse(command.issuedAt)).toBe(validFor);
    expect(answer.json()).toMatchObject({
      nonce: command.nonce,
      person: 'ada',
      role: 'ceo',
      gate: 'go_live',
    });
  });

  test('takes the role that is still missing, or the one that was asked for', async () => {
    await world.ask('rita', 'POST', url, { decision: 'approve' });
    expect(lastCommand().role).toBe('engineering_lead');
    const wrong = await world.ask('rita', 'POST', url, { decision: 'approve', role: 'ceo' });
    expect(wrong.statusCode).toBe(403);
    expect(wrong.json().hint).toContain('ada');
  });

  test('a deputy decides within their days only', async () => {
    world.gateway.put(
      recordAfter(
        UNTIL_GO_LIVE.map((e) =>
          e.event === 'approval_opened' && e.gate.key === 'go_live'
            ? { ...e, gate: { ...e.gate, required: ['qa'] } }
            : e,
        ),
      ),
    );
    expect((await world.ask('vera', 'POST', url, { decision: 'approve' })).statusCode).toBe(403);
    world.setNow('2026-12-01T08:00:00.000Z');
    expect((await world.ask('vera', 'POST', url, { decision: 'approve' })).statusCode).toBe(202);
    expect(lastCommand()).toMatchObject({ person: 'vera', role: 'qa' });
  });

  test.each([
    ['a gate that is not open yet', 'hotfix', { decision: 'approve' }, 'gate-not-open'],
    ['a gate that was decided', 'staging_sign_off', { decision: 'approve' }, 'gate-decided'],
    [
      'another plan than was shown',
      'go_live',
      { decision: 'approve', subject: `sha256:${'0'.repeat(64)}` },
      'plan-changed',
    ],
  ])('%s is a conflict with a hint, and nothing is sent', async (_what, gate, body, code) => {
    const answer = await world.ask('ada', 'POST', `/v1/releases/shop/approvals/${gate}`, body);
    expect([answer.statusCode, answer.json().type]).toEqual([409, `urn:windlass:problem:${code}`]);
    expect(answer.json().hint.length).toBeGreaterThan(10);
    expect(world.gateway.signals).toEqual([]);
  });

  test('what the workflow would not count is not sent: twice the same person, the requester alone', async () => {
    world.gateway.put(recordAfter([...UNTIL_GO_LIVE, { event: 'decided', decision: sampleDecision() }]));
    const twice = await world.ask('ada', 'POST', url, { decision: 'approve' });
    expect(twice.json()).toMatchObject({ status: 409, type: 'urn:windlass:problem:not-counted' });
    expect(twice.json().detail).toContain('ada has decided');
    world.gateway.put(
      recordAfter(
        UNTIL_GO_LIVE.map((e) =>
          e.event === 'approval_opened' && e.gate.key === 'go_live'
            ? { ...e, gate: { ...e.gate, required: ['engineering_lead'] } }
            : e,
        ),
      ),
    );
    const own = await world.ask('rita', 'POST', url, { decision: 'approve' });
    expect(own.json().detail).toContain('cannot be its only approver');
    expect(world.gateway.signals).toEqual([]);
  });

  test('a rejection says why', async () => {
    expect((await world.ask('ada', 'POST', url, { decision: 'reject' })).json().type).toBe(
      'urn:windlass:problem:comment-missing',
    );
    expect(
      (await world.ask('ada', 'POST', url, { decision: 'reject', comment: 'not before Monday' })).statusCode,
    ).toBe(202);
    expect(lastCommand()).toMatchObject({ name: 'reject', reason: 'not before Monday' });
  });

  test('the same key is the same decision, also when the gate is closed by then; another content is refused', async () => {
    const key = { 'idempotency-key': 'press-1' };
    const first = await world.ask('ada', 'POST', url, { decision: 'approve' }, key);
    world.gateway.put(recordAfter(UNTIL_MONITORING));
    world.setNow('2026-11-20T12:30:00.000Z');
    const again = await world.ask('ada', 'POST', url, { decision: 'approve' }, key);
    expect([again.statusCode, again.body]).toEqual([202, first.body]);
    expect(world.gateway.signals).toHaveLength(1);
    const other = await world.ask('ada', 'POST', url, { decision: 'approve', comment: 'hm' }, key);
    expect(other.statusCode).toBe(422);
  });

  test('a command that answers what was shown is refused when something else is asked', async () => {
    const held = recordAfter([...UNTIL_GO_LIVE, { event: 'held', by: 'otto', reason: 'x' }]);
    world.gateway.put(held);
    const view = (await world.ask('otto', 'GET', '/v1/releases/shop')).json();
    const { answers } = view.actions.find(({ command }: { command: string }) => command === 'resume');
    world.gateway.put({ ...held, held: { ...held.held!, at: '2026-11-20T11:59:59.000Z' } });
    const late = await world.ask('otto', 'POST', '/v1/releases/shop/resume', { answers });
    expect([late.statusCode, late.json().type]).toEqual([409, 'urn:windlass:problem:answered-before']);
    world.gateway.put(held);
    expect((await world.ask('otto', 'POST', '/v1/releases/shop/resume', { answers })).statusCode).toBe(202);
    expect(lastCommand()).toMatchObject({ name: 'resume', answers });
  });

  test('a key of a command to a release that is over reaches no other release', async () => {
    const key = { 'idempotency-key': 'press-2' };
    await world.ask('otto', 'POST', '/v1/releases/shop/hold', {}, key);
    const next = { ...recordAfter(UNTIL_GO_LIVE), releaseId: 'shop-20261120-ffffff' };
    world.gateway.put(next);
    const again = await world.ask('otto', 'POST', '/v1/releases/shop/hold', {}, key);
    expect([again.statusCode, again.json().releaseId]).toEqual([200, 'shop-20261120-0a1b2c']);
    expect(again.json().ended.hint).toContain('a new key');
    expect(world.gateway.signals).toHaveLength(1);
  });

  test('without a signing key it says that it cannot sign', async () => {
    const mute = await startTestApp({ signing: false });
    mute.gateway.put(recordAfter(UNTIL_GO_LIVE));
    const answer = await mute.ask('ada', 'POST', url, { decision: 'approve' });
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '60']);
    await mute.close();
  });
});

describe('commands', () => {
  const waiting = recordAfter([
    ...UNTIL_GO_LIVE.slice(0, 8),
    { event: 'step_started', id: 'gates.load', title: 'Load test', phase: 'gates' },
    {
      event: 'step_failed',
      id: 'gates.load',
      failure: { type: 'ScriptFailed', what: 'slow', changed: 'nothing', next: 'look' },
    },
    {
      event: 'waiting',
      waiting: {
        for: ['operator'],
        reason: 'Load test failed',
        actions: ['retry', 'replan', 'skip', 'abort'],
      },
    },
  ]);
  const held = recordAfter([{ event: 'held', by: 'otto', reason: 'wait' }]);
  const monitored = recordAfter([
    ...UNTIL_MONITORING,
    { event: 'environment', environment: { name: 'production', backup: 'b-1' } },
    { event: 'waiting', waiting: { for: ['on_call'], reason: 'high', actions: ['rollback', 'dismiss'] } },
  ]);

  test.each([
    ['hold', waiting, 'quinn', {}, 'hold'],
    ['resume', held, 'otto', {}, 'resume'],
    ['retry', waiting, 'quinn', {}, 'retry'],
    ['replan', waiting, 'rita', { comment: 'new fix' }, 'replan'],
    ['skip', waiting, 'otto', { comment: 'known flake' }, 'skip'],
    ['abort', waiting, 'ada', {}, 'abort'],
    ['rollback', monitored, 'otto', { comment: 'orders fail' }, 'rollback'],
    ['dismiss', monitored, 'otto', { comment: 'false alarm' }, 'dismiss'],
    ['monitoring/extend', monitored, 'quinn', { extendMs: 60_000 }, 'extend_monitoring'],
    ['monitoring/end', monitored, 'otto', { comment: 'quiet' }, 'end_monitoring'],
    ['incidents', monitored, 'quinn', { summary: 'checkout is slow', severity: 'medium' }, 'incident'],
    ['database/restore', monitored, 'lee', { comment: 'data is lost' }, 'restore_database'],
  ] as const)(
    '%s is sent signed by a person who may, and by nobody else',
    async (path, record, who, body, name) => {
      world.gateway.put(record);
      const url = `/v1/releases/shop/${path}`;
      expect((await world.ask('vera', 'POST', url, body)).statusCode).toBe(403);
      expect((await world.ask(undefined, 'POST', url, body)).statusCode).toBe(401);
      expect(world.gateway.signals).toEqual([]);
      const answer = await world.ask(who, 'POST', url, body);
      expect([answer.statusCode, answer.json().command]).toEqual([202, name]);
      expect(lastCommand()).toMatchObject({ name, person: who });
    },
  );

  test.each([
    ['hold', held, 'held'],
    ['resume', waiting, 'not-held'],
    ['retry', held, 'nothing-waits'],
    ['skip', recordAfter(UNTIL_GO_LIVE), 'nothing-waits'],
    ['replan', monitored, 'publishing'],
    ['abort', monitored, 'production-changes'],
    ['database/restore', recordAfter(UNTIL_MONITORING), 'no-backup'],
    ['monitoring/end', waiting, 'not-monitoring'],
    ['dismiss', waiting, 'no-incident'],
    ['hold', recordAfter([{ event: 'ended', outcome: 'aborted', ending: 'x', remains: [] }]), 'ended'],
  ] as const)('%s is refused where it means nothing', async (path, record, code) => {
    world.gateway.put(record);
    const answer = await world.ask('rita', 'POST', `/v1/releases/shop/${path}`, { comment: 'because' });
    const byOperator =
      answer.statusCode === 403
        ? await world.ask('otto', 'POST', `/v1/releases/shop/${path}`, { comment: 'because' })
        : answer;
    expect([byOperator.statusCode, byOperator.json().type]).toEqual([409, `urn:windlass:problem:${code}`]);
    expect(world.gateway.signals).toEqual([]);
  });

  test('an edit of the notes is signed by digest, its text is in the store', async () => {
    const review = recordAfter([
      {
        event: 'approval_opened',
        gate: {
          ...recordAfter(UNTIL_GO_LIVE).approvals[0]!,
          key: 'changelog_review',
          status: 'open',
          decisions: [],
          required: ['release_manager'],
        },
      },
    ]);
    world.gateway.put(review);
    const url = '/v1/releases/shop/notes';
    expect((await world.ask('lee', 'POST', url, { notes: 'x' })).statusCode).toBe(403);
    expect(world.gateway.texts.size).toBe(0);
    expect((await world.ask('rita', 'POST', url, { notes: '# Better\r\n' })).statusCode).toBe(202);
    expect(world.gateway.texts.get(lastCommand().notes ?? '')).toBe('# Better\n');
    expect((await world.ask('rita', 'POST', url, {})).statusCode).toBe(400);
  });

  test('an incident of what is long live is dismissed where it waits, with the estimate of a hotfix', async () => {
    world.gateway.put(
      recordAfter([
        ...UNTIL_MONITORING,
        { event: 'ended', outcome: 'released', ending: 'done', remains: [] },
      ]),
    );
    const dismiss = { comment: 'a typo', hotfixInMs: 600_000 };
    const early = await world.ask('otto', 'POST', '/v1/releases/shop/dismiss', dismiss);
    expect([early.statusCode, early.json().type]).toEqual([409, 'urn:windlass:problem:no-incident']);
    await world.ask('quinn', 'POST', '/v1/releases/shop/incidents', { summary: 'slow', severity: 'medium' });
    const answer = await world.ask('otto', 'POST', '/v1/releases/shop/dismiss', dismiss);
    expect([answer.statusCode, answer.json().releaseId]).toEqual([202, 'incident/shop']);
    expect(lastCommand()).toMatchObject({ name: 'dismiss', reason: 'a typo', extendMs: 600_000 });
  });

  test('an incident or a rollback of what is long live goes to workflows of its own', async () => {
    world.gateway.put(
      recordAfter([
        ...UNTIL_MONITORING,
        { event: 'ended', outcome: 'released', ending: 'done', remains: [] },
      ]),
    );
    const view = (await world.ask('otto', 'GET', '/v1/releases/shop')).json();
    expect(view.actions.map((action: { command: string }) => action.command)).toEqual([
      'rollback',
      'incident',
    ]);
    const key = { 'idempotency-key': 'again' };
    const reported = await world.ask(
      'quinn',
      'POST',
      '/v1/releases/shop/incidents',
      { summary: 'slow', severity: 'low' },
      key,
    );
    expect([reported.statusCode, reported.json().releaseId]).toEqual([202, 'incident/shop']);
    await world.ask(
      'quinn',
      'POST',
      '/v1/releases/shop/incidents',
      { summary: 'slow', severity: 'low' },
      key,
    );
    const nonces = world.gateway.reported.map((signed) => JSON.parse(signed.signed).nonce);
    expect(new Set(nonces).size).toBe(1);
    const back = await world.ask('otto', 'POST', '/v1/releases/shop/rollback', {
      comment: 'orders fail',
      to: '1.1.0',
    });
    expect([back.statusCode, back.json().kind, back.json().url]).toEqual([
      202,
      'rollback',
      'http://127.0.0.1:8080/releases/shop?kind=rollback',
    ]);
    expect(world.gateway.started).toMatchObject([
      { kind: 'rollback', reason: 'orders fail', to: '1.1.0', requestedBy: 'otto' },
    ]);
    expect((await world.ask('vera', 'POST', '/v1/releases/shop/rollback', {})).statusCode).toBe(403);
    expect((await world.ask('otto', 'POST', '/v1/releases/shop/rollback', {})).statusCode).toBe(409);
    // The incident that waits is told, so that it does not go back once more at its deadline.
    expect(world.gateway.signals).toMatchObject([{ workflowId: 'incident/shop', name: 'rollback' }]);
  });

  test('a rollback of what is gone already is neither offered nor started', async () => {
    const ended = recordAfter([
      ...UNTIL_MONITORING,
      { event: 'ended', outcome: 'released', ending: 'done', remains: [] },
    ]);
    world.gateway.put(ended, false, ['1.2.0']);
    const view = (await world.ask('otto', 'GET', '/v1/releases/shop')).json();
    expect([view.runs, view.actions]).toEqual([['1.2.0'], []]);
    const version = ended.plan?.version ?? '';
    const late = await world.ask('otto', 'POST', '/v1/releases/shop/rollback', { from: version });
    expect([late.statusCode, late.json().detail]).toEqual([
      409,
      `1.2.0 runs in production, not ${version}: there is nothing to roll back.`,
    ]);
    expect(world.gateway.started).toEqual([]);
    world.gateway.put(ended, false, [version]);
    const body = { from: version, comment: 'orders fail' };
    expect((await world.ask('otto', 'POST', '/v1/releases/shop/rollback', body)).statusCode).toBe(202);
    expect(world.gateway.started).toMatchObject([{ kind: 'rollback', bad: version }]);
  });

  test('what production runs is looked up only where it is shown or decided by', async () => {
    world.gateway.put(
      recordAfter([
        ...UNTIL_MONITORING,
        { event: 'ended', outcome: 'released', ending: 'done', remains: [] },
      ]),
      false,
      ['1.2.0'],
    );
    const looked = vi.spyOn(world.gateway, 'listRunning');
    await world.ask('otto', 'GET', '/v1/releases/shop/timeline');
    const body = { comment: 'orders fail' };
    expect((await world.ask('otto', 'POST', '/v1/releases/shop/rollback', body)).statusCode).toBe(202);
    expect(looked).not.toHaveBeenCalled();
    await world.ask('otto', 'GET', '/v1/releases/shop');
    expect(looked).toHaveBeenCalledOnce();
    world.gateway.put(recordAfter(UNTIL_MONITORING));
    await world.ask('otto', 'GET', '/v1/releases/shop');
    expect(looked).toHaveBeenCalledOnce();
  });

  test('what is live and only being tagged is taken back by a rollback of its own', async () => {
    const live = recordAfter([
      ...UNTIL_MONITORING,
      {
        event: 'environment',
        environment: {
          name: 'production',
          kind: 'production',
          version: '1.3.0',
          share: 100,
          deployedAt: '2026-11-20T11:00:00.000Z',
        },
      },
      { event: 'control_cleared', name: 'deployment' },
      { event: 'phase_entered', phase: 'finalize' },
      {
        event: 'waiting',
        waiting: { for: ['operator'], reason: 'merge by hand', actions: ['retry', 'abort'] },
      },
    ]);
    world.gateway.put(live);
    const view = (await world.ask('otto', 'GET', '/v1/releases/shop')).json();
    const offered = view.actions.map((action: { command: string }) => action.command);
    expect(offered).toEqual(expect.arrayContaining(['retry', 'rollback', 'incident']));
    const back = await world.ask('otto', 'POST', '/v1/releases/shop/rollback', { from: '1.3.0' });
    expect([back.statusCode, back.json().kind]).toEqual([202, 'rollback']);
    expect(world.gateway.started).toMatchObject([{ kind: 'rollback', bad: '1.3.0' }]);
  });

  test('a rollback goes to whatever is watching production, and to no other version than it can put back', async () => {
    const environment = {
      event: 'environment',
      environment: { name: 'production', kind: 'production', url: 'http://shop', previousVersion: '1.2.0' },
    } as const;
    world.gateway.put({ ...recordAfter([...UNTIL_MONITORING, environment]), kind: 'hotfix' });
    const back = (body: object) => world.ask('otto', 'POST', '/v1/releases/shop/rollback', body);
    const other = await back({ to: '1.1.0' });
    expect(other.statusCode).toBe(409);
    expect(other.json().detail).toContain('it can only go back to 1.2.0');
    expect(world.gateway.signals).toEqual([]);
    const accepted = await back({ to: '1.2.0', comment: 'orders fail' });
    expect([accepted.statusCode, accepted.json().kind, accepted.json().command]).toEqual([
      202,
      'hotfix',
      'rollback',
    ]);
    expect(world.gateway.signals).toHaveLength(1);
    expect(world.gateway.started).toEqual([]);
  });

  test('nothing ends silently at fifty: all that waits is listed, the oldest first', async () => {
    const waits = recordAfter(UNTIL_GO_LIVE);
    for (let n = 0; n < 120; n++) {
      const openedAt = new Date(Date.parse('2026-11-20T11:00:00.000Z') - n * 1_000).toISOString();
      const approvals = waits.approvals.map((gate) => ({ ...gate, openedAt }));
      world.gateway.put({ ...waits, approvals, product: `p-${n}`, releaseId: `p-${n}-20261120-0a1b2c` });
    }
    const { approvals, more } = (await world.ask('ada', 'GET', '/v1/approvals')).json();
    expect([approvals.length, more]).toEqual([120, undefined]);
    expect(approvals[0]).toMatchObject({ product: 'p-119', title: expect.stringContaining('Shop') });
    const list = (await world.ask('ada', 'GET', '/v1/releases?status=open&limit=50')).json();
    expect([list.releases.length, list.more]).toEqual([50, 70]);
  });

  test('a schedule is listed and triggered by those who may start', async () => {
    expect((await world.ask('vera', 'GET', '/v1/schedules')).json().schedules).toHaveLength(1);
    expect((await world.ask('vera', 'POST', '/v1/schedules/shop/trigger')).statusCode).toBe(403);
    const fired = await world.ask('rita', 'POST', '/v1/schedules/shop/trigger');
    expect([fired.statusCode, fired.json()]).toMatchObject([
      202,
      { releaseId: expect.stringMatching(/^shop-/) },
    ]);
    expect(world.gateway.started.at(-1)).toMatchObject({ requestedBy: 'rita', via: 'api' });
    world.gateway.put(recordAfter(UNTIL_GO_LIVE));
    const inFlight = await world.ask('rita', 'POST', '/v1/schedules/shop/trigger');
    expect([inFlight.statusCode, inFlight.json().type]).toEqual([409, 'urn:windlass:problem:in-flight']);
    world.gateway.put(recordAfter([{ event: 'ended', outcome: 'aborted', ending: 'x', remains: [] }]));
    world.installation.products['shop']!.schedule = {
      day: 'fri',
      time: '16:00',
      timeZone: 'UTC',
      everyWeeks: 2,
      anchor: '2026-11-27',
    };
    const off = await world.ask('rita', 'POST', '/v1/schedules/shop/trigger');
    expect(off.json().nothing).toContain('No sprint of shop ends this week');
    expect((await world.ask('rita', 'POST', '/v1/schedules/library/trigger')).statusCode).toBe(404);
  });
});

describe('other flows', () => {
  test.each([
    ['hotfixes', { commits: ['abcdef1'], careful: true }, 'hotfix', 'otto', 'quinn'],
    ['deployments', { environment: 'nowhere', version: '1.2.0' }, undefined, 'rita', 'quinn'],
    ['monitorings', { windowMs: 60_000 }, 'monitoring', 'quinn', 'vera'],
    ['gates', { profile: 'peak' }, 'gates', 'quinn', 'vera'],
  ] as const)(
    '%s start by those who may, with what they need and nothing else',
    async (path, body, kind, may, mayNot) => {
      const start = (who: 'otto' | 'rita' | 'quinn' | 'vera', more = {}) =>
        world.ask(who, 'POST', `/v1/${path}`, { product: 'shop', ...body, ...more });
      if (kind === undefined) {
        expect((await start(may)).json().hint).toContain('known environments');
        return;
      }
      expect((await start(mayNot)).statusCode).toBe(403);
      expect((await start(may, { skip: true })).statusCode).toBe(400);
      const answer = await start(may);
      expect([answer.statusCode, answer.json().kind]).toEqual([202, kind]);
      expect(world.gateway.started).toMatchObject([{ product: 'shop', kind, ...body }]);
      expect((await start(may)).statusCode).toBe(409);
    },
  );

  test('a hotfix is read and approved like a release, beside the release in flight', async () => {
    world.gateway.put(recordAfter(UNTIL_GO_LIVE));
    const gate = {
      ...recordAfter(UNTIL_GO_LIVE).approvals[1]!,
      key: 'hotfix' as const,
      required: ['on_call' as const],
    };
    const hotfix = recordAfter([{ event: 'approval_opened', gate }]);
    world.gateway.put({ ...hotfix, kind: 'hotfix', releaseId: 'shop-20261120-ffffff' });
    expect((await world.ask('otto', 'GET', '/v1/releases/shop?kind=hotfix')).json().record.releaseId).toBe(
      'shop-20261120-ffffff',
    );
    expect((await world.ask('otto', 'GET', '/v1/approvals')).json().approvals).toMatchObject([
      { kind: 'hotfix', gate: 'hotfix', url: 'http://127.0.0.1:8080/releases/shop?kind=hotfix#hotfix' },
    ]);
    const url = '/v1/releases/shop/approvals/hotfix';
    expect((await world.ask('otto', 'POST', url, { decision: 'approve' })).statusCode).toBe(409);
    expect((await world.ask('otto', 'POST', `${url}?kind=hotfix`, { decision: 'approve' })).statusCode).toBe(
      202,
    );
    expect(lastCommand().releaseId).toBe('shop-20261120-ffffff');
    expect(world.gateway.signals.at(-1)?.workflowId).toBe('hotfix/shop');
    expect((await world.ask('otto', 'GET', '/v1/releases/shop?kind=../x')).statusCode).toBe(400);
  });
});

describe('when something is away', () => {
  test.each(['away', 'no_worker'] as const)('%s: 503 with Retry-After, nothing half done', async (broken) => {
    world.gateway.put(recordAfter(UNTIL_GO_LIVE));
    world.gateway.broken = broken;
    for (const [method, url, body] of [
      ['GET', '/v1/releases/shop', undefined],
      ['GET', '/v1/releases', undefined],
      ['GET', '/readyz', undefined],
      ['POST', '/v1/releases', { product: 'library' }],
      ['POST', '/v1/releases/shop/approvals/go_live', { decision: 'approve' }],
      ['POST', '/v1/releases/shop/abort', {}],
    ] as const) {
      const answer = await world.ask('ada', method, url, body);
      expect([url, answer.statusCode]).toEqual([url, 503]);
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      expect(answer.json().hint).not.toBe('');
    }
    expect((await world.ask(undefined, 'GET', '/healthz')).statusCode).toBe(200);
    expect([world.gateway.signals, world.gateway.started]).toEqual([[], []]);
  });

  test('an unexpected error tells nothing of itself', async () => {
    world.gateway.readCurrent = async () => {
      throw new Error('secret detail /etc/passwd');
    };
    const answer = await world.ask('ada', 'GET', '/v1/releases/shop');
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret');
    expect(answer.json().instance).toMatch(/^[0-9a-f]{16}$/);
  });
});

test('the description is OpenAPI 3.1, names every route, and leaves out pages', async () => {
  const description = (await world.ask(undefined, 'GET', '/openapi.json')).json();
  expect(description.openapi).toBe('3.1.0');
  const paths = Object.keys(description.paths);
  expect(paths).toContain('/v1/releases/{product}/approvals/{gate}');
  expect(paths).toContain('/v1/releases/{product}/events');
  expect(paths.filter((path) => !path.startsWith('/v1/'))).toEqual(['/healthz', '/readyz', '/metrics']);
  for (const operations of Object.values(description.paths) as Record<
    string,
    { responses: object; summary: string }
  >[]) {
    for (const operation of Object.values(operations)) {
      expect(Object.keys(operation.responses).length).toBeGreaterThan(0);
      expect(operation.summary).toMatch(/^[A-Z]/);
    }
  }
});

test('metrics count requests by route, and name nobody', async () => {
  world.gateway.put(recordAfter(UNTIL_GO_LIVE));
  await world.ask('ada', 'GET', '/v1/releases/shop');
  const metrics = (await world.ask(undefined, 'GET', '/metrics')).body;
  expect(metrics).toContain(
    'windlass_api_request_seconds_count{method="GET",route="/v1/releases/:product",status="200"} 1',
  );
  expect(metrics).not.toMatch(/ada|shop/);
});

describe('a role of the team’s own', () => {
  const roles = { security_officer: { may: ['hold'] } };

  async function startOwn(required: string[]) {
    const own = await startTestApp({ roles, veraRoles: ['security_officer'] });
    const record = recordAfter(UNTIL_GO_LIVE);
    for (const gate of record.approvals) if (gate.key === 'go_live') gate.required = required;
    own.gateway.put(record);
    return own;
  }

  test('decides where its word is asked for, by a signed decision in that role', async () => {
    const own = await startOwn(['security_officer']);
    const approve = () =>
      own.ask('vera', 'POST', '/v1/releases/shop/approvals/go_live', { decision: 'approve' });
    expect((await approve()).statusCode).toBe(202);
    const signal = own.gateway.signals.at(-1);
    if (!signal) throw new Error('nothing was sent');
    const checked = verifySigned(signal.argument, own.installation.api.verifyKeys, own.deps.clock());
    expect(checked).toMatchObject({ name: 'approve', person: 'vera', role: 'security_officer' });
    await own.close();
  });

  test('may what the configuration gives it, and nothing else', async () => {
    const own = await startOwn(['ceo']);
    const codes: number[] = [];
    for (const path of ['approvals/go_live', 'hold', 'abort']) {
      const body = path.startsWith('approvals') ? { decision: 'approve' } : {};
      codes.push((await own.ask('vera', 'POST', `/v1/releases/shop/${path}`, body)).statusCode);
    }
    expect(codes).toEqual([403, 202, 403]);
    await own.close();
  });
});
