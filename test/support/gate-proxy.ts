import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy in front of an HTTP service that can keep requests waiting, so that what sent them cannot be missed. */
export interface GateProxy {
  url: string;
  /** Requests to this path wait from now on. */
  hold(path: string): void;
  /** Lets them through, those that wait too. */
  open(path: string): void;
  /** How many requests wait at the path now. */
  waiting(path: string): number;
  stop(): Promise<void>;
}

/** Starts it. `target` is asked at each request, since the service may get its address later. */
export async function startGateProxy(target: () => string): Promise<GateProxy> {
  const held = new Map<string, Set<() => void>>();
  const server = createServer((incoming, answer) => {
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
      incoming.pipe(onwards);
    };
    const waiting = held.get(new URL(incoming.url ?? '/', 'http://gate').pathname);
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
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
