import { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { toFailure } from '../activities/fail.ts';

/** Well below the heartbeat time-out of the workflows' crew, so that one late beat does not count as a death. */
const BEAT_MS = 2_000;

/**
 * Beats for every activity while it runs, so that the death of a worker is noticed in seconds and cancellation
 * arrives; and gives every error the type by which workflows and people know what can be done.
 */
export function superviseActivities(): { inbound: ActivityInboundCallsInterceptor } {
  return {
    inbound: {
      async execute(input, next) {
        const context = Context.current();
        context.heartbeat();
        const beat = setInterval(() => context.heartbeat(), BEAT_MS);
        try {
          return await next(input);
        } catch (error) {
          throw toFailure(error);
        } finally {
          clearInterval(beat);
        }
      },
    },
  };
}
