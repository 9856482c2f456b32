import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { CommandName } from '../../../contracts/commands.ts';
import { COMMAND_NAMES } from '../../../release/commands/command-table.ts';
import { mayStart } from '../../../release/commands/permissions.ts';
import { ASKED_BUMPS } from '../../../release/names.ts';
import { principalOf } from '../../auth/authenticate.ts';
import { reportIncident, rollBack } from '../../commands/answer-production.ts';
import { listStopped, requireProduct, requireStartable, whyStopped } from '../../commands/find-product.ts';
import { listActions } from '../../commands/list-actions.ts';
import { sendCommand } from '../../commands/send-command.ts';
import { startRelease } from '../../commands/start-release.ts';
import { type ApiDeps, permissionsOf } from '../../deps.ts';
import { flowOf } from '../../flows.ts';
import { listEvery } from '../../list-every.ts';
import { type FormSeal, renderConfirm, renderEdit, renderStartForm } from '../../page/forms.ts';
import { render } from '../../page/html.ts';
import { renderList } from '../../page/list-page.ts';
import { pagePath } from '../../page/paths.ts';
import { renderLive, renderRelease } from '../../page/release-page.ts';
import { listOffered, listRunning, readTexts, requireCurrent } from '../../read-release.ts';
import {
  answers,
  comment,
  flowQuery,
  gateKey,
  incidentId,
  productParams,
  role,
  severity,
  version,
} from '../../schemas/common.ts';
import type { Feeds } from '../../watch/feeds.ts';
import { listWaiting } from '../approvals.ts';
import { storeTexts } from '../commands.ts';
import type { RouteApp } from '../route-app.ts';
import { requireAction, viewRelease } from './view-release.ts';

const LISTED = 50;
/** In flight, all of them are shown up to here. */
const MOST_OPEN = 500;
const page = { page: true } as const;

/** What a browser sends for a field that was left empty. */
const emptyAsAbsent = (value: unknown) => (value === '' ? undefined : value);

const command = z.enum(COMMAND_NAMES as [CommandName, ...CommandName[]]);

const actForm = z.object({
  key: z.string().regex(/^[\x21-\x7e]{1,200}$/),
  gate: gateKey.optional(),
  role: role.optional(),
  subject: z.string().max(100).optional(),
  answers: answers.optional(),
  severity: severity.optional(),
  incident: z.preprocess(emptyAsAbsent, incidentId.optional()),
  from: version.optional(),
  minutes: z.coerce.number().int().min(1).max(10_080).optional(),
  comment: z.preprocess(emptyAsAbsent, comment.optional()),
});

/** As browsers send a time of a page's form, which says that it means UTC; empty where none was given. */
const pageTime = z
  .string()
  .regex(/^(?:\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)?$/)
  .optional();

