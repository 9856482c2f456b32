import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { COMMANDS, PLAIN_COMMAND_NAMES } from '../../release/commands/command-table.ts';
import { mayDo } from '../../release/commands/permissions.ts';
import { API_MS } from '../../release/policy/inner-times.ts';
import { principalOf } from '../auth/authenticate.ts';
import { dismissIncident, reportIncident, rollBack } from '../commands/answer-production.ts';
import type { CommandWish } from '../commands/command-wish.ts';
import { requireProduct } from '../commands/find-product.ts';
import { sendCommand } from '../commands/send-command.ts';
import { type ApiDeps, permissionsOf } from '../deps.ts';
import type { FlowKind } from '../flows.ts';
import { forbidden } from '../problem.ts';
import {
  answers,
  comment,
  environmentName,
  flowQuery,
  idempotencyHeaders,
  incidentId,
  problems,
  productParams,
  severity,
  version,
} from '../schemas/common.ts';
import { commandAnswer, startAnswer } from '../schemas/release.ts';
import { statusOf } from './accepted.ts';
import type { RouteApp } from './route-app.ts';

/** Everything that people tell a release in flight besides approvals. */
export function routeCommands(app: RouteApp, deps: ApiDeps): void {
  const answer = { 200: commandAnswer, 202: commandAnswer, ...problems };
  const common = {
    tags: ['commands'],
    params: productParams,
    querystring: flowQuery,
    headers: idempotencyHeaders,
    response: answer,
  };

  for (const name of PLAIN_COMMAND_NAMES) {
    const { path } = COMMANDS[name];
    // The others say more than why, and have paths of their own below.
    if (path === undefined) continue;
    app.post(
      `/releases/:product/${path}`,
      {
        schema: {
          ...common,
          summary: `${capital(COMMANDS[name].does)}`,
          // No body at all is the same as an empty one: `curl -X POST` does what it says.
          body: z.strictObject({ comment: comment.optional(), answers: answers.optional() }).nullish(),
        },
      },
      async (request, reply) =>
        await send(deps, request, reply, request.params.product, {
          name,
          comment: request.body?.comment,
          ...(request.body?.answers === undefined ? {} : { answers: request.body.answers }),
        }),
    );
  }

  app.post(
    '/releases/:product/rollback',
    {
      schema: {
        ...common,
        response: {
          200: z.union([commandAnswer, startAnswer]),
          202: z.union([commandAnswer, startAnswer]),
          ...problems,
        },
        summary: 'Put the previous version back into production',
        description:
          'To the deployment that is in flight; else it starts the rollback of the version that is live.',
        body: z
          .strictObject({
            comment: comment.optional(),
            from: version.optional().describe('What is to go: refused where another version runs by now'),
            to: version.optional().describe('An earlier version than the last'),
            environment: environmentName
              .optional()
              .describe('One production environment of what is long live; all of them unless it is named'),
          })
          .nullish(),
      },
    },
    async (request, reply) => {
      const { comment: why, from, to, environment } = request.body ?? {};
      const key = request.headers['idempotency-key'];
      const answer = await rollBack(deps, principalOf(request), {
        name: 'rollback',
        product: request.params.product,
        kind: request.query.kind,
        ...(why === undefined ? {} : { comment: why }),
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
        ...(environment === undefined ? {} : { environment }),
        ...(key === undefined ? {} : { key }),
      });
      return reply.code(statusOf(answer)).send(answer);
    },
  );

  app.post(
    '/releases/:product/incidents',
    {
      schema: {
        ...common,
        summary: 'Report an incident in production',
        body: z.strictObject({
          summary: comment,
          severity: severity.optional().describe('Not known: asked for, and high meanwhile'),
          incident: incidentId.optional().describe('Rates this incident anew, instead of reporting another'),
        }),
      },
    },
    async (request, reply) =>
      await send(
        deps,
        request,
        reply,
        request.params.product,
        {
          name: 'incident',
          comment: request.body.summary,
          ...(request.body.severity === undefined ? {} : { severity: request.body.severity }),
          ...(request.body.incident === undefined ? {} : { incidentId: request.body.incident }),
        },
        reportIncident,
      ),
  );

  app.post(
    '/releases/:product/dismiss',
    {
      schema: {
        ...common,
        summary: 'Dismiss an incident, with a reason',
        description: 'Of the release that is being watched, or of the version that is long live.',
        body: z
          .strictObject({
            comment: comment.optional(),
            incident: incidentId.optional().describe('Which one; needed where several are open'),
            hotfixInMs: z
              .number()
              .int()
              .min(1_000)
              .max(API_MS.longestExtension)
              .optional()
              .describe('A medium incident: how long a hotfix will take; too long rolls back'),
          })
          .nullish(),
      },
    },
    async (request, reply) => {
      const { comment: why, hotfixInMs, incident } = request.body ?? {};
      const wanted = {
        name: 'dismiss' as const,
        comment: why,
        ...(hotfixInMs === undefined ? {} : { extendMs: hotfixInMs }),
        ...(incident === undefined ? {} : { incidentId: incident }),
      };
      return await send(deps, request, reply, request.params.product, wanted, dismissIncident);
    },
  );

  app.post(
    '/releases/:product/monitoring/extend',
    {
      schema: {
        ...common,
        summary: 'Lengthen the monitoring window',
        body: z.strictObject({
          extendMs: z
            .number()
            .int()
            .min(1_000)
            .max(API_MS.longestExtension)
            .describe('By how much, in milliseconds'),
          comment: comment.optional(),
        }),
      },
    },
    async (request, reply) =>
      await send(deps, request, reply, request.params.product, {
        name: 'extend_monitoring',
        comment: request.body.comment,
        extendMs: request.body.extendMs,
      }),
  );

  app.post(
    '/releases/:product/notes',
    {
      schema: {
        ...common,
        summary: 'Replace changelog entry or release notes during their review',
        body: z
          .strictObject({ changelog: text(), notes: text(), comment: comment.optional() })
          .refine((body) => body.changelog !== undefined || body.notes !== undefined, {
            error: 'give changelog, notes or both',
          }),
      },
    },
    async (request, reply) => {
      const { changelog, notes, comment: why } = request.body;
      return await send(deps, request, reply, request.params.product, {
        ...(await storeTexts(deps, request, { changelog, notes })),
        comment: why,
      });
    },
  );
}

