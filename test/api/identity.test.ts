import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { keepEndedSessions } from '../../src/api/auth/ended-sessions.ts';
import { recordAfter, UNTIL_GO_LIVE } from '../release/views/sample-record.ts';
import { createMemoryEntries, startTestApp, type TestApp, tokenOf } from './support/test-app.ts';

const open: TestApp[] = [];

afterEach(async () => {
  for (const world of open.splice(0)) await world.close();
});

async function start(options: Parameters<typeof startTestApp>[0] = {}): Promise<TestApp> {
  const world = await startTestApp(options);
  open.push(world);
  world.gateway.put(recordAfter(UNTIL_GO_LIVE));
  return world;
}

describe('tokens of the configuration', () => {
  test.each([
    ['none at all', {}],
    ['an unknown one', { authorization: 'Bearer nobody-has-this-token' }],
    ['an empty one', { authorization: 'Bearer ' }],
    ['another scheme', { authorization: `Basic ${Buffer.from('ada:x').toString('base64')}` }],
    ['the stored digest instead of the token', { authorization: `Bearer ${'a'.repeat(64)}` }],
    ['a token with something behind it', { authorization: `Bearer ${tokenOf('ada')}x` }],
    ['two tokens', { authorization: `Bearer ${tokenOf('ada')}, Bearer ${tokenOf('lee')}` }],
    ['a very long one', { authorization: `Bearer ${'x'.repeat(8_000)}` }],
    ['three parts, while no identity provider is configured', { authorization: 'Bearer a.b.c' }],
    ['a forged session', { cookie: 'windlass=eyJuYW1lIjoiYWRhIn0.AAAA' }],
    ['an unsigned session', { cookie: 'windlass=eyJuYW1lIjoiYWRhIn0' }],
  ])('%s: 401 on every route, before anything else is told', async (_what, headers) => {
    const world = await start();
    for (const [method, url] of [
      ['GET', '/v1/releases/shop'],
      ['GET', '/v1/releases/no-such-product'],
      ['GET', '/v1/releases/shop/events'],
      ['POST', '/v1/releases'],
      ['POST', '/v1/releases/shop/approvals/go_live'],
    ] as const) {
      const answer = await world.app.inject({ method, url, headers });
      expect([url, answer.statusCode]).toEqual([url, 401]);
      expect(answer.headers['www-authenticate']).toContain('Bearer');
    }
  });

  test('every described route but health asks who is there', async () => {
    const world = await start();
    const { paths } = (await world.ask(undefined, 'GET', '/openapi.json')).json();
    let asked = 0;
    for (const [path, operations] of Object.entries(paths as Record<string, object>)) {
      if (!path.startsWith('/v1/')) continue;
      for (const method of Object.keys(operations)) {
        const url = path
          .replace('{product}', 'shop')
          .replace('{gate}', 'go_live')
          .replace('{releaseId}', 'shop-1');
        const answer = await world.app.inject({ method: method.toUpperCase() as 'GET', url });
        expect([path, answer.statusCode]).toEqual([path, 401]);
        asked += 1;
      }
    }
    expect(asked).toBeGreaterThan(20);
  });
});