/** The pages: server-rendered, useful without scripts. Every act goes the same way as the API's. */
export function routePages(app: RouteApp, deps: ApiDeps, feeds: Feeds): void {
  const text = (reply: FastifyReply, body: string) => reply.type('text/html; charset=utf-8').send(body);
  const sealOf = (request: FastifyRequest): FormSeal => ({
    csrf: principalOf(request).csrf ?? '',
    key: Buffer.from(deps.random(16)).toString('hex'),
  });

  const paging = z.object({
    older: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,2000}$/)
      .optional(),
  });
  app.get('/', { config: page, schema: { querystring: paging } }, async (request, reply) => {
    const principal = principalOf(request);
    const cursor = request.query.older;
    const [open, closed, waiting] = await Promise.all([
      listEvery(deps.gateway, { status: 'open' }, MOST_OPEN),
      deps.gateway.listReleases({
        status: 'closed',
        limit: LISTED,
        ...(cursor === undefined ? {} : { cursor }),
      }),
      listWaiting(deps, principal),
    ]);
    const busy = open.releases.map((release) => release.product);
    const startable = mayStart(permissionsOf(deps), 'release', principal.roles);
    const products = Object.values(deps.installation.products).filter(
      ({ name }) => !busy.includes(name) && whyStopped(deps, name) === undefined,
    );
    return text(
      reply,
      renderList({
        principal,
        open: open.releases,
        moreOpen: open.more,
        closed: closed.releases,
        ...(closed.cursor === undefined ? {} : { older: closed.cursor }),
        waiting: waiting.waiting,
        moreWaiting: waiting.more,
        stopped: listStopped(deps).map(({ why }) => why),
        startable: startable ? products.map(({ name, title }) => ({ name, title })) : [],
      }),
    );
  });

  app.get(
    '/releases/:product',
    {
      config: page,
      schema: { params: productParams, querystring: flowQuery.extend({ done: command.optional() }) },
    },
    async (request, reply) => {
      const current = await requireCurrent(deps, request.params.product, request.query.kind);
      const { done } = request.query;
      const view = await viewRelease(deps, request, current);
      return text(reply, renderRelease({ ...view, ...(done === undefined ? {} : { done }) }));
    },
  );

  app.get(
    '/releases/:product/live',
    { config: page, schema: { params: productParams, querystring: flowQuery } },
    async (request, reply) => {
      const { product } = request.params;
      const { kind } = request.query;
      requireProduct(deps, product);
      // Whoever asks this is watching: the watcher has the state already.
      const current = feeds.latest({ product, kind }) ?? (await requireCurrent(deps, product, kind));
      return text(reply, render(renderLive(await viewRelease(deps, request, current))));
    },
  );

  app.get(
    '/releases/:product/act/:command',
    {
      config: page,
      schema: {
        params: productParams.extend({ command }),
        querystring: flowQuery.extend({ gate: gateKey.optional() }),
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { kind } = request.query;
      const current = await requireCurrent(deps, request.params.product, kind);
      const { record } = current;
      const runs = await listRunning(deps, current);
      const action = requireAction(
        listOffered(deps, current, principal, runs),
        request.params.command,
        request.query.gate,
      );
      const notes =
        record.plan && request.query.gate ? await deps.gateway.readText(record.plan.notes) : undefined;
      const shown = { principal, record, kind, action, ...(notes === undefined ? {} : { notes }) };
      return text(reply, renderConfirm({ ...shown, seal: sealOf(request) }));
    },
  );

  app.post(
    '/releases/:product/act/:command',
    {
      config: page,
      schema: { params: productParams.extend({ command }), querystring: flowQuery, body: actForm },
    },
    async (request, reply) => {
      const { product, command: name } = request.params;
      const {
        comment: why,
        minutes,
        gate,
        role: asked,
        subject,
        severity: how,
        incident,
        from,
        key,
        answers: shown,
      } = request.body;
      const { kind } = request.query;
      const act = name === 'incident' ? reportIncident : name === 'rollback' ? rollBack : sendCommand;
      const answer = await act(deps, principalOf(request), {
        name,
        product,
        kind,
        key,
        ...(gate === undefined ? {} : { gate }),
        ...(asked === undefined ? {} : { role: asked }),
        ...(subject === undefined ? {} : { subject }),
        ...(shown === undefined ? {} : { answers: shown }),
        ...(why === undefined ? {} : { comment: why }),
        ...(how === undefined ? {} : { severity: how }),
        ...(incident === undefined ? {} : { incidentId: incident }),
        ...(from === undefined || name !== 'rollback' ? {} : { from }),
        ...(minutes === undefined ? {} : { extendMs: minutes * 60_000 }),
      });
      // A rollback of what is long live is a flow of its own.
      const flow = 'workflowId' in answer ? flowOf(answer.workflowId) : kind;
      return reply.redirect(pagePath({ product, kind: flow }, '', { done: name }), 303);
    },
  );

  app.get(
    '/releases/:product/edit',
    { config: page, schema: { params: productParams, querystring: flowQuery } },
    async (request, reply) => {
      const principal = principalOf(request);
      const { kind } = request.query;
      const { record } = await requireCurrent(deps, request.params.product, kind);
      requireAction(
        listActions(record, principal, permissionsOf(deps), deps.clock()),
        'edit_notes',
        undefined,
      );
      const texts = await readTexts(deps, record);
      return text(reply, renderEdit({ principal, record, kind, ...texts, seal: sealOf(request) }));
    },
  );

  app.post(
    '/releases/:product/edit',
    {
      config: page,
      schema: {
        params: productParams,
        querystring: flowQuery,
        body: z.object({
          key: z.string().max(200),
          changelog: z.string().max(50_000),
          notes: z.string().max(50_000),
        }),
      },
    },
    async (request, reply) => {
      const { product } = request.params;
      const { kind } = request.query;
      const { key, changelog, notes } = request.body;
      const wish = await storeTexts(deps, request, { changelog, notes });
      await sendCommand(deps, principalOf(request), {
        ...wish,
        product,
        kind,
        key,
        comment: 'edited on the page',
      });
      return reply.redirect(pagePath({ product, kind }, '', { done: 'edit_notes' }), 303);
    },
  );

  app.get('/start/:product', { config: page, schema: { params: productParams } }, async (request, reply) => {
    const product = requireStartable(deps, request.params.product);
    return text(reply, renderStartForm({ principal: principalOf(request), product, seal: sealOf(request) }));
  });

  app.post(
    '/start/:product',
    {
      config: page,
      schema: {
        params: productParams,
        body: z.object({
          key: z.string().max(200),
          bump: z.enum(ASKED_BUMPS),
          at: pageTime,
        }),
      },
    },
    async (request, reply) => {
      const { product } = request.params;
      const { at } = request.body;
      await startRelease(deps, principalOf(request), {
        product,
        bump: request.body.bump,
        ...(at === undefined || at === '' ? {} : { deployAt: `${at}Z` }),
        via: 'api',
        key: request.body.key,
      });
      return reply.redirect(`/releases/${product}`, 303);
    },
  );
}
