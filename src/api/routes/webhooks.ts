import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { verifyHmac } from '../../integrations/signing/hmac-signature.ts';
import type { HostWebhook } from '../../providers/host/host-kind.ts';
import { findHost, HOST_NAMES } from '../../providers/host/hosts.ts';
import { digestOf } from '../../release/digest.ts';
/**
 * What other programs tell: alerts become incidents, a dispatched workflow starts a release. Each acts in the name of a
 * person of the configuration, with that person's roles and nothing more.
 */
import { ASKED_BUMPS } from '../../release/names.ts';
import type { ProductSettings } from '../../release/settings.ts';
import { principalOf } from '../auth/authenticate.ts';
import { findPerson, type Principal, rolesAt } from '../auth/principal.ts';
import { reportIncident, reportOver } from '../commands/answer-production.ts';
import { keyOfContent } from '../commands/content-key.ts';
import { sendCommand } from '../commands/send-command.ts';
import { startRelease } from '../commands/start-release.ts';
import { ALERT_STATUSES, takeAlerts } from '../commands/take-alerts.ts';
import type { ApiDeps } from '../deps.ts';
import { type ApiProblem, unauthenticated } from '../problem.ts';
import { comment, idempotencyHeaders, problems, productName, severity } from '../schemas/common.ts';
import { commandAnswer, startAnswer } from '../schemas/release.ts';
import { statusOf } from './accepted.ts';
import type { RouteApp } from './route-app.ts';

const alerts = z.looseObject({
  groupKey: z.string().max(10_000).optional(),
  alerts: z
    .array(
      z.looseObject({
        status: z.enum(ALERT_STATUSES),
        labels: z.record(z.string(), z.string()),
        annotations: z.record(z.string(), z.string()).optional(),
        startsAt: z.string().max(100).optional(),
        fingerprint: z.string().max(200).optional(),
      }),
    )
    .max(1_000),
});

const taken = z.object({
  taken: z.array(z.object({ product: z.string(), summary: z.string(), severity })),
  resolved: z.array(z.object({ product: z.string(), summary: z.string() })),
  ignored: z.array(z.object({ summary: z.string(), reason: z.string() })),
});

const generic = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('release'),
    product: productName,
    bump: z.enum(ASKED_BUMPS).optional(),
  }),
  z.strictObject({
    action: z.literal('incident'),
    product: productName,
    summary: comment,
    severity: severity.default('high'),
    dedupKey: z
      .string()
      .min(1)
      .max(1_000)
      .optional()
      .describe('What it is about: while an incident of the same key is open, it is that one'),
    status: z
      .enum(ALERT_STATUSES)
      .default('firing')
      .describe('`resolved`: it is over, which is noted; people still decide'),
  }),
  z.strictObject({ action: z.literal('hold'), product: productName, comment }),
]);

const deliveryHeaders = idempotencyHeaders.extend({
  'webhook-id': idempotencyHeaders.shape['idempotency-key'].describe(
    'As the Standard Webhooks have it: the same one is the same delivery',
  ),
});

/** The doors for programs: alerts, what each host sends, and any other program. */
export function routeWebhooks(app: RouteApp, deps: ApiDeps): void {
  app.post(
    '/webhooks/alertmanager',
    {
      schema: {
        summary: 'Alertmanager: firing alerts become incidents',
        description:
          'Authenticate by `http_config.authorization`. Label `product` names the product, `severity` the severity. A group (`groupKey`) is one incident of each product in it, as bad as its worst alert; that it is resolved is noted there.',
        tags: ['webhooks'],
        body: alerts,
        response: { 202: taken, ...problems },
      },
    },
    async (request, reply) =>
      reply.code(202).send(await takeAlerts(deps, principalOf(request), request.body)),
  );

  app.register(async (root) => {
    const signed = root as unknown as RouteApp;
    // The signature is over the bytes as they came.
    root.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
      try {
        request.rawBody = body as Buffer;
        done(null, JSON.parse(body.toString('utf8')));
      } catch {
        done(Object.assign(new Error('The body is no JSON.'), { statusCode: 400 }));
      }
    });

    for (const name of HOST_NAMES) routeHost(signed, deps, name, findHost(name).webhook);

    signed.post(
      '/webhooks/generic',
      {
        config: { open: true },
        preValidation: async (request) =>
          await checkSignature(deps, request, 'generic_webhook', 'x-windlass-signature'),
        schema: {
          summary: 'Any program: start a release, report an incident, hold',
          description:
            'Signed with the secret `generic_webhook` (HMAC-SHA256, `sha256=HEX`); acts as the person `webhook`. A delivery counts once: by its Idempotency-Key or `webhook-id`, else by its content, for as long as what that began stands.',
          tags: ['webhooks'],
          headers: deliveryHeaders,
          body: generic,
          response: {
            200: z.union([startAnswer, commandAnswer]),
            202: z.union([startAnswer, commandAnswer]),
            ...problems,
          },
        },
      },
      async (request, reply) => {
        const { body } = request;
        const principal = actAs(deps, 'webhook');
        const given = request.headers['idempotency-key'] ?? request.headers['webhook-id'];
        const content = createHash('sha256')
          .update(request.rawBody ?? '')
          .digest('hex');
        if (body.action === 'release') {
          const { product, bump } = body;
          const answer = await startRelease(deps, principal, {
            product,
            ...(bump === undefined ? {} : { bump }),
            via: 'webhook',
            ...(given === undefined ? { key: content, keyIsContent: true } : { key: given }),
          });
          return reply.code(statusOf(answer)).send(answer);
        }
        if (body.action === 'hold') {
          const wish = { name: body.action, product: body.product, comment: body.comment };
          const key = given ?? (await keyOfContent(deps, principal, wish, content));
          const answer = await sendCommand(deps, principal, { ...wish, key });
          return reply.code(statusOf(answer)).send(answer);
        }
        const { action: name, product, summary, severity: how, dedupKey, status } = body;
        const about = dedupKey === undefined ? {} : { incidentKey: `generic/${digestOf(dedupKey)}` };
        const wish = { name, product, comment: summary, ...about };
        if (status === 'resolved') {
          return reply.code(202).send(await reportOver(deps, principal, { ...wish, over: true }));
        }
        const report = { ...wish, severity: how };
        const key = given ?? (await keyOfContent(deps, principal, report, content));
        const answer = await reportIncident(deps, principal, { ...report, key });
        return reply.code(statusOf(answer)).send(answer);
      },
    );
  });
}

