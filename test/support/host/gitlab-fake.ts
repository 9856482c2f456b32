import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initBareRepository, serveGit } from '../server/git-http.ts';
import { answerFault, cutPage, type Fault } from './github-answers.ts';
import { answerProject } from './gitlab-routes.ts';
import {
  type FakeIssue,
  type FakeMergeRequest,
  formatUser,
  type GitLabState,
  makeGitLabState,
} from './gitlab-state.ts';

/** A stateful GitLab with one project, on one origin for API and git. */
export interface GitLabFake {
  /** As `gitlab.api_url`. */
  apiUrl: string;
  /** `http://127.0.0.1:PORT/GROUP/NAME.git`; the password is a token. */
  gitUrl: string;
  project: string;
  /** May write, as the user `releaser`. Others are `token-of-NAME`. */
  token: string;
  readOnlyToken: string;
  /** The bare repository behind it. */
  repositoryPath: string;
  state: GitLabState;
  /** `METHOD /path?query` of every API request so far. */
  requests: string[];
  /** What GitLab does not document of the requests so far. */
  violations: string[];
  /** Both answer the number. */
  addIssue(issue: Partial<FakeIssue> & { title: string }): number;
  addMergeRequest(request: Partial<FakeMergeRequest> & { title: string }): number;
  fail(fault: Fault): void;
  stop(): Promise<void>;
}

const PREFIX = '/api/v4';

/** Starts one, on a free port. */
export async function startGitLab(options: { project?: string } = {}): Promise<GitLabFake> {
  const project = options.project ?? 'team/apps/shop';
  const folder = await mkdtemp(join(tmpdir(), 'windlass-gitlab-'));
  const repositoryPath = join(folder, 'project.git');
  await initBareRepository(repositoryPath);
  const state = makeGitLabState();
  const requests: string[] = [];
  const violations: string[] = [];
  const faults: (Fault & { left: number })[] = [];
  const readOnlyToken = 'token-that-only-reads';

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(JSON.stringify({ message: `the fake broke: ${String(error)}` }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const url = new URL(request.url ?? '/', origin);
    if (url.pathname.startsWith(`/${project}.git/`)) return await handleGit(request, body, response, url);
    const line = `${request.method} ${url.pathname}${url.search}`;
    requests.push(line);
    const fault = faults.find(({ on, left }) => left > 0 && on.test(line));
    if (fault) fault.left -= 1;
    if (fault && !fault.afterDoing) return answerFault(fault, response);
    const answer = await handleApi(request, body, url);
    if (fault) return answerFault(fault, response);
    const { status, json, headers } = cutPage(answer, url);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(json === undefined ? undefined : JSON.stringify(json));
  }

  async function handleApi(request: IncomingMessage, body: Buffer, url: URL) {
    const login = userOf(String(request.headers['private-token'] ?? ''));
    if (login === undefined) return { status: 401, json: { message: '401 Unauthorized' } };
    if (login === 'reader' && request.method !== 'GET') {
      return { status: 403, json: { error: 'insufficient_scope', message: '403 Forbidden' } };
    }
    const place = { origin, project };
    if (url.pathname === `${PREFIX}/user`) return { status: 200, json: formatUser(place, login) };
    const below = `${PREFIX}/projects/${encodeURIComponent(project)}`;
    if (!url.pathname.startsWith(`${below}/`)) {
      return { status: 404, json: { message: '404 Project Not Found' } };
    }
    const line = `${request.method} ${decodeURIComponent(url.pathname.slice(below.length))}`;
    const asked = { ...place, login, query: url.searchParams, body, repositoryPath, state };
    const given = await answerProject(line, asked);
    violations.push(...given.violations);
    return given.answer;
  }

  function userOf(token: string): string | undefined {
    return token === readOnlyToken ? 'reader' : /^token-of-(\w+)$/.exec(token)?.[1];
  }

  async function handleGit(request: IncomingMessage, body: Buffer, response: ServerResponse, url: URL) {
    const basic = (request.headers.authorization ?? '').replace(/^Basic /i, '');
    const login = userOf(Buffer.from(basic, 'base64').toString().split(':').slice(1).join(':'));
    const writes = `${url.pathname}${url.search}`.includes('git-receive-pack');
    if (login === undefined) {
      response
        .writeHead(401, { 'www-authenticate': 'Basic realm="GitLab"' })
        .end('HTTP Basic: Access denied');
    } else if (writes && login === 'reader') {
      response.writeHead(403).end('You are not allowed to push code to this project.');
    } else {
      await serveGit(request, body, response, {
        repositoryPath,
        pathInRepository: url.pathname.slice(project.length + '/.git'.length),
        query: url.search.slice(1),
        user: login,
      });
    }
  }

  const about = { description: '', labels: [], author: 'alice', created_at: new Date(0).toISOString() };
  return {
    apiUrl: `${origin}${PREFIX}`,
    gitUrl: `${origin}/${project}.git`,
    project,
    token: 'token-of-releaser',
    readOnlyToken,
    repositoryPath,
    state,
    requests,
    violations,
    addIssue: (issue) => {
      const iid = state.issues.length + 1;
      state.issues.push({ ...about, created_at: new Date().toISOString(), iid, state: 'opened', ...issue });
      return iid;
    },
    addMergeRequest: (request) => {
      const iid = state.mergeRequests.length + 1;
      const merged_at = new Date(Date.UTC(2026, 0, 1, 0, iid)).toISOString();
      state.mergeRequests.push({ ...about, iid, state: 'merged', merged_at, commits: [], ...request });
      return iid;
    },
    fail: (fault) => faults.push({ ...fault, left: fault.times ?? 1 }),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
