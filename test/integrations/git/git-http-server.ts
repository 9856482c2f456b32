import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A git server over HTTP: git's own http-backend behind a token, with faults on demand. */
export interface GitHttpServer {
  url: string;
  /** Authorization headers of all requests, in order. */
  seen: (string | undefined)[];
  /** What the next push meets: its line cut after the server has done it, or instead of it; or an answer of 503. */
  nextPush: 'cut-after' | 'cut-before' | 'unavailable' | undefined;
  close(): Promise<void>;
}

/** Serves a bare repository (with `http.receivepack` on) to whoever has the token. */
export async function startGitHttpServer(repository: string, token: string): Promise<GitHttpServer> {
  const expected = `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
  const state: GitHttpServer = { url: '', seen: [], nextPush: undefined, close: async () => {} };
  const server = createServer(async (request, response) => {
    // A connection a request: curl repeats by itself what was cut on a connection that had been used before.
    response.shouldKeepAlive = false;
    state.seen.push(request.headers.authorization);
    if (request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end('no');
      return;
    }
    const isPush = request.method === 'POST' && request.url?.endsWith('/git-receive-pack');
    const fault = isPush ? state.nextPush : undefined;
    if (fault) state.nextPush = undefined;
    if (fault === 'cut-before') return void request.socket.destroy();
    if (fault === 'unavailable') return void response.writeHead(503).end();
    await runBackend(repository, request, response, fault === 'cut-after');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/shop.git`;
  state.close = () =>
    new Promise((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  return state;
}

async function runBackend(
  repository: string,
  request: IncomingMessage,
  response: ServerResponse,
  cut: boolean,
): Promise<void> {
  const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      GIT_PROJECT_ROOT: repository,
      GIT_HTTP_EXPORT_ALL: '1',
      REMOTE_USER: 'tester',
      PATH_INFO: pathname.replace(/^\/shop\.git/, ''),
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  request.pipe(backend.stdin);
  const chunks: Buffer[] = [];
  for await (const chunk of backend.stdout) chunks.push(chunk as Buffer);
  if (cut) return void request.socket.destroy();
  const answer = Buffer.concat(chunks);
  const end = answer.indexOf('\r\n\r\n');
  const headers = answer.subarray(0, end).toString().split('\r\n');
  const status = Number(headers.find((line) => line.startsWith('Status: '))?.slice(8, 11) ?? 200);
  for (const line of headers) {
    const colon = line.indexOf(': ');
    if (!line.startsWith('Status')) response.setHeader(line.slice(0, colon), line.slice(colon + 2));
  }
  response.writeHead(status).end(answer.subarray(end + 4));
}