/** A host's own way to ask for a release, where it has one. */
function routeHost(app: RouteApp, deps: ApiDeps, name: string, webhook: HostWebhook | undefined): void {
  if (webhook === undefined) return;
  app.post(
    `/webhooks/${name}`,
    {
      config: { open: true },
      preValidation: async (request) => {
        const { header } = webhook;
        const secret = findSecret(deps, `${name}_webhook`);
        const given = String(request.headers[header] ?? '');
        if (!(await webhook.verify(secret, request.rawBody ?? Buffer.alloc(0), given)))
          throw refuseSignature(header);
      },
      schema: {
        summary: webhook.summary,
        description: `Signed with the secret \`${name}_webhook\`; acts as the person \`${name}\`.`,
        tags: ['webhooks'],
        body: webhook.body,
        response: {
          200: z.union([z.object({ ignored: z.string() }), startAnswer]),
          202: startAnswer,
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const wish = webhook.read(request.headers, request.body);
      if ('ignored' in wish) return reply.code(200).send(wish);
      const answer = await startRelease(deps, actAs(deps, name), {
        product: wish.product ?? findByProject(deps, name, wish.project) ?? '',
        bump: wish.bump,
        via: 'webhook',
        ...(wish.sender === undefined ? {} : { askedThrough: [nameSender(deps, wish.sender)] }),
        ...(wish.key === undefined ? {} : { key: wish.key }),
      });
      return reply.code(statusOf(answer)).send(answer);
    },
  );
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The body's bytes, for routes whose senders sign them. */
    rawBody?: Buffer;
  }
}

/** @throws ApiProblem 401. */
async function checkSignature(
  deps: ApiDeps,
  request: FastifyRequest,
  secretName: string,
  header: string,
): Promise<void> {
  const given = String(request.headers[header] ?? '');
  const body = request.rawBody ?? Buffer.alloc(0);
  if (!(await verifyHmac(findSecret(deps, secretName), body, given))) throw refuseSignature(header);
}

/** @throws ApiProblem 401. */
function findSecret(deps: ApiDeps, name: string): string {
  const secret = deps.secret(name);
  if (secret !== undefined) return secret;
  throw unauthenticated(`This webhook is not set up: there is no secret "${name}".`);
}

function refuseSignature(header: string): ApiProblem {
  return unauthenticated(`The signature in ${header} does not hold.`);
}

/** @throws ApiProblem 401 when the configuration has nobody of that name. */
function actAs(deps: ApiDeps, name: string): Principal {
  const person = findPerson(deps.installation, name);
  if (!person)
    throw unauthenticated(`Nobody named "${name}" is in the configuration, so this webhook may do nothing.`);
  return { name, displayName: person.displayName, roles: rolesAt(person, deps.clock()), via: 'token' };
}

/** The person of that login, however it is written there; else the login as it is. */
function nameSender(deps: ApiDeps, login: string): string {
  const known = deps.installation.people.find(({ name }) => name.toLowerCase() === login.toLowerCase());
  return known?.name ?? login;
}

function findByProject(deps: ApiDeps, kind: string, project: string | undefined): string | undefined {
  const isIt = ({ host }: ProductSettings) =>
    host?.kind === kind && host.project.toLowerCase() === project?.toLowerCase();
  return Object.values(deps.installation.products).find(isIt)?.name;
}
