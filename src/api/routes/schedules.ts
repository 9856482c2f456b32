import { z } from 'zod';
import { isSprintEnd } from '../../release/calendar/calendar.ts';
import { principalOf } from '../auth/authenticate.ts';
import { requireStartable } from '../commands/find-product.ts';
import { checkStarter, releaseUrl } from '../commands/start-release.ts';
import type { ApiDeps } from '../deps.ts';
import { conflict, notFound } from '../problem.ts';
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
        description:
          'Refused while a release is in flight. In a week that ends no sprint it starts nothing, and `nothing` says so.',
        tags: ['schedules'],
        params: productParams,
        headers: idempotencyHeaders,
        response: {
          202: z.object({
            accepted: z.literal(true),
            id: z.string(),
            nothing: z.string().optional().describe('Why nothing comes of it, where that is known'),
          }),
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const product = requireStartable(deps, request.params.product);
      checkStarter(deps, principalOf(request));
      const schedules = await deps.gateway.listSchedules();
      const found = schedules.find((one) => one.product === request.params.product);
      if (!found) {
        throw notFound(
          `${request.params.product} has no schedule.`,
          'configure one, then: windlass schedule apply',
        );
      }
      const current = await deps.gateway.readCurrent(product.name);
      if (current?.open) {
        throw conflict(
          'in-flight',
          `A release of ${product.name} is in flight: ${current.record.releaseId}. The schedule would start nothing now.`,
          'wait for it to end, or abort it; one product has one release at a time',
          { releaseId: current.record.releaseId, url: releaseUrl(deps, product.name) },
        );
      }
      await deps.gateway.triggerSchedule(found.id);
      const isOff = product.schedule && !isSprintEnd(product.schedule, deps.clock().getTime());
      const nothing = `No sprint of ${product.name} ends this week: the schedule starts nothing now. To start a release yourself: windlass release ${product.name}`;
      return reply.code(202).send({ accepted: true as const, id: found.id, ...(isOff ? { nothing } : {}) });
    },
  );
}
