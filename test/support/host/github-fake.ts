import { once } from 'node:events';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator } from 'emulate';
import { findFreePort } from '../network/free-port.ts';
import { initBareRepository, serveGit } from '../server/git-http.ts';
import { type FakeDeployment, makeDeployments } from './github-deployments.ts';
import type { GitHubDescription } from './github-openapi.ts';
import { makePulls, type NewPull } from './github-pulls.ts';
import { answerRules, type FakeRuleset } from './github-rules.ts';
import {
  answerOwnRoute,
  type FakeAnswer,
  type FakeRelease,
  type FakeRequest,
  makeGitHubState,
} from './github-state.ts';
import { answerFault, cutPage, type Fault } from './host-answers.ts';
import type { MergeRules } from './merging/github-merging.ts';

/** A stateful GitHub with one repository, on one origin for API and git. */
export interface GitHubFake {
  /** Octokit's `baseUrl`. */
  apiUrl: string;
  /** `http://127.0.0.1:PORT/OWNER/REPO.git`; user `x-access-token`, password a token. */
  gitUrl: string;
  owner: string;
  repo: string;
  /** May write, as the login `releaser`. Others are `token-of-LOGIN`, for the given users. */
  token: string;
  /** May read only. */
  readOnlyToken: string;
  /** The bare repository behind it. */
  repositoryPath: string;
  releases: FakeRelease[];
  deployments: FakeDeployment[];
  rulesets: FakeRuleset[];
  /** What pull requests need before they are merged. */
  merging: MergeRules;
  /** Sent with every answer of the API, such as a classic token's scopes. */
  tokenHeaders: Record<string, string>;
  /** The tag that is marked "Latest". */
  latest(): string | undefined;
  /** `METHOD /path?query` of every API request so far. */
  requests: string[];
  /** What GitHub's own description says against requests, and against the answers of the routes that we filled in. */
  violations: string[];
  /** Calls the API as a login, for arranging a world. */
  call(login: string, method: string, path: string, body?: unknown): Promise<unknown>;
  /** Answers its number, which issues and pull requests share. */
  addPull(pull: NewPull): Promise<number>;
  /** As a person changes one that was opened over the API. */
  patchPull(number: number, change: { state: 'open' | 'closed' }): Promise<void>;
  setStatus(sha: string, context: string, state: 'success' | 'failure' | 'error' | 'pending'): void;
  setCheckRun(sha: string, name: string, conclusion: string | null): void;
  protectBranch(branch: string): Promise<void>;
  fail(fault: Fault): void;
  stop(): Promise<void>;
}