describe('tokens of an identity provider', () => {
  let server: Server;
  let issuer: string;
  let keys: Awaited<ReturnType<typeof generateKeyPair>>;
  let foreign: Awaited<ReturnType<typeof generateKeyPair>>;
  let jwksStatus = 200;

  beforeAll(async () => {
    keys = await generateKeyPair('ES256', { extractable: true });
    foreign = await generateKeyPair('ES256', { extractable: true });
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'p1', alg: 'ES256', use: 'sig' };
    server = createServer((request, response) => {
      response.statusCode = jwksStatus;
      response.setHeader('content-type', 'application/json');
      const discovery = request.url === '/.well-known/openid-configuration';
      response.end(JSON.stringify(discovery ? { issuer, jwks_uri: `${issuer}/keys` } : { keys: [jwk] }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => {
    server.close();
  });

  const api = () => ({
    oidc: {
      issuer,
      audience: 'windlass',
      algorithms: ['ES256'],
      roles_claim: 'groups',
      name_claim: 'preferred_username',
    },
  });
  const NOW = Date.parse('2026-11-20T12:00:00.000Z') / 1_000;
  const good = (): JWTPayload => ({
    iss: issuer,
    aud: 'windlass',
    exp: NOW + 300,
    iat: NOW - 10,
    preferred_username: 'grace',
    groups: ['ceo', 'sailing-club'],
  });
  const sign = (claims: JWTPayload, header: Record<string, string> = {}, key = keys.privateKey) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'p1', ...header }).sign(key);
  const ask = (world: TestApp, token: string, url = '/v1/me') =>
    world.app.inject({ method: 'GET', url, headers: { authorization: `Bearer ${token}` } });

  test('a good one is taken, with the roles of its claim and no others', async () => {
    const world = await start({ api: api() });
    const answer = await ask(world, await sign(good()));
    expect(answer.json()).toMatchObject({ name: 'grace', roles: ['ceo'] });
    const decided = await world.app.inject({
      method: 'POST',
      url: '/v1/releases/shop/approvals/go_live',
      headers: { authorization: `Bearer ${await sign(good())}` },
      payload: { decision: 'approve' },
    });
    expect([decided.statusCode, decided.json().person]).toEqual([202, 'grace']);
  });

  test('a group of the provider gives the role that the configuration names for it', async () => {
    const roles = {
      security_officer: { may: ['hold'], claims: ['sailing-club'] },
      ceo: { claims: ['board'] },
    };
    const world = await start({ api: api(), roles });
    expect((await ask(world, await sign(good()))).json()).toMatchObject({ roles: ['security_officer'] });
  });

  test.each<[string, () => Promise<string>]>([
    ['expired', () => sign({ ...good(), exp: NOW - 60 })],
    ['without an expiry', () => sign({ ...good(), exp: undefined } as never)],
    ['not valid yet', () => sign({ ...good(), nbf: NOW + 300 })],
    ['of another issuer', () => sign({ ...good(), iss: 'http://127.0.0.1:1' })],
    ['for another audience', () => sign({ ...good(), aud: 'payroll' })],
    ['signed by another key', () => sign(good(), {}, foreign.privateKey)],
    ['signed by an unknown key id', () => sign(good(), { kid: 'p9' })],
    ['unsigned', async () => new UnsecuredJWT(good()).setIssuer(issuer).encode()],
    [
      'signed with the public key as a secret',
      async () => {
        const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(keys.publicKey)));
        return await new SignJWT(good()).setProtectedHeader({ alg: 'HS256', kid: 'p1' }).sign(secret);
      },
    ],
    ['without a name', () => sign({ ...good(), preferred_username: undefined } as never)],
    ['with a name that is a path', () => sign({ ...good(), preferred_username: '../ada' })],
    [
      'with a changed body',
      async () => {
        const [head, , signature] = (await sign(good())).split('.');
        const body = Buffer.from(JSON.stringify({ ...good(), preferred_username: 'ada' })).toString(
          'base64url',
        );
        return `${head}.${body}.${signature}`;
      },
    ],
  ])('one that is %s is a 401', async (_what, make) => {
    const world = await start({ api: api() });
    const answer = await ask(world, await make());
    expect(answer.statusCode).toBe(401);
    expect(answer.body).not.toContain('jose');
  });

  test('one without roles sees, and may do nothing', async () => {
    const world = await start({ api: api() });
    const token = await sign({ ...good(), groups: 'sailing-club' });
    expect((await ask(world, token, '/v1/releases/shop')).json().actions).toEqual([]);
    const answer = await world.app.inject({
      method: 'POST',
      url: '/v1/releases/shop/hold',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.statusCode).toBe(403);
  });

  test('while its keys cannot be had, nobody is let in and nobody is called a liar', async () => {
    jwksStatus = 500;
    const world = await start({ api: api() });
    const answer = await ask(world, await sign(good()));
    jwksStatus = 200;
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '10']);
    expect((await ask(world, await sign(good()))).statusCode).toBe(200);
  });
});

