import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy that can lose an answer on its way back: the server did the work, the client never hears of it. */
export interface CuttingProxy {
  /** `http://127.0.0.1:PORT/`. */
  url: string;
  port: number;
  /** The next request whose head matches is delivered, and its answer is thrown away with the connection. */
  cutAnswerTo(requestHead: RegExp): void;
  /** The next request whose head matches is delivered, and never answered. */
  stallAnswerTo(requestHead: RegExp): void;
  /** How many answers were lost so far. */
  lost(): number;
  stop(): Promise<void>;
}

/** Starts a proxy to a port of the loopback interface. */
export async function startCuttingProxy(targetPort: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  const armed: { head: RegExp; how: 'cut' | 'stall' }[] = [];
  let lost = 0;

  const server = createServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1');
    let fault: 'cut' | 'stall' | undefined;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1');
      const index = armed.findIndex(({ head }) => head.test(text));
      if (index >= 0) fault = armed.splice(index, 1)[0]?.how;
      upstream.write(chunk);
    });
    upstream.on('data', (chunk: Buffer) => {
      if (!fault) {
        client.write(chunk);
        return;
      }
      lost += 1;
      if (fault === 'cut') client.destroy();
    });
    client.on('close', () => upstream.end());
    upstream.on('close', () => {
      if (fault !== 'stall') client.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    cutAnswerTo: (head) => armed.push({ head, how: 'cut' }),
    stallAnswerTo: (head) => armed.push({ head, how: 'stall' }),
    lost: () => lost,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
