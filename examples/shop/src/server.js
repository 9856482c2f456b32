import { createServer } from 'node:http';
import { openDatabase } from './database.js';
import { FAULT, FAULT_ENVIRONMENT } from './fault.js';
import { sendJson } from './http.js';
import { createFault } from './inject-fault.js';
import { createMetrics } from './metrics.js';
import { pendingMigrations } from './migrations.js';
import { findRoute } from './routes.js';

/** How long a stopping server waits for the requests that it still answers. */
const DRAIN_MS = 10_000;

/**
 * Starts the shop. It starts on a database with pending migrations too (they are applied after the deployment,
 * while the version before still serves), and says so in /healthz.
 * @param {import('./settings.js').Settings} settings
 * @returns {Promise<{ port: number, stop: () => Promise<void> }>}
 */
export async function startServer(settings) {
  const db = openDatabase(settings.database);
  const metrics = createMetrics(settings);
  const fault = createFault({ name: FAULT, environment: FAULT_ENVIRONMENT }, settings, db);
  fault.onStart();
  const identity = { version: settings.version, slot: settings.slot, instance: settings.instance };

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://shop');
    response.setHeader('x-shop-version', settings.version);
    response.setHeader('x-shop-instance', `${settings.slot}/${settings.instance}`);
    if (url.pathname === '/healthz') {
      const healthy = fault.isHealthy();
      return sendJson(response, healthy ? 200 : 503, {
        status: healthy ? 'ok' : 'failing',
        ...identity,
        pendingMigrations: pendingMigrations(db),
      });
    }
    if (url.pathname === '/version') return sendJson(response, 200, identity);
    if (url.pathname === '/metrics') {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
      return response.end(metrics.render());
    }

    const startedAt = performance.now();
    let routeName = 'unknown';
    response.on('finish', () =>
      metrics.countRequest(routeName, response.statusCode, (performance.now() - startedAt) / 1000),
    );
    try {
      const { route, parameters } = findRoute(request.method ?? 'GET', url.pathname);
      routeName = route.path;
      await fault.beforeRequest(url.pathname);
      const answer = await route.handle({ db, request, query: url.searchParams, parameters, metrics });
      sendJson(response, answer.status ?? 200, answer.body, answer.headers);
    } catch (error) {
      const status = /** @type {{ status?: number }} */ (error).status;
      if (status) return sendJson(response, status, { error: /** @type {Error} */ (error).message });
      console.error(`${request.method} ${routeName} failed:`, error);
      sendJson(response, 500, { error: 'Something went wrong on our side.' });
    }
  });
  // Longer than any proxy keeps an idle connection: the proxy closes first, so no request meets a closed door.
  server.keepAliveTimeout = 65_000;

  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, settings.host, () => resolve(undefined));
  });

  return {
    port: /** @type {import('node:net').AddressInfo} */ (server.address()).port,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
      await closed;
      clearTimeout(timer);
      db.close();
    },
  };
}