describe('sessions', () => {
  const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString();
  const asForm = { 'content-type': 'application/x-www-form-urlencoded' };

  async function signIn(world: TestApp, fields: Record<string, string>) {
    return await world.app.inject({
      method: 'POST',
      url: '/sign-in',
      headers: asForm,
      payload: form(fields),
    });
  }

  async function openSession(world: TestApp, who: 'ada' | 'lee' = 'ada') {
    const answer = await signIn(world, { token: tokenOf(who), next: '/releases/shop' });
    expect([answer.statusCode, answer.headers['location']]).toEqual([303, '/releases/shop']);
    return String(answer.headers['set-cookie']).split(';')[0] ?? '';
  }

  test('begin with a token, in a cookie that no script and no other site can use', async () => {
    const world = await start();
    const answer = await signIn(world, { token: tokenOf('ada') });
    expect(String(answer.headers['set-cookie'])).toMatch(
      /^windlass=[^;]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    expect(String(answer.headers['set-cookie'])).not.toContain(tokenOf('ada'));
    expect((await signIn(world, { token: 'wrong' })).statusCode).toBe(401);
  });

  test('over HTTPS the cookie is bound to the host', async () => {
    const world = await start({ api: { url: 'https://windlass.test' } });
    const answer = await signIn(world, { token: tokenOf('ada') });
    expect(String(answer.headers['set-cookie'])).toMatch(/^__Host-windlass=[^;]+;.* Secure/);
    expect(answer.headers['strict-transport-security']).toBeDefined();
  });

  test.each([
    '//evil.test',
    '/\\evil.test',
    'https://evil.test',
    '/ok\r\nset-cookie: a=b',
    'javascript:alert(1)',
  ])('lead on to this site only, not to %j', async (next) => {
    const world = await start();
    expect((await signIn(world, { token: tokenOf('ada'), next })).headers['location']).toBe('/');
  });

  test('end where somebody signs out, also for a copy of the cookie, and at every copy of the API', async () => {
    const entries = createMemoryEntries();
    const one = await start({ endedSessions: keepEndedSessions(entries, () => new Date()) });
    let now = Date.now();
    const other = await start({ endedSessions: keepEndedSessions(entries, () => new Date(now)) });
    const cookie = await openSession(one);
    const stays = await openSession(one);
    const me = async (world: TestApp, value: string) =>
      (await world.app.inject({ method: 'GET', url: '/v1/me', headers: { cookie: value } })).statusCode;
    expect(await me(one, cookie)).toBe(200);
    expect(await me(other, cookie)).toBe(200);
    const page = await one.app.inject({ method: 'GET', url: '/', headers: { cookie } });
    const [, csrf = ''] = /name="csrf" value="([^"]+)"/.exec(page.body) ?? [];
    const out = await one.app.inject({
      method: 'POST',
      url: '/sign-out',
      headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
      payload: `csrf=${encodeURIComponent(csrf)}`,
    });
    expect(out.statusCode).toBe(303);
    expect(await me(one, cookie)).toBe(401);
    // The other copy looks again after a moment.
    now += 6_000;
    expect(await me(other, cookie)).toBe(401);
    expect(await me(one, stays)).toBe(200);
  });

  test('end by their time, by a changed cookie, and when the person is gone', async () => {
    const world = await start();
    const cookie = await openSession(world);
    const me = (value: string) =>
      world.app.inject({ method: 'GET', url: '/v1/me', headers: { cookie: value } });
    expect((await me(cookie)).json().name).toBe('ada');
    expect((await me(cookie.slice(0, -2))).statusCode).toBe(401);
    expect((await me(cookie.replace(/=./, '=X'))).statusCode).toBe(401);
    world.installation.people = world.installation.people.filter((person) => person.name !== 'ada');
    expect((await me(cookie)).statusCode).toBe(401);
    const other = await openSession(world, 'lee');
    world.setNow('2026-11-21T00:00:01.000Z');
    expect((await me(other)).statusCode).toBe(401);
  });

  test('a form without the session’s token, or from another site, does nothing', async () => {
    const world = await start();
    const cookie = await openSession(world);
    const post = (headers: Record<string, string>, payload: string, url = '/releases/shop/act/approve') =>
      world.app.inject({ method: 'POST', url, headers: { cookie, ...asForm, ...headers }, payload });
    const page = await world.app.inject({
      method: 'GET',
      url: '/releases/shop/act/approve?gate=go_live',
      headers: { cookie },
    });
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? '';
    expect(csrf).not.toBe('');
    const fields = { gate: 'go_live', key: 'k', csrf };
    for (const answer of [
      await post({}, form({ ...fields, csrf: '' })),
      await post({}, form({ ...fields, csrf: `${csrf}x` })),
      await post({ origin: 'https://evil.test' }, form(fields)),
      await post({ 'sec-fetch-site': 'cross-site' }, form(fields)),
      await world.app.inject({
        method: 'POST',
        url: '/v1/releases/shop/approvals/go_live',
        headers: { cookie },
        payload: { decision: 'approve' },
      }),
    ]) {
      expect(answer.statusCode).toBe(403);
    }
    const elsewhere = await openSession(world, 'lee');
    expect((await post({ cookie: elsewhere }, form(fields))).statusCode).toBe(403);
    expect(world.gateway.signals).toEqual([]);
    expect((await post({ origin: 'http://127.0.0.1:8080' }, form(fields))).statusCode).toBe(303);
    expect(world.gateway.signals).toHaveLength(1);
  });

  test('a one-time link signs in once, by its button, for five minutes', async () => {
    const world = await start();
    const link = (await world.ask('ada', 'POST', '/v1/sign-in-links')).json();
    const code = new URL(link.url).searchParams.get('code') ?? '';
    for (let look = 0; look < 3; look++) {
      const scanned = await world.app.inject({
        method: 'GET',
        url: new URL(link.url).pathname + new URL(link.url).search,
      });
      expect([scanned.statusCode, scanned.headers['set-cookie']]).toEqual([200, undefined]);
    }
    expect((await signIn(world, { code: `${code}x` })).statusCode).toBe(401);
    expect((await signIn(world, { code })).statusCode).toBe(303);
    expect((await signIn(world, { code })).statusCode).toBe(401);
    const late =
      new URL((await world.ask('ada', 'POST', '/v1/sign-in-links')).json().url).searchParams.get('code') ??
      '';
    world.setNow('2026-11-20T12:05:00.000Z');
    expect((await signIn(world, { code: late })).statusCode).toBe(401);
    const cookie = await (async () => {
      world.setNow('2026-11-20T12:00:00.000Z');
      return await openSession(world);
    })();
    // A session's cookie is no code, and a code is no session.
    expect((await signIn(world, { code: cookie.slice('windlass='.length) })).statusCode).toBe(401);
    expect(
      (await world.app.inject({ method: 'GET', url: '/v1/me', headers: { cookie: `windlass=${code}` } }))
        .statusCode,
    ).toBe(401);
  });

  test('pages send people who are not signed in to sign in, and back', async () => {
    const world = await start();
    const answer = await world.app.inject({ method: 'GET', url: '/releases/shop?done=hold' });
    expect([answer.statusCode, answer.headers['location']]).toEqual([
      303,
      '/sign-in?next=%2Freleases%2Fshop%3Fdone%3Dhold',
    ]);
  });
});

