import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

/** Somebody whom the provider knows. */
export interface OidcUser {
  login: string;
  password: string;
  groups: string[];
}

/** A small OpenID provider: discovery, keys, a page that asks for login and password, and a strict token endpoint. */
export interface OidcTestProvider {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Why the token endpoint refused, in order. */
  refusals: string[];
  /** What to do wrong with the next ID token. */
  spoil(change: (claims: JWTPayload) => JWTPayload): void;
  /** Signs the next ID token with the key of somebody else. */
  forge(): void;
  /** A code for a user as the page would give it, for a client that asks without a browser. */
  authorize(query: URLSearchParams, login: string): string;
  stop(): Promise<void>;
}

interface Grant {
  login: string;
  redirectUri: string;
  challenge: string;
  nonce: string;
}

/** Starts it on a free port of the loopback. `redirectUri` is read when it is needed: the client may start later. */
export async function startOidcProvider(
  users: OidcUser[],
  redirectUri: () => string,
): Promise<OidcTestProvider> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'provider', alg: 'ES256', use: 'sig' };
  const clientId = 'windlass pages';
  const clientSecret = 'a client secret: with %, + and spaces';
  const others = await generateKeyPair('ES256');
  const grants = new Map<string, Grant>();
  const refusals: string[] = [];
  let forged: Awaited<ReturnType<typeof generateKeyPair>> | undefined;
  let spoiled: ((claims: JWTPayload) => JWTPayload) | undefined;
  let issuer = '';

  const authorize = (query: URLSearchParams, login: string): string => {
    const code = randomUUID();
    grants.set(code, {
      login,
      redirectUri: query.get('redirect_uri') ?? '',
      challenge: query.get('code_challenge') ?? '',
      nonce: query.get('nonce') ?? '',
    });
    return code;
  };
  const refuseRequest = (query: URLSearchParams): string | undefined => {
    if (query.get('response_type') !== 'code') return 'response_type';
    if (query.get('client_id') !== clientId) return 'client_id';
    if (query.get('redirect_uri') !== redirectUri()) return 'redirect_uri';
    if (!query.get('scope')?.split(' ').includes('openid')) return 'scope';
    if (query.get('code_challenge_method') !== 'S256') return 'code_challenge_method';
    return (query.get('state') ?? '').length < 20 || (query.get('nonce') ?? '').length < 20
      ? 'state or nonce'
      : undefined;
  };
  const redeem = async (
    request: IncomingMessage,
    form: URLSearchParams,
  ): Promise<string | { refused: string }> => {
    const encode = (value: string) => new URLSearchParams({ x: value }).toString().slice(2);
    const basic = Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64');
    if (request.headers.authorization !== `Basic ${basic}`) return { refused: 'client secret' };
    const code = form.get('code') ?? '';
    const grant = grants.get(code);
    grants.delete(code);
    if (!grant || form.get('grant_type') !== 'authorization_code') return { refused: 'code' };
    if (form.get('redirect_uri') !== grant.redirectUri) return { refused: 'redirect_uri' };
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (challenge !== grant.challenge) return { refused: 'code_verifier' };
    const now = Math.floor(Date.now() / 1_000);
    const claims: JWTPayload = {
      iss: issuer,
      aud: clientId,
      sub: grant.login,
      preferred_username: grant.login,
      roles: users.find((user) => user.login === grant.login)?.groups ?? [],
      nonce: grant.nonce,
      iat: now,
      exp: now + 300,
    };
    const made = spoiled?.(claims) ?? claims;
    spoiled = undefined;
    const key = forged?.privateKey ?? privateKey;
    forged = undefined;
    return await new SignJWT(made).setProtectedHeader({ alg: 'ES256', kid: 'provider' }).sign(key);
  };

  const server: Server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', issuer);
    const answer = (status: number, value: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    const page = (status: number, body: string) =>
      response
        .writeHead(status, { 'content-type': 'text/html; charset=utf-8' })
        .end(`<!doctype html><title>Provider</title><link rel="icon" href="data:,">${body}`);
    const form = request.method === 'POST' ? new URLSearchParams(await text(request)) : new URLSearchParams();
    if (url.pathname === '/.well-known/openid-configuration') {
      answer(200, {
        issuer,
        jwks_uri: `${issuer}/keys`,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
      });
    } else if (url.pathname === '/keys') answer(200, { keys: [jwk] });
    else if (url.pathname === '/authorize') {
      const wrong = refuseRequest(url.searchParams);
      const user = users.find(
        (one) => one.login === form.get('login') && one.password === form.get('password'),
      );
      if (wrong !== undefined) page(400, `The request has a wrong ${wrong}.`);
      else if (!user) {
        page(
          200,
          '<h1>Provider</h1><form method="post"><label>Login <input name="login"></label><label>Password <input name="password" type="password"></label><button>Go on</button></form>',
        );
      } else {
        const back = new URL(redirectUri());
        back.searchParams.set('code', authorize(url.searchParams, user.login));
        back.searchParams.set('state', url.searchParams.get('state') ?? '');
        back.searchParams.set('iss', issuer);
        response.writeHead(303, { location: back.href }).end();
      }
    } else if (url.pathname === '/token') {
      const made = await redeem(request, form);
      if (typeof made === 'string') {
        answer(200, { id_token: made, access_token: 'unused', token_type: 'Bearer' });
      } else {
        refusals.push(made.refused);
        answer(400, { error: 'invalid_grant' });
      }
    } else answer(404, {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    clientId,
    clientSecret,
    refusals,
    spoil: (change) => {
      spoiled = change;
    },
    forge: () => {
      forged = others;
    },
    authorize,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
