import { z } from 'zod';
import { isSprintEnd } from '../../release/calendar/calendar.ts';
import { principalOf } from '../auth/authenticate.ts';
import { requireStartable } from '../commands/find-product.ts';
import { checkStarter, startRelease } from '../commands/start-release.ts';
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
        description:
          'The release is yours: you asked for it, and cannot be its only approver. Refused while one is in flight. In a week that ends no sprint it starts nothing, and `nothing` says so.',
        tags: ['schedules'],
        params: productParams,
        headers: idempotencyHeaders,
        response: {
          202: z.object({
            accepted: z.literal(true),
            id: z.string(),
            releaseId: z.string().optional().describe('The release that was started, in your name'),
            url: z.string().optional(),
            nothing: z.string().optional().describe('Why nothing comes of it, where that is known'),
          }),
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const product = requireStartable(deps, request.params.product);
      const principal = principalOf(request);
      checkStarter(deps, principal);
      const schedules = await deps.gateway.listSchedules();
      const found = schedules.find((one) => one.product === request.params.product);
      if (!found) {
        throw notFound(
          `${request.params.product} has no schedule.`,
          'configure one, then: windlass schedule apply',
        );
      }
      const accepted = { accepted: true as const, id: found.id };
      if (product.schedule && !isSprintEnd(product.schedule, deps.clock().getTime())) {
        const nothing = `No sprint of ${product.name} ends this week: the schedule starts nothing now. To start a release yourself: windlass release ${product.name}`;
        return reply.code(202).send({ ...accepted, nothing });
      }
      // In the name of whoever asks, who cannot be its only approver: a firing of Temporal's schedule has no name.
      const key = request.headers['idempotency-key'];
      const { releaseId, url } = await startRelease(deps, principal, {
        product: product.name,
        via: 'api',
        ...(key === undefined ? {} : { key }),
      });
      return reply.code(202).send({ ...accepted, releaseId, url });
    },
  );
}
