import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { ApiDeps } from '../../deps.ts';
import { notFound } from '../../problem.ts';
import { requireCurrent } from '../../read-release.ts';
import { flowQuery, problems, productParams } from '../../schemas/common.ts';
import type { RouteApp } from '../route-app.ts';

/**
 * What a report may do in a browser: look as it likes, by its own styles and pictures, and nothing else. A program of
 * the product wrote it, and it is shown from the address at which people are signed in.
 */
const HARMLESS =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'";

const PATH = '/releases/:product/gates/:gate/report';
const params = productParams.extend({ gate: z.string().regex(/^[a-z][a-z0-9_-]{0,49}$/) });

/** The file that a gate's script left for people, for programs. */
export function routeGateReport(app: RouteApp, deps: ApiDeps): void {
  app.get(
    PATH,
    {
      schema: {
        summary: 'The report that a gate left, as its script wrote it, in its own media type',
        tags: ['releases'],
        params,
        querystring: flowQuery,
        response: { 200: z.any().describe('The file'), ...problems },
      },
      // The file as it is; a serializer would make JSON of it.
      serializerCompiler: () => (file) => file as never,
    },
    async (request, reply) => await sendReport(deps, reply, { ...request.params, ...request.query }),
  );
}

/** The same beside the release's page, for whoever is signed in there. */
export function routeGateReportPage(app: RouteApp, deps: ApiDeps): void {
  app.get(
    PATH,
    { config: { page: true }, schema: { params, querystring: flowQuery } },
    async (request, reply) => await sendReport(deps, reply, { ...request.params, ...request.query }),
  );
}

async function sendReport(
  deps: ApiDeps,
  reply: FastifyReply,
  { product, gate, kind }: z.output<typeof params> & z.output<typeof flowQuery>,
) {
  const { record } = await requireCurrent(deps, product, kind);
  const report = record.gates.find((one) => one.gate === gate)?.report;
  if (!report)
    throw notFound(`The gate ${gate} left no report.`, 'see `gates` of the record for those that did');
  const bytes = await deps.gateway.readBytes(report);
  if (bytes === undefined) {
    throw notFound(
      'The report is not in the store of this API.',
      'let the API and the workers use the same store',
    );
  }
  return reply
    .header('content-security-policy', HARMLESS)
    .header('content-disposition', `inline; filename="${gate}-report"`)
    .type(report.mediaType ?? 'text/plain')
    .send(bytes);
}
