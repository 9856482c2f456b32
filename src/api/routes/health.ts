import { z } from 'zod';
import type { ApiDeps } from '../deps.ts';
import type { ApiMetrics } from '../metrics.ts';
import { unavailable } from '../problem.ts';
import { problems } from '../schemas/common.ts';
import type { RouteApp } from './route-app.ts';

/** Alive, ready and measured: for machines beside the API, which have no name. They tell nothing of any release. */
export function routeHealth(app: RouteApp, deps: ApiDeps, metrics: ApiMetrics): void {
  const ok = z.object({ status: z.literal('ok') });
  app.get(
    '/healthz',
    {
      config: { open: true },
      schema: { summary: 'The process is alive', tags: ['health'], response: { 200: ok } },
    },
    async () => ({ status: 'ok' as const }),
  );
  app.get(
    '/readyz',
    {
      config: { open: true },
      schema: {
        summary: 'Temporal answers, so requests can be served',
        tags: ['health'],
        response: { 200: ok, ...problems },
      },
    },
    async () => {
      try {
        await deps.gateway.ping();
      } catch {
        throw unavailable(
          'Temporal does not answer.',
          'releases go on by themselves once it is back; nothing is lost',
        );
      }
      return { status: 'ok' as const };
    },
  );
  app.get(
    '/metrics',
    {
      config: { open: true },
      schema: { summary: 'For Prometheus', tags: ['health'], response: { 200: z.string() } },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.render()),
  );
}
