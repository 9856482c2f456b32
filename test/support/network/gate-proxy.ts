import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy in front of an HTTP service that can keep requests waiting, or answer some itself with a failure. */
export interface GateProxy {
  url: string;
  /** Requests to this path wait from now on, so that what sent them cannot be missed. */
  hold(path: string): void;
  /** Lets them through, those that wait too. */
  open(path: string): void;
  /** How many requests wait at the path now. */
  waiting(path: string): number;
  /** Requests to this path whose JSON body matches get 500 and go no further; `undefined`: none any more. */
  refuse(path: string, matches: ((body: Record<string, unknown>) => boolean) | undefined): void;
  stop(): Promise<void>;
}

/** Starts it. `target` is asked at each request, since the service may get its address later. */
export async function startGateProxy(target: () => string): Promise<GateProxy> {
  const held = new Map<string, Set<() => void>>();
  const refused = new Map<string, (body: Record<string, unknown>) => boolean>();
  const server = createServer(async (incoming, answer) => {
    const path = new URL(incoming.url ?? '/', 'http://gate').pathname;
    const body = await readBody(incoming);
    if (body.length > 0 && refused.get(path)?.(JSON.parse(body.toString('utf8')))) {
      answer.writeHead(500, { 'content-type': 'application/json' });
      answer.end(JSON.stringify({ error: 'the gate refuses' }));
      return;
    }
    const pass = () => {
      const onwards = request(
        new URL(incoming.url ?? '/', target()),
        { method: incoming.method, headers: incoming.headers },
        (response) => {
          answer.writeHead(response.statusCode ?? 502, response.headers);
          response.pipe(answer);
        },
      );
      onwards.on('error', () => answer.destroy());
      onwards.end(body);
    };
    const waiting = held.get(path);
    if (!waiting) {
      pass();
      return;
    }
    waiting.add(pass);
    // Whoever is gone, as a script that was ended, must not act when the gate opens.
    answer.on('close', () => waiting.delete(pass));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold: (path) => void held.set(path, held.get(path) ?? new Set()),
    open: (path) => {
      const waiting = held.get(path) ?? [];
      held.delete(path);
      for (const pass of waiting) pass();
    },
    waiting: (path) => held.get(path)?.size ?? 0,
    refuse: (path, matches) => {
      if (matches) refused.set(path, matches);
      else refused.delete(path);
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