/** Starts one; with a `description` (from `loadGitHubDescription`), what passes is checked against it. */
export async function startGitHub(
  options: { owner?: string; repo?: string; users?: string[]; description?: GitHubDescription } = {},
): Promise<GitHubFake> {
  const owner = options.owner ?? 'team';
  const repo = options.repo ?? 'shop';
  const fullName = `${owner}/${repo}`;
  const logins = ['releaser', ...(options.users ?? ['alice', 'bob', 'renovate[bot]'])];
  const tokens = new Map(logins.map((login) => [`token-of-${login}`, login]));
  const readOnlyToken = 'token-that-only-reads';
  const folder = await mkdtemp(join(tmpdir(), 'windlass-github-'));
  const repositoryPath = join(folder, `${repo}.git`);
  await initBareRepository(repositoryPath);
  const { description } = options;
  const state = makeGitHubState();
  const faults: (Fault & { left: number })[] = [];
  const requests: string[] = [];
  const rulesets: FakeRuleset[] = [];
  const tokenHeaders: Record<string, string> = {};
  const violations: string[] = [];

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(JSON.stringify({ message: `the fake broke: ${String(error)}` }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const innerPort = await findFreePort();
  const emulator = await createEmulator({
    service: 'github',
    port: innerPort,
    baseUrl: origin,
    seed: {
      tokens: Object.fromEntries([...tokens].map(([token, login]) => [token, { login, scopes: ['repo'] }])),
      github: {
        users: logins.map((login) => ({ login })),
        orgs: [{ login: owner, members: logins.map((login) => ({ login, role: 'admin' })) }],
        repos: [{ owner, name: repo }],
      },
    },
  });
  const inner = `http://127.0.0.1:${innerPort}`;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const url = new URL(request.url ?? '/', origin);
    const line = `${request.method} ${url.pathname}${url.search}`;
    requests.push(line);
    const fault = faults.find(({ on, left }) => left > 0 && on.test(line));
    if (fault) fault.left -= 1;
    if (fault && !fault.afterDoing) return answerFault(fault, response);

    const git = `/${fullName}.git/`;
    if (url.pathname.startsWith(git)) return await handleGit(request, body, response, url);

    const answer = await handleApi(request, body, url);
    if (fault) return answerFault(fault, response);
    const { status, json, headers } = cutPage(answer, url);
    if (description && json !== undefined)
      checkExchange(request, body, url, status, json, answer.own === true);
    const type = { 'content-type': 'application/json; charset=utf-8' };
    response.writeHead(status, { ...type, ...tokenHeaders, ...headers });
    response.end(json === undefined ? undefined : JSON.stringify(json));
  }

  async function handleGit(
    request: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
    url: URL,
  ): Promise<void> {
    const basic = Buffer.from(
      (request.headers.authorization ?? '').replace(/^Basic /i, ''),
      'base64',
    ).toString();
    const token = basic.slice(basic.indexOf(':') + 1);
    const writes = `${url.pathname}${url.search}`.includes('git-receive-pack');
    if (!tokens.has(token) && token !== readOnlyToken) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="GitHub"' }).end('Bad credentials');
    } else if (writes && token === readOnlyToken) {
      response.writeHead(403).end(`Permission to ${fullName}.git denied.`);
    } else {
      await serveGit(request, body, response, {
        repositoryPath,
        pathInRepository: url.pathname.slice(fullName.length + '/.git'.length),
        query: url.search.slice(1),
        user: tokens.get(token) ?? 'reader',
      });
    }
  }

  async function handleApi(
    request: IncomingMessage,
    body: Buffer,
    url: URL,
  ): Promise<FakeAnswer & { own?: boolean }> {
    const token = (request.headers.authorization ?? '').replace(/^(token|bearer) /i, '');
    const login = token === readOnlyToken ? 'reader' : tokens.get(token);
    if (login === undefined) return { status: 401, json: { message: 'Bad credentials', status: '401' } };
    if (login === 'reader' && request.method !== 'GET') {
      return {
        status: 403,
        json: { message: 'Resource not accessible by personal access token', status: '403' },
      };
    }
    const prefix = `/repos/${fullName}`;
    const path = url.pathname.startsWith(prefix) ? url.pathname.slice(prefix.length) : undefined;
    if (path !== undefined) {
      const asked: FakeRequest = {
        method: request.method ?? 'GET',
        path: decodeURIComponent(path),
        query: url.searchParams,
        body,
        login,
        origin,
        fullName,
        repositoryPath,
        contentType: request.headers['content-type'] ?? 'application/octet-stream',
      };
      const own =
        answerRules(rulesets, asked) ??
        (await answerOwnRoute(state, asked)) ??
        (await deployments.answer(asked));
      if (own) return { ...own, own: true };
      const withPulls = await pulls.answer(asked);
      // A pull request's own shape is the emulator's, which leaves out parts of the users in it.
      if (withPulls) return { ...withPulls, own: asked.path === '/issues' };
    }
    const answer = await askEmulator(request.method ?? 'GET', `${url.pathname}${url.search}`, body, login);
    if (path === '' && request.method === 'GET') {
      const push = login !== 'reader';
      const permissions = { admin: false, maintain: push, push, triage: push, pull: true };
      return { status: answer.status, json: { ...(answer.json as object), permissions } };
    }
    return answer;
  }

  async function askEmulator(method: string, path: string, body: Buffer, login: string): Promise<FakeAnswer> {
    const answer = await fetch(`${inner}${path}`, {
      method,
      headers: {
        authorization: `Bearer token-of-${login === 'reader' ? 'releaser' : login}`,
        'content-type': 'application/json',
      },
      ...(method === 'GET' || body.length === 0 ? {} : { body: new Uint8Array(body) }),
    });
    const text = await answer.text();
    const link = answer.headers.get('link');
    const json: unknown = text === '' ? undefined : JSON.parse(text);
    return {
      status: answer.status,
      json,
      ...(link ? { link: link.replaceAll(inner, origin) } : {}),
    };
  }

  function checkExchange(
    request: IncomingMessage,
    body: Buffer,
    url: URL,
    status: number,
    json: unknown,
    own: boolean,
  ): void {
    const isJson = (request.headers['content-type'] ?? '').includes('json') && body.length > 0;
    const exchange = {
      method: request.method ?? 'GET',
      pathname: url.pathname,
      query: url.searchParams,
      requestBody: isJson ? (JSON.parse(body.toString('utf8')) as unknown) : undefined,
      status,
      responseBody: json,
    };
    violations.push(...(description?.checkRequest(exchange) ?? []));
    if (own) violations.push(...(description?.checkResponse(exchange) ?? []));
  }

  const deployments = makeDeployments();
  const pulls = makePulls({ state, origin, fullName, repositoryPath, ask: askEmulator });
  const call = async (login: string, method: string, path: string, body?: unknown): Promise<unknown> => {
    const sent = body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body));
    const answer = await askEmulator(method, path, sent, login);
    if (answer.status >= 300)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.json)}`);
    return answer.json;
  };

  return {
    apiUrl: origin,
    gitUrl: `${origin}/${fullName}.git`,
    owner,
    repo,
    token: 'token-of-releaser',
    readOnlyToken,
    repositoryPath,
    releases: state.releases,
    deployments: deployments.deployments,
    rulesets,
    merging: state.merging,
    tokenHeaders,
    latest: () => state.releases.find(({ id }) => id === state.latest)?.tag_name,
    requests,
    violations,
    call,
    addPull: pulls.add,
    patchPull: pulls.patch,
    setStatus: (sha, context, word) => {
      state.statuses.push({ id: state.nextId++, sha, context, state: word, at: new Date().toISOString() });
    },
    setCheckRun: (sha, name, conclusion) => {
      const status = conclusion === null ? 'in_progress' : 'completed';
      state.checkRuns.push({ id: state.nextId++, sha, name, status, conclusion });
    },
    protectBranch: (branch) =>
      appendFile(join(repositoryPath, 'protected-branches'), `refs/heads/${branch}\n`),
    fail: (fault) => faults.push({ ...fault, left: fault.times ?? 1 }),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await emulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
