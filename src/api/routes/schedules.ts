import { z } from 'zod';
import { principalOf } from '../auth/authenticate.ts';
import { findProduct } from '../commands/send-command.ts';
import { checkStarter } from '../commands/start-release.ts';
import type { ApiDeps } from '../deps.ts';
import { notFound } from '../problem.ts';
import { idempotencyHeaders, problems, productParams, time } from '../schemas/common.ts';
import type { RouteApp } from './route-app.ts';

const schedule = z.object({
  id: z.string(),
  product: z.string(),
  paused: z.boolean(),
  note: z.string(),
  nextTimes: z.array(time),
});

/** The calendar's releases: when they come, and one now. */
export function routeSchedules(app: RouteApp, deps: ApiDeps): void {
  app.get(
    '/schedules',
    {
      schema: {
        summary: 'Scheduled releases',
        tags: ['schedules'],
        response: { 200: z.object({ schedules: z.array(schedule) }), ...problems },
      },
    },
    async () => ({ schedules: await deps.gateway.listSchedules() }),
  );

  app.post(
    '/schedules/:product/trigger',
    {
      schema: {
        summary: 'Do now what the schedule would do at its time',
        description: 'While a release is in flight, Temporal skips it: triggering twice starts one.',
        tags: ['schedules'],
        params: productParams,
        headers: idempotencyHeaders,
        response: { 202: z.object({ accepted: z.literal(true), id: z.string() }), ...problems },
      },
    },
    async (request, reply) => {
      findProduct(deps, request.params.product);
      checkStarter(deps, principalOf(request));
      const schedules = await deps.gateway.listSchedules();
      const found = schedules.find((one) => one.product === request.params.product);
      if (!found) {
        throw notFound(
          `${request.params.product} has no schedule.`,
          'configure one, then: windlass schedule apply',
        );
      }
      await deps.gateway.triggerSchedule(found.id);
      return reply.code(202).send({ accepted: true as const, id: found.id });
    },
  );
}
