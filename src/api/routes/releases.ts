import { z } from 'zod';
import { ASKED_BUMPS } from '../../release/names.ts';
import { PHASES } from '../../release/record/record.ts';
import { principalOf } from '../auth/authenticate.ts';
import { requireProduct } from '../commands/find-product.ts';
import { releaseUrl, startRelease } from '../commands/start-release.ts';
import type { ApiDeps } from '../deps.ts';
import { LISTED_STATUSES } from '../gateway.ts';
import { listPage } from '../list-every.ts';
import { presentRelease, readTexts, requireArchived, requireCurrent } from '../read-release.ts';
import {
  deployAt,
  flowQuery,
  idempotencyHeaders,
  personName,
  problems,
  productName,
  productParams,
  releaseId,
  releaseType,
  version,
} from '../schemas/common.ts';
import {
  listing,
  presentEntries,
  presentRecord,
  releaseRecord,
  releaseView,
  startAnswer,
  timelineEntry,
} from '../schemas/release.ts';
import { statusOf } from './accepted.ts';
import type { RouteApp } from './route-app.ts';

const filters = z.object({
  product: productName.optional(),
  status: z.enum(LISTED_STATUSES).default('all'),
  phase: z.enum([...PHASES, 'done']).optional(),
  type: releaseType.optional(),
  outcome: z.enum(['released', 'rolled_back', 'aborted', 'nothing_to_release', 'failed']).optional(),
  requestedBy: personName.optional(),
  waitingFor: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9 ,._-]{0,99}$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,2000}$/)
    .optional(),
});

const startBody = z
  .strictObject({
    product: productName,
    bump: z.enum(ASKED_BUMPS).optional(),
    version: version.optional(),
    deployAt: deployAt.optional(),
  })
  .refine((body) => body.bump === undefined || body.version === undefined, {
    error: 'give a bump or a version, not both',
  });

/** Start, list and read releases. */
export function routeReleases(app: RouteApp, deps: ApiDeps): void {
  app.post(
    '/releases',
    {
      schema: {
        summary: 'Start a release',
        tags: ['releases'],
        headers: idempotencyHeaders,
        body: startBody,
        response: { 200: startAnswer, 202: startAnswer, ...problems },
      },
    },
    async (request, reply) => {
      const { product, bump, version: exact, deployAt: at } = request.body;
      const key = request.headers['idempotency-key'];
      const answer = await startRelease(deps, principalOf(request), {
        product,
        ...(bump === undefined ? {} : { bump }),
        ...(exact === undefined ? {} : { version: exact }),
        ...(at === undefined ? {} : { deployAt: at }),
        via: request.headers['user-agent']?.startsWith('windlass-cli') ? 'cli' : 'api',
        ...(key === undefined ? {} : { key }),
      });
      return reply.code(statusOf(answer)).header('location', `/v1/releases/${product}`).send(answer);
    },
  );

  app.get(
    '/releases',
    {
      schema: {
        summary: 'Releases in flight and past ones that Temporal still knows, up to a second ago',
        tags: ['releases'],
        querystring: filters,
        response: {
          200: z.object({
            releases: z.array(listing),
            cursor: z.string().optional(),
            more: z.number().int().optional().describe('How many there are beyond the first page'),
          }),
          ...problems,
        },
      },
    },
    async (request) => {
      const { product, phase, type, outcome, requestedBy, waitingFor, cursor, ...rest } = request.query;
      const { limit, ...one } = rest;
      const filter = {
        ...one,
        ...(product === undefined ? {} : { product }),
        ...(phase === undefined ? {} : { phase }),
        ...(type === undefined ? {} : { type }),
        ...(outcome === undefined ? {} : { outcome }),
        ...(requestedBy === undefined ? {} : { requestedBy }),
        ...(waitingFor === undefined ? {} : { waitingFor: waitingFor.split(',').map((word) => word.trim()) }),
      };
      const page = await listPage(deps.gateway, filter, limit, cursor);
      const releases = page.releases.map((line) => ({
        ...line,
        url: releaseUrl(deps, line.product, line.kind),
      }));
      return { ...page, releases };
    },
  );

  app.get(
    '/releases/:product',
    {
      schema: {
        summary: 'The release of a product that is in flight, else its last one',
        tags: ['releases'],
        params: productParams,
        querystring: flowQuery,
        response: { 200: releaseView, ...problems },
      },
    },
    async (request) =>
      presentRelease(
        deps,
        await requireCurrent(deps, request.params.product, request.query.kind),
        principalOf(request),
      ),
  );

  app.get(
    '/releases/:product/timeline',
    {
      schema: {
        summary: 'What happened, oldest first, chained by digest',
        tags: ['releases'],
        params: productParams,
        querystring: flowQuery,
        response: {
          200: z.object({
            releaseId: z.string(),
            total: z.number().int(),
            chain: z.string(),
            timeline: z.array(timelineEntry),
          }),
          ...problems,
        },
      },
    },
    async (request) => {
      const { record } = await requireCurrent(deps, request.params.product, request.query.kind);
      const { releaseId: id, timeline, timelineTotal, chain } = record;
      return {
        releaseId: id,
        total: timelineTotal,
        chain,
        timeline: presentEntries(timeline, record),
      };
    },
  );

  app.get(
    '/releases/:product/texts',
    {
      schema: {
        summary: 'Changelog entry and release notes of the present plan, Markdown',
        tags: ['releases'],
        params: productParams,
        querystring: flowQuery,
        response: { 200: z.object({ changelog: z.string(), notes: z.string() }), ...problems },
      },
    },
    async (request) => {
      const { record } = await requireCurrent(deps, request.params.product, request.query.kind);
      return await readTexts(deps, record);
    },
  );

  app.get(
    '/releases/:product/archive',
    {
      schema: {
        summary: 'Ids of the releases that have ended, kept for good',
        tags: ['releases'],
        params: productParams,
        response: { 200: z.object({ releases: z.array(z.string()) }), ...problems },
      },
    },
    async (request) => {
      requireProduct(deps, request.params.product);
      return { releases: await deps.gateway.listArchived(request.params.product) };
    },
  );

  app.get(
    '/releases/:product/archive/:releaseId',
    {
      schema: {
        summary: 'The record of a release that has ended',
        tags: ['releases'],
        params: productParams.extend({ releaseId }),
        response: { 200: releaseRecord, ...problems },
      },
    },
    async (request) => {
      const { product, releaseId: id } = request.params;
      return presentRecord(await requireArchived(deps, product, id));
    },
  );
}
