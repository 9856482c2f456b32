import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it arrived. */
export interface RecordedRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What to answer; `'hang'` never answers, `'cut'` drops the line after the request was read. */
export type RecorderAnswer =
  | { status: number; body?: string; headers?: Record<string, string> }
  | 'hang'
  | 'cut';

/** An HTTP server that keeps what it got and answers as it is told. */
export interface HttpRecorder {
  url: string;
  requests: RecordedRequest[];
  stop(): Promise<void>;
}

/** Starts one; `answer` is asked for each request, 200 `ok` if left out. */
export async function startHttpRecorder(
  answer: (request: RecordedRequest) => RecorderAnswer = () => ({ status: 200, body: 'ok' }),
): Promise<HttpRecorder> {
  const requests: RecordedRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const recorded = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    };
    requests.push(recorded);
    const told = answer(recorded);
    if (told === 'hang') return;
    if (told === 'cut') {
      response.destroy();
      return;
    }
    response.writeHead(told.status, told.headers ?? {}).end(told.body ?? '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
