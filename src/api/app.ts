import cookie from '@fastify/cookie';
import cors from '@fastify/cors';
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { API_MS } from '../release/policy/inner-times.ts';
import { requirePeople } from './auth/authenticate.ts';
import { createOidcVerifier } from './auth/oidc.ts';
import { findOidcProvider } from './auth/oidc-provider.ts';
import { isHttps } from './auth/session.ts';
import type { ApiDeps } from './deps.ts';
import { answerFrameworkError, answerProblems } from './error-handler.ts';
import { createMetrics } from './metrics.ts';
import { describeApi } from './openapi.ts';
import { renderDocs } from './page/docs-page.ts';
import { routeApprovals } from './routes/approvals.ts';
import { routeCommands } from './routes/commands.ts';
import { routeEvents } from './routes/events.ts';
import { routeFigures } from './routes/figures.ts';
import { routeGateReport, routeGateReportPage } from './routes/files/gate-report.ts';
import { routeStepLog, routeStepLogPage } from './routes/files/step-log.ts';
import { routeFlows } from './routes/flows.ts';
import { routeHealth } from './routes/health.ts';
import { routePostMortems } from './routes/post-mortems.ts';
import { routeProducts } from './routes/products.ts';
import { routeReleases } from './routes/releases.ts';
import type { RouteApp } from './routes/route-app.ts';
import { routeSchedules } from './routes/schedules.ts';
import { routeSignIn } from './routes/sign-in/sign-in.ts';
import { routeOidcSignIn } from './routes/sign-in/sign-in-oidc.ts';
import { routePages } from './routes/site/pages.ts';
import { routeStaticFiles } from './routes/site/static-files.ts';
import { routeTrail } from './routes/trail.ts';
import { routeWebhooks } from './routes/webhooks.ts';
import { createFeeds } from './watch/feeds.ts';

const BODY_LIMIT = 64 * 1024;

/**
 * The whole API as one app: routes, identity, pages, description. It listens nowhere by itself and reads nothing but
 * its dependencies, so a test can ask it anything.
 */
export async function buildApp(deps: ApiDeps): Promise<FastifyInstance> {
  const { trustProxy } = deps.installation.api;
  const app = Fastify({
    ...(trustProxy.length === 0 ? {} : { trustProxy }),
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: 200 },
    requestTimeout: API_MS.request,
    connectionTimeout: 0,
    forceCloseConnections: true,
    genReqId: () => Buffer.from(deps.random(8)).toString('hex'),
    requestIdHeader: false,
    frameworkErrors: answerFrameworkError,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  answerProblems(app, deps);
  const { api } = deps.installation;
  const metrics = createMetrics();
  await secure(app, deps);
  const provider = api.oidc ? findOidcProvider(api.oidc, deps.secret) : undefined;
  const oidc = api.oidc && provider ? createOidcVerifier(api.oidc, provider, deps.clock) : undefined;
  requirePeople(app, deps, oidc);
  await describeApi(app, deps);
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    metrics.countRequest(request.method, route, reply.statusCode, reply.elapsedTime / 1_000);
    if (request.method === 'POST' && route.startsWith('/v1/'))
      metrics.countCommand(route, String(reply.statusCode));
  });
  const feeds = createFeeds(deps);
  app.addHook('preClose', () => feeds.close());
  metrics.watchStreams(() => feeds.streams);
  await app.register(async (root) => routeHealth(root as unknown as RouteApp, deps, metrics));
  await app.register(
    async (root) => {
      const routes = root as unknown as RouteApp;
      routeProducts(routes, deps);
      routeFigures(routes, deps);
      routePostMortems(routes, deps);
      routeReleases(routes, deps);
      routeTrail(routes, deps);
      routeGateReport(routes, deps);
      routeStepLog(routes, deps);
      routeApprovals(routes, deps);
      routeCommands(routes, deps);
      routeFlows(routes, deps);
      routeSchedules(routes, deps);
      routeEvents(routes, deps, feeds);
      routeWebhooks(routes, deps);
    },
    { prefix: '/v1' },
  );
  await app.register(async (root) => {
    await root.register(formbody);
    const routes = root as unknown as RouteApp;
    routeSignIn(routes, deps, oidc);
    routeOidcSignIn(routes, deps, provider);
    routePages(routes, deps, feeds);
    routeGateReportPage(routes, deps);
    routeStepLogPage(routes, deps);
    routeStaticFiles(routes);
    root.get('/docs', { config: { open: true }, schema: { hide: true } as never }, async (_request, reply) =>
      reply
        .type('text/html; charset=utf-8')
        .send(renderDocs(app.swagger() as Parameters<typeof renderDocs>[0])),
    );
  });
  return app;
}

/** Headers, limits and cookies; other sites may read answers only where configuration names them. */
async function secure(app: FastifyInstance, deps: ApiDeps): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    hsts: isHttps(deps),
    referrerPolicy: { policy: 'same-origin' },
  });
  await app.register(cookie);
  await app.register(rateLimit, {
    max: deps.limits.requestsPerMinute,
    timeWindow: 60_000,
    allowList: (request) => request.url === '/healthz' || request.url === '/readyz',
  });
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });
  const { cors: origins } = deps.installation.api;
  if (origins.length > 0) {
    await app.register(cors, {
      origin: origins,
      methods: ['GET', 'POST'],
      allowedHeaders: ['authorization', 'content-type', 'idempotency-key'],
      maxAge: 600,
    });
  }
}
