import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { listLogs } from '../../../release/record/step-logs.ts';
import type { StoreRef } from '../../../release/store-ref.ts';
import type { ApiDeps } from '../../deps.ts';
import { notFound } from '../../problem.ts';
import { requireArchived, requireCurrent } from '../../read-release.ts';
import { flowQuery, problems, productParams, releaseId } from '../../schemas/common.ts';
import type { RouteApp } from '../route-app.ts';

const PATH = '/releases/:product/steps/:step/log';
const params = productParams.extend({
  step: z
    .string()
    .regex(/^[a-z][a-z0-9_.-]{0,199}$/)
    .describe('Id of a step, as in the record'),
});
const querystring = flowQuery.extend({
  release: releaseId.optional().describe('One that has ended; the current one where nothing is said'),
});

/** All that the scripts of a step wrote, for programs. */
export function routeStepLog(app: RouteApp, deps: ApiDeps): void {
  app.get(
    PATH,
    {
      schema: {
        summary: "The whole log of a step's last try, as its scripts wrote it, secrets masked",
        tags: ['releases'],
        params,
        querystring,
        response: { 200: z.any().describe('Text, in pieces as long as the log is'), ...problems },
      },
      serializerCompiler: () => (text) => text as never,
    },
    async (request, reply) => await sendLog(deps, reply, { ...request.params, ...request.query }),
  );
}

/** The same beside the release's page, for whoever is signed in there. */
export function routeStepLogPage(app: RouteApp, deps: ApiDeps): void {
  app.get(
    PATH,
    { config: { page: true }, schema: { params, querystring } },
    async (request, reply) => await sendLog(deps, reply, { ...request.params, ...request.query }),
  );
}

async function sendLog(
  deps: ApiDeps,
  reply: FastifyReply,
  { product, step: id, kind, release }: z.output<typeof params> & z.output<typeof querystring>,
) {
  const record = release === undefined ? undefined : await requireArchived(deps, product, release);
  const { steps } = record ?? (await requireCurrent(deps, product, kind)).record;
  const step = steps.find((one) => one.id === id);
  const digests = step === undefined ? [] : listLogs(step);
  const [first] = digests;
  if (first === undefined) {
    throw notFound(
      step === undefined
        ? `There is no step ${id}.`
        : `The step ${id} left no log: it ran no script, or runs still.`,
      `see "windlass log ${product}" for those that did`,
    );
  }
  const begun = await deps.gateway.openBytes(first);
  if (begun === undefined) throw noLonger();
  return reply
    .header('content-security-policy', "sandbox; default-src 'none'; frame-ancestors 'none'")
    .header('content-disposition', `inline; filename="${product}-${id}.log"`)
    .type('text/plain; charset=utf-8')
    .send(Readable.from(joinLogs(deps, begun, digests), { objectMode: false }));
}

/** One after another, each opened when its turn comes; several are told apart. */
async function* joinLogs(
  deps: ApiDeps,
  begun: AsyncIterable<Uint8Array>,
  digests: StoreRef['digest'][],
): AsyncGenerator<Uint8Array> {
  for (const [index, digest] of digests.entries()) {
    if (digests.length > 1)
      yield Buffer.from(`${index === 0 ? '' : '\n'}=== script ${index + 1} of ${digests.length}\n`);
    const log = index === 0 ? begun : await deps.gateway.openBytes(digest);
    if (log === undefined) yield Buffer.from('(it is not in the store of this API any more)\n');
    else yield* log;
  }
}

function noLonger() {
  return notFound(
    'The log is not in the store of this API.',
    'let the API and the workers use the same store; a log that retention has removed is gone',
  );
}
