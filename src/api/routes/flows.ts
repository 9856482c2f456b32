import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { LOAD_PROFILES } from '../../release/names.ts';
import { API_MS } from '../../release/policy/inner-times.ts';
import { STRATEGY_NAMES } from '../../release/policy/strategies.ts';
import { principalOf } from '../auth/authenticate.ts';
import { requireStartable } from '../commands/find-product.ts';
import { type StartWish, startRelease } from '../commands/start-release.ts';
import type { ApiDeps } from '../deps.ts';
import type { FlowKind } from '../flows.ts';
import { notFound } from '../problem.ts';
import { deployAt, idempotencyHeaders, problems, productName, version } from '../schemas/common.ts';
import { startAnswer } from '../schemas/release.ts';
import { statusOf } from './accepted.ts';
import type { RouteApp } from './route-app.ts';

/** Flows besides releases: each is followed, steered and approved like one, with `?kind=` on the release's paths. */
export function routeFlows(app: RouteApp, deps: ApiDeps): void {
  const schema = {
    tags: ['flows'],
    headers: idempotencyHeaders,
    response: { 200: startAnswer, 202: startAnswer, ...problems },
  };

  app.post(
    '/hotfixes',
    {
      schema: {
        ...schema,
        summary: 'Start a hotfix on top of what production runs',
        description:
          'It has right of way over a release in flight. Whoever asks for it or wrote it cannot approve it alone.',
        body: z.strictObject({
          product: productName,
          commits: z
            .array(z.string().regex(/^[0-9a-f]{7,40}$/))
            .max(50)
            .default([]),
          branch: z
            .string()
            .regex(/^(?!.*(?:\.\.|\/\/|\.lock$|@\{))[A-Za-z0-9_][A-Za-z0-9._/+-]{0,98}$/)
            .optional(),
          version: version.optional().describe('Where nothing is said, the next free patch version'),
          careful: z.boolean().default(false).describe('Blue-green instead of every instance at once'),
        }),
      },
    },
    async (request, reply) => {
      const { product, version: exact, ...more } = request.body;
      const wish = { product, kind: 'hotfix', bump: 'patch', more } as const;
      const wanted = exact === undefined ? wish : { ...wish, version: exact };
      return await start(request, reply, wanted);
    },
  );

  app.post(
    '/deployments',
    {
      schema: {
        ...schema,
        summary: 'Deploy a released version to an environment',
        body: z.strictObject({
          product: productName,
          environment: z.string().max(50),
          version,
          strategy: z.enum(STRATEGY_NAMES).optional(),
          deployAt: deployAt.optional(),
        }),
      },
    },
    async (request, reply) => {
      const { product, environment, strategy, version: exact, deployAt: at } = request.body;
      const known = requireStartable(deps, product).environments.map(({ name }) => name);
      if (!known.includes(environment)) {
        throw notFound(
          `${product} has no environment of that name.`,
          `known environments: ${known.join(', ') || 'none'}`,
        );
      }
      const kind: FlowKind = `deployment-${environment}`;
      const more = { environment, ...(strategy === undefined ? {} : { strategy }) };
      return await start(request, reply, {
        product,
        kind,
        version: exact,
        more,
        ...(at === undefined ? {} : { deployAt: at }),
      });
    },
  );

  app.post(
    '/monitorings',
    {
      schema: {
        ...schema,
        summary: 'Watch production for a while, as after a release',
        body: z.strictObject({
          product: productName,
          windowMs: z.number().int().min(1_000).max(API_MS.longestWindow),
        }),
      },
    },
    async (request, reply) => {
      const { product, windowMs } = request.body;
      return await start(request, reply, { product, kind: 'monitoring', more: { windowMs } });
    },
  );

  app.post(
    '/gates',
    {
      schema: {
        ...schema,
        summary: 'Plan, build and run the quality gates; nothing is pushed',
        body: z.strictObject({ product: productName, profile: z.enum(LOAD_PROFILES).optional() }),
      },
    },
    async (request, reply) => {
      const { product, profile } = request.body;
      const more = profile === undefined ? {} : { profile };
      return await start(request, reply, { product, kind: 'gates', more });
    },
  );

  type Asked = Parameters<typeof principalOf>[0] & { headers: { 'idempotency-key'?: string | undefined } };
  const start = async (request: Asked, reply: FastifyReply, wish: Omit<StartWish, 'via'>) => {
    const key = request.headers['idempotency-key'];
    const answer = await startRelease(deps, principalOf(request), {
      ...wish,
      via: request.headers['user-agent']?.startsWith('windlass-cli') ? 'cli' : 'api',
      ...(key === undefined ? {} : { key }),
    });
    return reply.code(statusOf(answer)).send(answer);
  };
}
