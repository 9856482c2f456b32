import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { principalOf } from '../auth/authenticate.ts';
import type { Principal } from '../auth/principal.ts';
import { requireProduct } from '../commands/find-product.ts';
import type { ApiDeps } from '../deps.ts';
import type { FlowKind } from '../flows.ts';
import { ApiProblem, unavailable } from '../problem.ts';
import { flowQuery, problems, productParams } from '../schemas/common.ts';
import type { Feeds } from '../watch/feeds.ts';
import type { Snapshot } from '../watch/release-watch.ts';
import type { RouteApp } from './route-app.ts';

/**
 * The record as it changes, as server-sent events. Each event is the whole record, so a client that was away needs
 * the last one only: `Last-Event-ID` spares it a state that it has seen.
 */
export function routeEvents(app: RouteApp, deps: ApiDeps, feeds: Feeds): void {
  app.get(
    '/releases/:product/events',
    {
      schema: {
        summary: 'The record of the release as it changes (server-sent events)',
        description:
          '`release`: the record. `stale`: Temporal is away, the last state may be old. `signed_out`: token or session have ended, and the stream with them. Comments are heartbeats.',
        tags: ['releases'],
        params: productParams,
        querystring: flowQuery,
        headers: z.object({ 'last-event-id': z.string().max(100).optional() }),
        response: { 200: z.string().describe('text/event-stream'), ...problems },
      },
    },
    async (request, reply) => {
      const { product } = request.params;
      requireProduct(deps, product);
      const person = principalOf(request);
      checkRoom(deps, feeds, person.name);
      const headers = {
        ...reply.getHeaders(),
        'content-type': 'text/event-stream; charset=utf-8',
        'x-accel-buffering': 'no',
      };
      reply.hijack();
      // The request's time limit is for answers that end.
      request.raw.socket.setTimeout(0);
      reply.raw.writeHead(200, headers as Record<string, string>);
      streamTo(
        reply.raw,
        deps,
        feeds,
        { product, kind: request.query.kind },
        person,
        request.headers['last-event-id'],
      );
    },
  );
}

/** @throws ApiProblem 429 or 503 with Retry-After. */
function checkRoom(deps: ApiDeps, feeds: Feeds, person: string): void {
  if (feeds.streams >= deps.limits.streams) {
    throw unavailable(
      'As many people are looking on as this API can serve.',
      'try again later, or ask without a stream',
      30,
    );
  }
  if (feeds.countOf(person) < deps.limits.streamsPerPerson) return;
  throw new ApiProblem({
    status: 429,
    code: 'too-many-streams',
    title: 'Too many streams',
    detail: `${person} has ${deps.limits.streamsPerPerson} open streams.`,
    hint: 'close some of your windows',
    headers: { 'retry-after': '30' },
  });
}

function streamTo(
  raw: ServerResponse,
  deps: ApiDeps,
  feeds: Feeds,
  flow: { product: string; kind: FlowKind },
  person: Principal,
  lastSeen: string | undefined,
): void {
  let seen = lastSeen;
  /** Newest state that a slow reader has not been sent yet: states in between need not be. */
  let pending: Snapshot | undefined;
  let leave = () => {};
  const drop = () => {
    raw.destroy();
  };
  const write = (text: string) => {
    raw.write(text);
    if (raw.writableLength > deps.limits.streamBufferBytes) drop();
  };
  /** Whoever could not open this stream any more is shown nothing more on it. */
  const isOver = () => {
    if (person.expiresAt === undefined || deps.clock().getTime() < person.expiresAt) return false;
    raw.end('event: signed_out\ndata: {}\n\n');
    leave();
    return true;
  };
  const show = (snapshot: Snapshot) => {
    if (snapshot.id === seen || isOver()) return;
    if (raw.writableNeedDrain) {
      pending = snapshot;
      return;
    }
    seen = snapshot.id;
    write(`id: ${snapshot.id}\nevent: release\ndata: ${snapshot.json}\n\n`);
  };
  let undrained = 0;
  const heartbeat = setInterval(() => {
    // Two heartbeats without reading anything: nobody is there.
    undrained = raw.writableNeedDrain ? undrained + 1 : 0;
    if (isOver()) clearInterval(heartbeat);
    else if (undrained >= 2) drop();
    else if (!raw.writableNeedDrain) write(': still here\n\n');
  }, deps.limits.heartbeatMs);
  raw.on('drain', () => {
    const next = pending;
    pending = undefined;
    if (next) show(next);
  });
  raw.on('close', () => {
    clearInterval(heartbeat);
    leave();
  });
  raw.on('error', drop);
  write('retry: 3000\n\n');
  leave = feeds.join(flow, {
    person: person.name,
    onSnapshot: show,
    onStale: () => {
      if (!raw.writableNeedDrain) write('event: stale\ndata: {}\n\n');
    },
    onClose: () => {
      raw.end();
    },
  });
  // Gone while it joined.
  if (raw.destroyed) leave();
}
