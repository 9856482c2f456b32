import { connect, createServer } from 'node:net';

/** Below the ports that systems hand out by themselves (Linux from 32768), so that no connection takes it meanwhile. */
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;

/**
 * A TCP port of `host` that nothing listens on at this moment. Another process may take it before it is used:
 * callers must cope with that.
 * @throws Error when a hundred ports are taken
 */
export async function findFreePort(host = '127.0.0.1'): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT));
    if (await isPortFree(port, host)) return port;
  }
  throw new Error(`No free port of ${host} was found between ${LOWEST_PORT} and ${HIGHEST_PORT}.`);
}

/** Whether this process could listen on `port` of `host` now. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

/** Whether something accepts TCP connections on `port` of `host`, asked for at most `timeoutMs`. */
export function doesPortAnswer(port: number, host = '127.0.0.1', timeoutMs = 1_000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    const settle = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.setTimeout(timeoutMs, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
