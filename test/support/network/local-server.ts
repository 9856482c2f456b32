import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server on a free port of this machine. */
export interface LocalHttp {
  /** Without a slash at its end. */
  address: string;
  /** Also ends what is still open. */
  stop(): Promise<void>;
}

/** Starts one that answers as `listener` does. */
export async function startLocalHttp(listener: RequestListener): Promise<LocalHttp> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