/**
 * Puts edited texts into the store and gives the command that names them by digest: what is signed is short, and what
 * it means cannot change. Checked first, so that nobody without the right fills the store.
 */
export async function storeTexts(
  deps: ApiDeps,
  request: FastifyRequest,
  texts: { changelog?: string | undefined; notes?: string | undefined },
): Promise<Pick<CommandWish, 'name' | 'changelog' | 'notes'>> {
  requireProduct(deps, (request.params as { product: string }).product);
  const principal = principalOf(request);
  if (!mayDo(permissionsOf(deps), 'edit_notes', principal.roles)) {
    throw forbidden(`${principal.name} may not edit changelog and notes.`, 'ask the Release Manager');
  }
  const put = async (one: string | undefined) =>
    one === undefined ? undefined : (await deps.gateway.writeText(one.replace(/\r\n?/g, '\n'))).digest;
  const [changelog, notes] = await Promise.all([put(texts.changelog), put(texts.notes)]);
  return {
    name: 'edit_notes',
    ...(changelog === undefined ? {} : { changelog }),
    ...(notes === undefined ? {} : { notes }),
  };
}

type Wanted = Pick<
  CommandWish,
  'name' | 'answers' | 'severity' | 'extendMs' | 'incidentId' | 'changelog' | 'notes'
> & {
  comment: string | undefined;
};

async function send(
  deps: ApiDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  product: string,
  { comment: why, ...wanted }: Wanted,
  act = sendCommand,
) {
  const key = request.headers['idempotency-key'];
  const { kind } = request.query as { kind?: FlowKind };
  const answer = await act(deps, principalOf(request), {
    ...wanted,
    product,
    ...(kind === undefined ? {} : { kind }),
    ...(why === undefined ? {} : { comment: why }),
    ...(typeof key === 'string' ? { key } : {}),
  });
  return reply.code(statusOf(answer)).send(answer);
}

function text() {
  return z
    .string()
    .min(1)
    .max(50_000)
    .regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/, 'no control characters')
    .optional();
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
