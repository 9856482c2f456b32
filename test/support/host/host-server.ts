import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initBareRepository, serveGit } from '../server/git-http.ts';
import type { FakeAnswer } from './github-state.ts';
import { answerFault, cutPage, type Fault } from './host-answers.ts';

/** A request to the API of a fake host. */
export interface ApiRequest {
  method: string;
  url: URL;
  headers: IncomingMessage['headers'];
  body: Buffer;
  origin: string;
  /** The bare repository behind the host. */
  repositoryPath: string;
}

/** A fake host's server: its API and git over http on one origin, with faults. */
export interface HostServer {
  origin: string;
  repositoryPath: string;
  /** `METHOD /path?query` of every API request so far. */
  requests: string[];
  /** May write, as the user `releaser`. Others are `token-of-NAME`. */
  token: string;
  readOnlyToken: string;
  fail(fault: Fault): void;
  stop(): Promise<void>;
}

/** Whose token it is; `reader` may read only. */
export function userOf(token: string): string | undefined {
  return token === READ_ONLY ? 'reader' : /^token-of-(\w+)$/.exec(token)?.[1];
}

const READ_ONLY = 'token-that-only-reads';

/**
 * Starts one on a free port. `project` is the repository's path in addresses, `answer` the host's own API, `cut` gives
 * the page that is asked for.
 */
export async function startHostServer(
  title: string,
  project: string,
  answer: (request: ApiRequest) => Promise<FakeAnswer>,
  cut: typeof cutPage = cutPage,
): Promise<HostServer> {
  const folder = await mkdtemp(join(tmpdir(), `windlass-${title.toLowerCase()}-`));
  const repositoryPath = join(folder, 'project.git');
  await initBareRepository(repositoryPath);
  const requests: string[] = [];
  const faults: (Fault & { left: number })[] = [];
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
    const method = request.method ?? 'GET';
    const line = `${method} ${url.pathname}${url.search}`;
    requests.push(line);
    const fault = faults.find(({ on, left }) => left > 0 && on.test(line));
    if (fault) fault.left -= 1;
    if (fault && !fault.afterDoing) return answerFault(fault, response);
    const { headers: sent } = request;
    const given = await answer({ method, url, headers: sent, body, origin, repositoryPath });
    if (fault) return answerFault(fault, response);
    if (Buffer.isBuffer(given.json)) {
      response.writeHead(given.status, { 'content-type': 'application/octet-stream' }).end(given.json);
      return;
    }
    const { status, json, headers } = cut(given, url);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(json === undefined ? undefined : JSON.stringify(json));
  }

  async function handleGit(request: IncomingMessage, body: Buffer, response: ServerResponse, url: URL) {
    const basic = (request.headers.authorization ?? '').replace(/^Basic /i, '');
    const login = userOf(Buffer.from(basic, 'base64').toString().split(':').slice(1).join(':'));
    const writes = `${url.pathname}${url.search}`.includes('git-receive-pack');
    if (login === undefined) {
      response
        .writeHead(401, { 'www-authenticate': `Basic realm="${title}"` })
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

  return {
    origin,
    repositoryPath,
    requests,
    token: 'token-of-releaser',
    readOnlyToken: READ_ONLY,
    fail: (fault) => faults.push({ ...fault, left: fault.times ?? 1 }),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One route of a host's API. */
export interface HostRoute<Asked> {
  on: RegExp;
  /** The query parameters and the body's fields that the host documents for it; others are a violation. */
  query?: readonly string[];
  body?: readonly string[];
  answer(asked: Asked, match: string[]): FakeAnswer | Promise<FakeAnswer>;
}

/** Answers `METHOD /path` by the first route that fits, and says what in the request the host does not document. */
export function answerByRoutes<Asked extends { query: URLSearchParams; body: Buffer }>(
  title: string,
  routes: readonly HostRoute<Asked>[],
  notFound: FakeAnswer,
): (line: string, asked: Asked) => Promise<{ answer: FakeAnswer; violations: string[] }> {
  return async (line, asked) => {
    for (const route of routes) {
      const match = route.on.exec(line)?.slice(1);
      if (!match) continue;
      const strangers = [...asked.query.keys()].filter((key) => !(route.query ?? []).includes(key));
      if (route.body) {
        const sent = JSON.parse(asked.body.toString('utf8') || '{}');
        strangers.push(...Object.keys(sent).filter((key) => !route.body?.includes(key)));
      }
      const violations = strangers.map((key) => `${line}: ${title} knows no ${key}`);
      return { answer: await route.answer(asked, match), violations };
    }
    return { answer: notFound, violations: [`${line}: no such route`] };
  };
}
