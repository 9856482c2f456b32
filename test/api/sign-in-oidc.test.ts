import type { JWTPayload } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EVE, type OidcApp, startOidcApp } from './support/oidc-app.ts';

let oidc: OidcApp;
let provider: OidcApp['provider'];
let url: string;

beforeEach(async () => {
  oidc = await startOidcApp();
  ({ provider, url } = oidc);
});

afterEach(async () => {
  await oidc?.stop();
});

/** A client without a browser: goes to the provider, and comes back with its answer. */
async function attempt() {
  const begun = await fetch(`${url}/sign-in/provider?next=/releases/shop`, { redirect: 'manual' });
  expect(begun.status).toBe(303);
  const asked = new URL(begun.headers.get('location') ?? '').searchParams;
  const cookie = begun.headers.getSetCookie()[0] ?? '';
  return {
    asked,
    cookie,
    code: () => provider.authorize(asked, EVE.login),
    comeBack: async (answer: Record<string, string>, sent = cookie.split(';')[0] ?? '') => {
      const response = await fetch(`${url}/sign-in/callback?${new URLSearchParams(answer)}`, {
        redirect: 'manual',
        headers: { cookie: sent },
      });
      const session = response.headers.getSetCookie().find((one) => one.startsWith('windlass='));
      return { status: response.status, location: response.headers.get('location'), session, response };
    },
  };
}

describe('signing in by the identity provider', () => {
  test('gives a session with the roles of the claim, to the page that was asked for', async () => {
    const { asked, cookie, code, comeBack } = await attempt();
    expect(cookie).toMatch(/Max-Age=600; Path=\/sign-in; HttpOnly; SameSite=Lax$/);
    const state = asked.get('state') ?? '';
    const back = await comeBack({ code: code(), state, iss: provider.issuer });
    expect([back.status, back.location]).toEqual([303, '/releases/shop']);
    const session = back.session?.split(';')[0] ?? '';
    const me = await fetch(`${url}/v1/me`, { headers: { cookie: session } });
    expect(await me.json()).toMatchObject({ name: EVE.login, roles: ['ceo'] });
  });

  test.each<[string, (answer: { code: string; state: string }) => Record<string, string>]>([
    ['with the state of another browser', ({ code }) => ({ code, state: 'x'.repeat(43) })],
    ['without a state', ({ code }) => ({ code })],
    ['without a code', ({ state }) => ({ state, error: 'access_denied' })],
    ['with a code that is not known', ({ state }) => ({ code: 'guessed', state })],
    ['of another provider', ({ code, state }) => ({ code, state, iss: 'https://evil.test' })],
  ])('an answer %s signs nobody in', async (_what, change) => {
    const { asked, code, comeBack } = await attempt();
    const back = await comeBack(change({ code: code(), state: asked.get('state') ?? '' }));
    expect([back.status, back.session]).toEqual([401, undefined]);
    expect(await back.response.text()).toContain('Sign in with your identity provider');
  });

  test.each<[string, (claims: JWTPayload) => JWTPayload]>([
    ['another sign-in', (claims) => ({ ...claims, nonce: 'of another sign-in' })],
    ['another client', (claims) => ({ ...claims, aud: 'another client' })],
    ['several clients', (claims) => ({ ...claims, aud: [String(claims.aud), 'other'], azp: 'other' })],
    ['another issuer', (claims) => ({ ...claims, iss: 'https://evil.test' })],
    ['a time that is over', (claims) => ({ ...claims, exp: Math.floor(Date.now() / 1_000) - 120 })],
    ['nobody', ({ preferred_username: _name, ...claims }) => claims],
  ])('an ID token for %s signs nobody in', async (_what, change) => {
    provider.spoil(change);
    const { asked, code, comeBack } = await attempt();
    const back = await comeBack({ code: code(), state: asked.get('state') ?? '' });
    expect([back.status, back.session]).toEqual([401, undefined]);
  });

  test('an ID token that somebody else has signed signs nobody in, whoever delivers it', async () => {
    provider.forge();
    const { asked, code, comeBack } = await attempt();
    const back = await comeBack({ code: code(), state: asked.get('state') ?? '' });
    expect([back.status, back.session]).toEqual([401, undefined]);
  });

  test('a stolen code is worth nothing without the verifier, and none counts twice', async () => {
    const [victim, thief] = [await attempt(), await attempt()];
    const stolen = victim.code();
    const state = thief.asked.get('state') ?? '';
    expect((await thief.comeBack({ code: stolen, state })).status).toBe(401);
    expect(provider.refusals).toEqual(['code_verifier']);
    const own = await attempt();
    const answer = { code: own.code(), state: own.asked.get('state') ?? '' };
    expect((await own.comeBack(answer)).status).toBe(303);
    expect((await own.comeBack(answer)).status).toBe(401);
    expect((await own.comeBack(answer, '')).status).toBe(401);
  });

  test('while the provider is away, the page says so', async () => {
    await provider.stop();
    const answer = await fetch(`${url}/sign-in/provider`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '10']);
    expect(await answer.text()).toContain('The identity provider does not tell its');
  });
});
