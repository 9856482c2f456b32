import { Agent, createServer, request as sendRequest } from 'node:http';

const BODY_LIMIT_BYTES = 1024 * 1024;
/** While no instance can answer (a restart, a restore), requests wait this long before they fail. */
const HOLD_MS = 15_000;
/** Shorter than the shop keeps idle connections, so that we are always the one who closes them. */
const IDLE_CONNECTION_MS = 10_000;
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * @typedef {import('./instances.js').Instance} Instance
 * @typedef {object} Routing
 * @property {(tried: Set<Instance>) => Instance | undefined} pick
 * @property {(timeoutMs: number) => Promise<void>} untilChange resolves when another pick may find an instance
 * @property {(sample: import('./figures.js').Sample & { code: number }) => void} observe
 */

/**
 * Starts a reverse proxy. A request that met a dead instance is given to another one, if nothing was sent yet or
 * if repeating it is harmless (GET, HEAD, or an Idempotency-Key): a deployment loses no request.
 * @param {Routing} routing
 * @param {{ port: number, host?: string }} address port 0 lets the system choose
 * @returns {Promise<{ port: number, stop: () => Promise<void> }>}
 */
export async function startProxy(routing, { port, host = '127.0.0.1' }) {
  const agent = new Agent({ keepAlive: true, timeout: IDLE_CONNECTION_MS });

  const server = createServer(async (request, response) => {
    const startedAt = performance.now();
    try {
      const body = await readBody(request);
      if (!body) return answer(response, 413, 'The body is too large.');
      const tried = new Set();
      while (!response.destroyed) {
        const instance = await choose(tried, startedAt + HOLD_MS);
        if (!instance) return answer(response, 503, 'No instance can answer at the moment.');
        tried.add(instance);
        instance.inFlight += 1;
        const outcome = await forward(request, body, response, instance).finally(() => {
          instance.inFlight -= 1;
        });
        if (outcome === 'retry') continue;
        routing.observe({
          at: Date.now(),
          version: instance.version,
          slot: instance.slot,
          ms: performance.now() - startedAt,
          code: outcome,
          failed: outcome >= 500,
          ordered: outcome === 201 && request.url === '/orders',
        });
        return;
      }
    } catch {
      // The client went away while it sent its body: there is nobody to answer.
      response.destroy();
    }
  });
  server.keepAliveTimeout = 65_000;

  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(undefined));
  });

  return {
    port: /** @type {import('node:net').AddressInfo} */ (server.address()).port,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };

  /**
   * @param {Set<Instance>} tried
   * @param {number} deadline
   */
  async function choose(tried, deadline) {
    for (;;) {
      const instance = routing.pick(tried);
      if (instance) return instance;
      const remaining = deadline - performance.now();
      if (remaining <= 0) return undefined;
      // Every instance was tried or none is there: wait for a change, then all may be tried again.
      await routing.untilChange(Math.min(remaining, 500));
      tried.clear();
    }
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {Buffer} body
   * @param {import('node:http').ServerResponse} response
   * @param {Instance} instance
   * @returns {Promise<number | 'retry'>} the status that the client got
   */
  function forward(request, body, response, instance) {
    return new Promise((resolve) => {
      const headers = Object.fromEntries(
        Object.entries(request.headers).filter(([name]) => !HOP_BY_HOP.has(name)),
      );
      const upstream = sendRequest({
        agent,
        host: '127.0.0.1',
        port: instance.port,
        method: request.method,
        path: request.url,
        headers: {
          ...headers,
          'x-forwarded-for': request.socket.remoteAddress,
          ...(body.length > 0 && { 'content-length': body.length }),
        },
      });
      const harmless =
        request.method === 'GET' ||
        request.method === 'HEAD' ||
        request.headers['idempotency-key'] !== undefined;
      let connected = false;
      let answered = false;
      upstream.on('socket', (socket) => {
        connected = !socket.connecting;
        if (!connected)
          socket.once('connect', () => {
            connected = true;
          });
      });
      upstream.on('response', (incoming) => {
        answered = true;
        const code = incoming.statusCode ?? 502;
        const kept = Object.entries(incoming.headers).filter(([name]) => !HOP_BY_HOP.has(name));
        response.writeHead(code, Object.fromEntries(kept));
        incoming.pipe(response);
        // Cut off in the middle: the client must not take half an answer for a whole one.
        incoming.on('error', () => response.destroy());
        response.on('close', () => {
          if (!incoming.complete) upstream.destroy();
          resolve(incoming.complete ? code : 502);
        });
      });
      upstream.on('error', () => {
        if (answered) return;
        if (!connected || harmless) return resolve('retry');
        answer(response, 502, 'The instance did not answer.');
        resolve(502);
      });
      response.on('close', () => {
        if (answered) return;
        upstream.destroy();
        resolve(499);
      });
      upstream.end(body);
    });
  }
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @returns {Promise<Buffer | undefined>} undefined when it is too large
 */
async function readBody(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= BODY_LIMIT_BYTES) chunks.push(chunk);
  }
  return size > BODY_LIMIT_BYTES ? undefined : Buffer.concat(chunks);
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {string} message
 */
function answer(response, status, message) {
  if (response.headersSent) return response.destroy();
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify({ error: message })}\n`);
}