describe('bounds', () => {
  test('more requests than one address may send are refused with a time to wait', async () => {
    const world = await start({ limits: { requestsPerMinute: 5 } });
    const codes: number[] = [];
    for (let i = 0; i < 7; i++) codes.push((await world.ask('ada', 'GET', '/v1/me')).statusCode);
    expect(codes).toEqual([200, 200, 200, 200, 200, 429, 429]);
    const answer = await world.ask('ada', 'GET', '/v1/me');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(answer.json().type).toBe('urn:windlass:problem:too-many');
  });

  test('guessing tokens on the sign-in page is slow', async () => {
    const world = await start({ limits: { signInsPerMinute: 3 } });
    const codes: number[] = [];
    for (let i = 0; i < 5; i++) {
      const answer = await world.app.inject({
        method: 'POST',
        url: '/sign-in',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: `token=${i}`,
      });
      codes.push(answer.statusCode);
    }
    expect(codes).toEqual([401, 401, 401, 429, 429]);
  });

  test('behind a configured proxy it counts who is behind it; nobody else is believed', async () => {
    const world = await start({ limits: { signInsPerMinute: 1 }, api: { trust_proxy: ['10.0.0.0/8'] } });
    const from = async (remoteAddress: string, forwarded: string) => {
      const answer = await world.app.inject({
        method: 'POST',
        url: '/sign-in',
        remoteAddress,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'x-forwarded-for': forwarded,
        },
        payload: 'token=x',
      });
      return answer.statusCode;
    };
    expect(await from('10.1.2.3', '203.0.113.7')).toBe(401);
    expect(await from('10.1.2.3', '203.0.113.8')).toBe(401);
    expect(await from('10.9.9.9', '203.0.113.7')).toBe(429);
    // What comes first is written by whoever sends; the proxy adds the address that it saw.
    expect(await from('10.1.2.3', '198.51.100.1, 203.0.113.7')).toBe(429);
    expect(await from('192.0.2.1', '203.0.113.9')).toBe(401);
    expect(await from('192.0.2.1', '203.0.113.10')).toBe(429);
  });

  test('a body of more than 64 KiB is refused', async () => {
    const world = await start();
    const answer = await world.ask('rita', 'POST', '/v1/releases', {
      product: 'shop',
      bump: 'x'.repeat(70_000),
    });
    expect(answer.statusCode).toBe(413);
  });

  test('every answer has the security headers, and no other site may read it', async () => {
    const world = await start();
    const answer = await world.ask('ada', 'GET', '/', undefined, { origin: 'https://evil.test' });
    expect(answer.headers['content-security-policy']).toBe(
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self';connect-src 'self';form-action 'self';frame-ancestors 'none';base-uri 'none'",
    );
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  test('a site that configuration names may read', async () => {
    const world = await start({ api: { cors: ['https://status.test'] } });
    const answer = await world.ask('ada', 'GET', '/v1/me', undefined, { origin: 'https://status.test' });
    expect(answer.headers['access-control-allow-origin']).toBe('https://status.test');
    const before = await world.app.inject({
      method: 'OPTIONS',
      url: '/v1/releases',
      headers: { origin: 'https://status.test', 'access-control-request-method': 'POST' },
    });
    expect(before.statusCode).toBe(204);
  });
});
